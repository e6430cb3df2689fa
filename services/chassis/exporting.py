"""Exports: COPY streamed through the response, as fast as PostgreSQL writes it."""

import asyncio
from codecs import BOM_UTF8
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import StreamingResponse

from services.chassis import workbook
from services.chassis.auth import Caller
from services.chassis.cursor import Cursors
from services.chassis.db import Database, database_of
from services.chassis.keyset import plain_type
from services.chassis.listing import Listing, Within, page_response
from services.chassis.query import ListQuery

_BUFFERED_CHUNKS = 16
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "xlsx": workbook.MEDIA_TYPE,
}
# JSON text never holds control characters, so with these COPY writes it as it stands.
_AS_IT_STANDS = {"format": "csv", "quote": "\x01", "delimiter": "\x02", "escape": "\x01"}
# As SQL. Apostrophes before it are the guard itself: they get one more, so that import takes one.
_FORMULA = r"^''*[=+\-@\t\r]"


async def stream_copy(
    database: Database, caller: Caller | None, query: str, args: list[Any], **options: Any
) -> AsyncIterator[bytes]:
    """The output of `COPY (query) TO STDOUT`, in the caller's row-security context."""
    chunks: asyncio.Queue[bytes | None] = asyncio.Queue(_BUFFERED_CHUNKS)

    async def put(chunk: bytes) -> None:
        await chunks.put(bytes(chunk))

    async def produce() -> None:
        try:
            async with database.connection(caller) as connection:
                await connection.copy_from_query(query, *args, output=put, **options)
        finally:
            await chunks.put(None)

    producer = asyncio.create_task(produce())
    try:
        while (chunk := await chunks.get()) is not None:
            yield chunk
        await producer
    finally:
        if not producer.done():
            producer.cancel()
            # The producer's last act is to queue an end mark: make room for it.
            while not chunks.empty():
                chunks.get_nowait()


async def export(
    database: Database, caller: Caller, listing: Listing, params: Any, within: Within
) -> StreamingResponse:
    """Every row of a selection as CSV, NDJSON or XLSX.

    The first chunk is read before the answer starts, so a fault is still a proper problem.
    """
    where, reader = listing.where(caller, params, within), listing.reader(caller)
    tail = f"from {listing.source} {where.sql()} order by {listing.order(params)}"
    names = listing.names(params) if params.fields else [*listing.read.model_fields]
    if params.format == "xlsx":
        columns = ", ".join(f"{_value(listing, name)} as {name}" for name in names)
        chunks = workbook.stream_workbook(
            database, reader, f"select {columns} {tail}", where.args, names
        )
    elif params.format == "csv":
        columns = ", ".join(f"{_cell(listing, name)} as {name}" for name in names)
        query, options = f"select {columns} {tail}", {"format": "csv", "header": True}
        chunks = stream_copy(database, reader, query, where.args, **options)
    else:
        query = f"select {listing.document_of(names)} {tail}"
        chunks = stream_copy(database, reader, query, where.args, **_AS_IT_STANDS)
    first = await anext(chunks, b"")
    if params.bom and params.format == "csv":
        first = BOM_UTF8 + first
    return StreamingResponse(
        _prepend(first, chunks),
        media_type=MEDIA_TYPES[params.format],
        headers={
            "Content-Disposition": f'attachment; filename="{listing.resource}.{params.format}"'
        },
    )


async def _prepend(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _cell(listing: Listing, name: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula."""
    sql = listing.expression(name)
    return (
        f"case when ({sql})::text ~ '{_FORMULA}' and pg_typeof({sql})::text in ('text', "
        f"'character varying') then '''' || ({sql})::text else ({sql})::text end"
    )


def _value(listing: Listing, name: str) -> str:
    """A workbook's cell: numbers as such, all else as the text that CSV has."""
    kind = plain_type(listing.item.model_fields[name].annotation)
    sql = listing.expression(name)
    return sql if kind in (int, float, Decimal) else f"({sql})::text"


class Lister:
    """Answers a list route: a page, or an export when `format` asks for one."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._database = database_of(request)
        self._cursors = Cursors(request.app.state.settings.cursor_key_bytes)

    async def answer(
        self, listing: Listing, caller: Caller, params: Any, within: Within | None = None
    ) -> Response:
        """The page or stream that `params` describes, of the rows `within` one parent."""
        within = within or {}
        if params.format != "json":
            return await export(self._database, caller, listing, params, within)
        reader = listing.reader(caller)
        same_plan = caller.level == "bureau" and listing.is_whole(params)
        async with self._database.connection(reader, same_plan=same_plan) as connection:
            page = await listing.page(connection, caller, params, self._cursors, within)
        return page_response(*page, self._request)


async def lister_of(request: Request) -> Lister:
    """The lister of this request."""
    return Lister(request)  # not the class as dependency: that would be called in a thread


Lists = Annotated[Lister, Depends(lister_of)]


def query_of(listing: Listing) -> Any:
    """Reads a route's query parameters: `params: Annotated[PageParams, query_of(STAFF)]`."""
    return Depends(ListQuery(listing))
