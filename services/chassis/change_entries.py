"""Entries of the change log from the newest backwards: a record's history, the audit trail."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from services.chassis.auth import Caller
from services.chassis.change_schemas import NewestFirst
from services.chassis.cursor import Cursors
from services.chassis.db import Conn, database_of
from services.chassis.listing import Listing, Where, page_response
from services.chassis.withheld import told_changes

_HISTORY = (
    "json_build_object('operation', operation, 'key', natural_key, 'old_key', old_key, "
    f"'changes', {told_changes()}, 'at', at, 'actor', actor, 'request_id', request_id)::text"
)


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
        self,
        listing: Listing,
        caller: Caller,
        params: NewestFirst,
        condition: str,
        *values: Any,
        logged_as: str | None = None,
    ) -> Response:
        """The history of the record that fits `condition`, if the caller may read it.

        Args:
            listing: how the resource is read, and who sees what of it.
            caller: who asks.
            params: which page.
            condition: as for `Listing.one`.
            values: its values.
            logged_as: the resource's name in the log, when it is not the listing's.

        Raises:
            NotFound: no such record for this caller.
        """
        where = Where()
        listing.scope(caller, where)
        where.add(condition, *values)
        async with self._database.connection(caller) as connection:
            row_id: UUID | None = await connection.fetchval(
                f"select {listing.key} from {listing.source} {where.sql()}", *where.args
            )
        if row_id is None:
            raise listing.missing(key=values[-1])
        return await self._of(row_id, logged_as or listing.resource, params)

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
