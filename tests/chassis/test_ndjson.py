"""Lines of NDJSON end with LF and nothing else, wherever the pieces that arrive are cut."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.chassis.peers.http_client import UpstreamUnavailable
from services.chassis.peers.ndjson import ndjson_rows

# All of them end a line for `str.splitlines`.
SEPARATORS = "\u2028\u2029\u0085\x1c\x0b"
NAMES = [*(f"城关{one}小学" for one in SEPARATORS), "小学"]


async def rows_of(content: bytes, piece: int) -> list[dict[str, Any]]:
    """The rows of an answer that arrives in pieces of this size."""

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(content), piece):
            yield content[at : at + piece]

    return [row async for row in ndjson_rows(httpx.Response(200, content=pieces()))]


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
@pytest.mark.parametrize("piece", [1, 7, 1000])
async def test_what_else_python_takes_for_line_ends_is_text(end: str, piece: int) -> None:
    rows = [{"name": name} for name in NAMES]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + end
    assert await rows_of(lines.encode(), piece) == rows


async def test_an_answer_that_breaks_off_is_no_answer() -> None:
    with pytest.raises(UpstreamUnavailable):
        await rows_of(b'{"name": 1}\n{"nam', 5)
