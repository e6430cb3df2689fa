"""List routes: a page, or every row of the selection streamed as a file."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from services.chassis.audit.log import record
from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.resources import resources_of
from services.chassis.core.settings import Settings
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import database_of
from services.chassis.exports.content import Content
from services.chassis.exports.presentation import Presentation
from services.chassis.exports.selection import Selection
from services.chassis.exports.spec import Guard
from services.chassis.files.formats import FileKind
from services.chassis.http.streams import StreamedFile, StreamingPlaces
from services.chassis.lists.cursor import Cursors
from services.chassis.lists.expansions import expanded
from services.chassis.lists.listing import Listing, Within
from services.chassis.lists.pages import page_response
from services.chassis.lists.query import ListQuery
from services.chassis.schemas.validation import validated

_NOT_IN_FILES = Text("导出文件不能展开其他记录", "Files cannot embed other records")


class Lister:
    """Answers a list route: a page, or an export when `format` asks for one."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._database = database_of(request)
        self._settings = resources_of(request)[Settings]

    async def answer(
        self,
        listing: Listing,
        caller: Caller,
        params: Any,
        within: Within | None = None,
        parent: Guard | None = None,
    ) -> Response:
        """The page or stream that `params` describes, of the rows `within` one parent.

        Args:
            listing: the list.
            caller: who asks.
            params: of the request.
            within: columns fixed by the address.
            parent: raises where the caller does not see the parent. It has a connection of its
                own, given back before the list takes one: requests that held one while they
                waited for a second would starve each other.
        """
        within = within or {}
        if parent:
            async with self._database.connection(caller) as connection:
                await parent(connection, caller, within)
        shown = Presentation.of(params, params.format)
        if params.format != "json":
            return await self._export(listing, caller, params, within, shown)
        reader = listing.reader(caller)
        same_plan = caller.sees_whole_bureau and listing.is_whole(params)
        cursors = Cursors(self._settings.cursor_key_bytes)
        async with self._database.connection(reader, same_plan=same_plan) as connection:
            page = await listing.page(connection, caller, params, cursors, within)
        return page_response(*page, self._request)

    async def _export(
        self, listing: Listing, caller: Caller, params: Any, within: Within, shown: Presentation
    ) -> StreamedFile:
        """Every row of a selection as a file.

        The first chunk is read before the answer starts, so a fault is still a proper problem.

        Raises:
            Invalid: it asks for a field, or an embedded record, that files do not have.
            TooManyStreams: too many are being streamed to this account.
            Overloaded: too many are being read.
        """
        if expanded(params):
            raise Invalid([Fault("/expand", "expand.not_in_files", _NOT_IN_FILES)])
        if params.fields:
            validated(listing.selection, {"fields": params.fields})
        kind = FileKind.of(params)
        selection = Selection.of(listing, caller, params, within, shown)
        async with self._database.connection(caller) as connection:
            detail = {"format": kind.format}
            await record(connection, caller, "export", listing.resource, detail=detail)
        reader, scratch = listing.reader(caller), self._settings.scratch_dir
        turn = partial(self._database.reading_long, caller)
        content = Content(self._database, reader, selection, kind, scratch, turn=turn)
        chunks = self._placed(caller, content)
        return StreamedFile(
            chunks,
            first=await anext(chunks, b""),
            media_type=kind.media_type,
            name=f"{listing.resource}.{kind.suffix}",
        )

    async def _placed(self, caller: Caller, content: Content) -> AsyncGenerator[bytes, None]:
        with resources_of(self._request)[StreamingPlaces].place(caller):
            async with aclosing(content.chunks()) as chunks:
                async for chunk in chunks:
                    yield chunk


async def lister_of(request: Request) -> Lister:
    """The lister of this request."""
    return Lister(request)  # not the class as dependency: that would be called in a thread


Lists = Annotated[Lister, Depends(lister_of)]


def query_of(listing: Listing) -> Any:
    """Reads a route's query parameters: `params: Annotated[PageParams, query_of(STAFF)]`."""
    return Depends(ListQuery(listing))
