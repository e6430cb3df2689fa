"""Entries of the change log from the newest backwards: a record's history, the audit trail."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from services.chassis.auth import Caller
from services.chassis.change_schemas import NewestFirst
from services.chassis.cursor import Cursors
from services.chassis.db import Conn, database_of
from services.chassis.listing import Listing, page_response
from services.chassis.where import Where
from services.chassis.withheld import told_changes

_HISTORY = (
    "json_build_object('operation', operation, 'key', natural_key, 'old_key', old_key, "
    f"'changes', {told_changes()}, 'at', at, 'actor', actor, 'request_id', request_id)::text"
)

# The last state of a deleted row, under the name of its table: what was hidden is `***` in it.
_DELETED = """(
    select old.* from (
        select changes from change_log where row_id = {row_id} and resource = {resource}
        and bureau_code = {bureau} and operation = 'delete' order by position desc, id desc limit 1
    ) entry, jsonb_populate_record(null::{table}, entry.changes::jsonb) old
) {table}"""


async def newest_first(
    connection: Conn, document: str, where: Where, params: NewestFirst, cursors: Cursors, bound: str
) -> Response:
    """One page of entries as JSON built by PostgreSQL, in the order they were written, backwards.

    Raises:
        CursorInvalid: the cursor is not of this selection.
    """
    if params.cursor is not None:
        where.add("(position, id) < ({}, {})", *cursors.read(params.cursor, bound))
    rows = await connection.fetch(
        f"select position, id, {document} as doc from change_log {where.sql()} "
        f"order by position desc, id desc limit {params.limit + 1}",
        *where.args,
    )
    more = len(rows) > params.limit
    rows = rows[: params.limit]
    cursor = cursors.write([rows[-1]["position"], rows[-1]["id"]], bound) if more else None
    return page_response([row["doc"] for row in rows], cursor, None)


class Historian:
    """Answers a route that tells the history of one record."""

    def __init__(self, request: Request) -> None:
        self._database = database_of(request)
        self._cursors = Cursors(request.app.state.settings.cursor_key_bytes)

    async def answer(
        self, listing: Listing, caller: Caller, params: NewestFirst, row_id: UUID
    ) -> Response:
        """The history of a record by its id; also of a deleted one, while the log keeps its end.

        Args:
            listing: how the resource is read, from a table, and who sees what of it.
            caller: who asks.
            params: which page.
            row_id: of the record.

        Raises:
            NotFound: no such record for this caller.
        """
        found = await self._find(listing, caller, "id = {}", row_id)
        if found is None and not await self._saw_the_last(listing, caller, row_id):
            raise listing.missing(key=row_id)
        return await self._of(row_id, listing.resource, params)

    async def answer_where(
        self, listing: Listing, caller: Caller, params: NewestFirst, condition: str, *values: Any
    ) -> Response:
        """The history of the record that fits `condition` now; arguments as for `Listing.one`.

        Raises:
            NotFound: no such record for this caller.
        """
        row_id = await self._find(listing, caller, condition, *values)
        if row_id is None:
            raise listing.missing(key=values[-1])
        return await self._of(row_id, listing.resource, params)

    async def _find(
        self, listing: Listing, caller: Caller, condition: str, *values: Any
    ) -> UUID | None:
        where = Where()
        listing.scope(caller, where)
        where.add(condition, *values)
        async with self._database.connection(caller) as connection:
            row_id: UUID | None = await connection.fetchval(
                f"select {listing.key} from {listing.source} {where.sql()}", *where.args
            )
        return row_id

    async def _saw_the_last(self, listing: Listing, caller: Caller, row_id: UUID) -> bool:
        """Whether the caller would see a deleted record, were it still as it was at its end."""
        where = Where()
        listing.scope(caller, where)
        deleted = _DELETED.format(
            table=listing.source,
            row_id=where.arg(row_id),
            resource=where.arg(listing.resource),
            bureau=where.arg(caller.bureau_code),
        )
        # As the service, as below: here the listing's scope alone decides.
        async with self._database.connection(None) as connection:
            seen: bool = await connection.fetchval(
                f"select exists (select from {deleted} {where.sql()})", *where.args
            )
        return seen

    async def _of(self, row_id: UUID, resource: str, params: NewestFirst) -> Response:
        where = Where()
        where.add("row_id = {}", row_id)
        where.add("resource = {}", resource)
        where.add("operation <> 'access'")
        # As the service: schools and persons may read their record, but not the log itself.
        async with self._database.connection(None) as connection:
            bound = f"history|{self._database.name}|{resource}|{row_id}"
            return await newest_first(connection, _HISTORY, where, params, self._cursors, bound)


History = Annotated[Historian, Depends(Historian)]
