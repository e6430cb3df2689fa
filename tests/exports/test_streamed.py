import asyncio
import gzip
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import xlsxwriter

from services.chassis.core.settings import Settings
from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from services.chassis.exports.content import Content
from services.chassis.exports.selection import Selection
from services.chassis.files.formats import FileKind
from services.schools.main import app
from tests.schools.county import County, codes, read_workbook
from tests.support.tokens import claims


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
async def test_a_stream_can_be_compressed(staffed: County, format_: str) -> None:
    plain = await staffed.call("GET", f"/v1/staff?format={format_}&bom=true")
    packed = await staffed.call("GET", f"/v1/staff?format={format_}&bom=true&compress=gzip")
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["content-type"] == "application/gzip"
    assert packed.headers["content-disposition"] == f'attachment; filename="staff.{format_}.gz"'
    assert "content-encoding" not in packed.headers


@pytest.mark.parametrize("query", ["compress=gzip", "format=xlsx&compress=gzip"])
async def test_pages_and_workbooks_are_not_compressed(county: County, query: str) -> None:
    answer = await county.call("GET", f"/v1/staff?{query}")
    assert (answer.status_code, codes(answer)) == (422, [("/compress", "compress.no_text")])


async def test_a_guarded_cell_stays_in_its_place_in_the_order(staffed: County) -> None:
    pages = await staffed.all("/v1/staff", sort="name", fields="name")
    file = await staffed.call("GET", "/v1/staff?format=ndjson&sort=name&fields=name")
    table = await staffed.call("GET", "/v1/staff?format=xlsx&sort=name&fields=name")
    assert file.text.splitlines() == [f'{{"name":{json_of(row["name"])}}}' for row in pages]
    guarded = [{"name": row["name"].replace("'=1", "''=1")} for row in pages]
    assert read_workbook(table.content) == guarded


def json_of(text: str) -> str:
    """A text as JSON, as PostgreSQL writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


async def test_a_workbook_is_written_in_the_data_folder_and_gone_afterwards(
    staffed: County, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    answer = await staffed.call("GET", "/v1/staff?format=xlsx")
    assert len(read_workbook(answer.content)) == 20
    monkeypatch.setattr("services.chassis.files.workbook.MAX_ROWS", 5)
    refused = await staffed.call("GET", "/v1/staff?format=xlsx")
    assert refused.json()["code"] == "platform.export_too_large"
    assert [path.name for path in (data_dir / "tmp").iterdir()] == ["making"]
    assert (data_dir / "tmp").stat().st_mode & 0o077 == 0


def account(name: str, bureau: str) -> Caller:
    """One of a bureau's accounts."""
    return Caller.from_claims(claims(["bureau_admin"], bureau=bureau, name=name))


def numbers(count: int, value: str = "n") -> Selection:
    """A selection of so many rows that no table holds."""
    rest = f"from generate_series(1, {count}) n order by n"
    return Selection(["n"], ["n"], [int], [], [value], rest)


async def test_a_workbook_is_packed_in_a_thread(
    staffed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    close, threads = xlsxwriter.Workbook.close, list[threading.Thread]()

    def watched(book: xlsxwriter.Workbook) -> None:
        threads.append(threading.current_thread())
        close(book)

    monkeypatch.setattr(xlsxwriter.Workbook, "close", watched)
    await staffed.call("GET", "/v1/staff?format=xlsx")
    assert threads[0] is not threading.current_thread()


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
async def test_who_leaves_early_takes_its_statement_along(staffed: County, format_: str) -> None:
    database = app.state.resources[Database]
    kind, scratch = FileKind(format_), app.state.resources[Settings].scratch_dir
    many = numbers(1_000_000 if format_ == "csv" else 2000, "repeat(n::text, 20)::numeric")
    chunks = Content(database, None, many, kind, scratch).chunks()
    await anext(chunks)
    await chunks.aclose()
    for _ in range(100):
        if database.pool.get_idle_size() == database.pool.get_size():
            break
        await asyncio.sleep(0.02)
    assert database.pool.get_idle_size() == database.pool.get_size()


async def test_long_reads_leave_connections_to_others(
    staffed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = app.state.resources[Database]
    monkeypatch.setattr(database.settings, "acquire_timeout", 0.1)
    async with AsyncExitStack() as stack:
        for number in range(database.settings.pool_size // 2 - 1):
            somebody = account(f"somebody-{number}", staffed.bureau)
            await stack.enter_async_context(database.reading_long(somebody))
        refused = await staffed.call("GET", "/v1/staff?format=csv")
        assert (refused.status_code, refused.json()["code"]) == (503, "platform.overloaded")
        assert "retry-after" in refused.headers
        assert (await staffed.call("GET", "/v1/staff")).status_code == 200
    assert (await staffed.call("GET", "/v1/staff?format=csv")).status_code == 200


async def test_a_stream_that_fails_in_the_middle_breaks_off(
    staffed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server then closes the connection without the end mark, which clients notice."""

    async def fail(_content: Content) -> AsyncIterator[bytes]:
        yield b"staff_no"
        raise ConnectionError

    monkeypatch.setattr(Content, "chunks", fail)
    with pytest.raises(ConnectionError):
        await staffed.call("GET", "/v1/staff?format=csv")
    monkeypatch.undo()
    assert (await staffed.call("GET", "/v1/staff?format=csv")).status_code == 200
