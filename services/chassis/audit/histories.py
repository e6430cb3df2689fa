"""The history of a record, `GET /v1/{resource}/{id}/history`, for every logged resource.

Resource and id are those that lists, the feed of changes and the audit trail tell, so that every
entry there leads to the life of its record.
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from services.chassis.audit.entries import newest_first
from services.chassis.audit.redaction import visible_changes
from services.chassis.audit.schemas import HistoryPage, NewestFirst, PageBack
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.errors import documents
from services.chassis.core.resources import resources_of
from services.chassis.core.settings import Settings
from services.chassis.core.tags import CHANGES_TAG
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Conn, Database, as_service, database_of
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.cursor import CursorInvalid, Cursors

_ENTRY = (
    "json_build_object('operation', operation, 'key', natural_key, 'old_key', old_key, "
    f"'changes', {visible_changes()}, 'at', at, 'actor', actor, 'request_id', request_id)::text"
)

# Only of what is gone: a row that was made again under its id is seen as it is.
_LAST = """
select case operation when 'delete' then changes::text end from change_log
where row_id = $1 and resource = $2 and operation <> 'access'
order by position desc, id desc limit 1
"""
# A deleted row as it was in the end, under the name of its table: what was hidden is `***` in it.
_AT_ITS_END = "with {table} as (select * from jsonb_populate_record(null::{table}, {row}::jsonb))"


class History:
    """Reads the history of one record."""

    def __init__(self, database: Database, cursors: Cursors) -> None:
        self._database, self._cursors = database, cursors

    async def page(
        self, recorded: Recorded, caller: Caller, params: NewestFirst, row_id: UUID
    ) -> Response:
        """A page of the history, for callers who can see the record, or could when it was deleted.

        Raises:
            NotFound: no such record for this caller.
            CursorInvalid: the cursor is not of this history.
        """
        where = Where()
        where.add("row_id = {}", row_id)
        where.add("resource = {}", recorded.resource)
        where.add("operation <> 'access'")
        bound = f"history|{self._database.name}|{recorded.resource}|{row_id}"
        async with self._database.connection(caller) as connection:
            if not await _is_seen(connection, caller, recorded, row_id):
                raise recorded.missing(key=row_id)
            # Schools and persons may read their record, but not the log itself.
            async with as_service(connection):
                return await newest_first(connection, _ENTRY, where, params, self._cursors, bound)


async def _is_seen(connection: Conn, caller: Caller, recorded: Recorded, row_id: UUID) -> bool:
    where = recorded.of(caller, f"{recorded.key} = {{}}", row_id)
    if await _finds(connection, recorded, where):
        return True
    async with as_service(connection):
        last: str | None = await connection.fetchval(_LAST, row_id, recorded.resource)
    if last is None:
        return False
    ended = _AT_ITS_END.format(table=recorded.table, row=where.arg(last))
    return await _finds(connection, recorded, where, ended)


async def _finds(connection: Conn, recorded: Recorded, where: Where, ended: str = "") -> bool:
    found: bool = await connection.fetchval(
        f"{ended} select exists (select from {recorded.source} {where.sql()})", *where.args
    )
    return found


async def history_of(request: Request) -> History:
    """The reader of histories of this process."""
    return History(database_of(request), Cursors(resources_of(request)[Settings].cursor_key_bytes))


def history_router(recorded: Sequence[Recorded]) -> APIRouter:
    """The routes on the histories of these resources."""
    router = APIRouter(prefix="/v1", tags=[CHANGES_TAG])
    for one in recorded:
        _add_history(router, one)
    return router


def _add_history(router: APIRouter, recorded: Recorded) -> None:
    async def list_history(
        record_id: Annotated[UUID, Path(description="Opaque id of the record")],
        page: PageBack,
        caller: Annotated[Caller, allow(recorded.scope)],
        history: Annotated[History, Depends(history_of)],
    ) -> Response:
        """All changes of the record with account and time, newest first, also after deletion."""
        return await history.page(recorded, caller, page, record_id)

    gloss = f"{recorded.title.zh}变更历史"
    router.add_api_route(
        f"/{recorded.resource}/{{record_id}}/history",
        list_history,
        name=f"list_{recorded.resource.replace('-', '_')}_history",
        summary=f"History of {recorded.title.en} ({gloss})",
        response_model=HistoryPage,
        responses=documents(recorded.missing, CursorInvalid),
    )
