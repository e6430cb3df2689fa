"""The change feed: all changes of a bureau's data, in an order that can be replayed.

An entry's position is never below the id of its own transaction, counted from a base
(`change_log.CONTINUE`). So the entries below the oldest open transaction are complete, and only
they are returned: nothing can appear in between later.
"""

import time
from contextlib import nullcontext
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request, Response

from services.chassis.audit.change_poller import WATERMARK, AwaitedEntry, ChangePoller
from services.chassis.audit.redaction import is_visible_with, visible_changes
from services.chassis.audit.schemas import ChangesPage, ChangesParams
from services.chassis.audit.tracked_resources import TrackedResources
from services.chassis.core.errors import AppError, documents
from services.chassis.core.resources import resources_of
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.settings import Settings
from services.chassis.core.tags import CHANGES_TAG
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Conn, Database
from services.chassis.database.sql_conditions import Where
from services.chassis.http.long_poll import (
    TooManyWaitingRequests,
    waiting_places_of,
    while_connected,
)
from services.chassis.http.route_rules import WAITS_IF_ASKED
from services.chassis.lists.cursor import CursorInvalid, Cursors

change_router = APIRouter(prefix="/v1/changes", tags=[CHANGES_TAG])

_LAST_ID = 2**63 - 1
_NOW = "now"

_DOCUMENT = (
    "json_build_object('resource', resource, 'operation', operation, 'id', row_id, "
    "'key', natural_key, 'old_key', old_key, 'changes', {changes}, 'at', at, "
    "'actor', actor, 'request_id', request_id)::text"
)


class CursorExpired(AppError):
    """Changes after this cursor are no longer kept."""

    status = 410
    code = "platform.cursor_expired"
    title = Text("游标已过期", "Cursor expired")
    detail = Text(
        "该游标之后的部分变更已不再保留：请用 after=now 取新游标，重新导出全部数据后再继续。",
        "Changes after this cursor are no longer available: get a cursor with after=now, export "
        "everything again, then continue from it.",
    )


class Place(NamedTuple):
    """A place in the order of changes."""

    position: int
    id: int


class Feed:
    """The feed of one bureau in one service."""

    def __init__(
        self, database: Database, caller: Caller, cursors: Cursors, tracked: TrackedResources
    ) -> None:
        self._database, self._caller, self._cursors = database, caller, cursors
        self._binding = f"changes|{database.name}|{caller.bureau_code}"
        self._tracked = tracked
        self._readable = tracked.readable_with(caller.scopes)
        caller.require_whole_bureau()

    async def page(self, request: Request, params: ChangesParams) -> Response:
        """The changes after a cursor, as soon as there is one or on timeout.

        Raises:
            CursorInvalid: the cursor is not of this bureau and service.
            CursorExpired: it is older than what is kept.
            TooManyWaitingRequests: too many of the account's requests wait already.
        """
        after = self._place(params.after)
        places = waiting_places_of(request)
        until = time.monotonic() + params.wait
        with places.place(self._caller) if params.wait else nullcontext():
            documents, after = await self._read(after, params)
            # Repeated: a change may concern a record that is not visible to the caller.
            while not documents and (left := until - time.monotonic()) > 0:
                if await self._await_change(request, after, params, left):
                    documents, after = await self._read(after, params)
        body = ",".join(documents)
        answer = f'{{"data":[{body}],"next_cursor":"{self._cursor(after)}"}}'
        return Response(answer, media_type="application/json")

    async def _await_change(
        self, request: Request, after: Place, params: ChangesParams, seconds: float
    ) -> bool:
        """Wait for something to read; neither a transaction nor a connection is held meanwhile."""
        poller = resources_of(request)[ChangePoller]
        awaited = AwaitedEntry(self._caller.bureau_code, self._resources(params), after.position)
        return await while_connected(request.receive, poller.wait(awaited, seconds))

    def _resources(self, params: ChangesParams) -> frozenset[str]:
        return self._readable.intersection(params.resource or self._readable)

    async def _read(self, after: Place | None, params: ChangesParams) -> tuple[list[str], Place]:
        async with self._database.connection(self._caller) as connection:
            return await self._read_on(connection, after, params)

    async def _read_on(
        self, connection: Conn, after: Place | None, params: ChangesParams
    ) -> tuple[list[str], Place]:
        # Its own statement, and the first: whatever has ended by now, the next statement sees.
        watermark: int = await connection.fetchval(WATERMARK)
        if after is None:
            return [], Place(watermark - 1, _LAST_ID)
        await self._require_kept(connection, after)
        where = Where()
        scopes = f"{where.arg(list(self._caller.scopes))}::text[]"
        where.add("bureau_code = {}", self._caller.bureau_code)
        where.add("operation <> 'access' and (position, id) > ({}, {})", *after)
        where.add("position < {}", watermark)
        where.add("resource = any({})", sorted(self._resources(params)))
        where.conditions.append(is_visible_with(scopes))
        self._tracked.add_entries_scope(self._caller, where)
        document = _DOCUMENT.format(changes=visible_changes(scopes))
        rows = await connection.fetch(
            f"select position, id, {document} as doc from change_log {where.sql()} "
            f"order by position, id limit {params.limit}",
            *where.args,
        )
        documents = [
            f'{{"cursor":"{self._cursor(Place(row["position"], row["id"]))}",{row["doc"][1:]}'
            for row in rows
        ]
        if len(rows) == params.limit:
            return documents, Place(rows[-1]["position"], rows[-1]["id"])
        return documents, max(after, Place(watermark - 1, _LAST_ID))

    async def _require_kept(self, connection: Conn, after: Place) -> None:
        if after > _BEGINNING and await connection.fetchval(
            "select exists (select from change_floor where (position, id) > ($1, $2))", *after
        ):
            raise CursorExpired

    def _place(self, cursor: str | None) -> Place | None:
        if cursor is None:
            return _BEGINNING
        if cursor == _NOW:
            return None
        position = self._cursors.read(cursor, self._binding)
        if len(position) != len(_BEGINNING):
            raise CursorInvalid
        return Place(*position)

    def _cursor(self, place: Place) -> str:
        return self._cursors.write(list(place), self._binding)


_BEGINNING = Place(0, 0)


@change_router.get(
    "",
    summary="List changes after a cursor (变更)",
    response_model=ChangesPage,
    responses=documents(CursorInvalid, CursorExpired, TooManyWaitingRequests),
    openapi_extra=WAITS_IF_ASKED,
)
async def list_changes(
    params: Annotated[ChangesParams, Query()],
    request: Request,
    caller: Annotated[Caller, allow(PlatformScope.CHANGES_READ)],
) -> Response:
    """All inserts, updates, deletes and changes of keys, each exactly once.

    To keep a copy: get a cursor with `after=now`, export everything, then read on from the
    cursor for ever. Changes of the export's own time come again: apply them just the same.
    """
    resources = resources_of(request)
    cursors = Cursors(resources[Settings].cursor_key_bytes)
    tracked = resources[TrackedResources]
    return await Feed(resources[Database], caller, cursors, tracked).page(request, params)
