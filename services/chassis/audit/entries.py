"""Entries of the change log from the newest backwards: a record's history, the audit trail."""

from fastapi import Response

from services.chassis.audit.schemas import NewestFirst
from services.chassis.database.db import Conn
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.cursor import Cursors
from services.chassis.lists.pages import page_response


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
