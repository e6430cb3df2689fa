"""Reads what other services stream as NDJSON."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson

from services.chassis.peers.http_client import UpstreamUnavailable


async def ndjson_rows(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The rows of an answer, one after the other.

    A line ends with LF and nothing else: what Python also takes for the end of a line (U+2028,
    U+0085) may stand in a JSON text as it is.

    Raises:
        UpstreamUnavailable: the answer breaks off.
    """
    rest = b""
    async for chunk in response.aiter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line:
                yield _row(line)
    if rest:
        yield _row(rest)


def _row(line: bytes) -> dict[str, Any]:
    try:
        row: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UpstreamUnavailable from error
    return row
