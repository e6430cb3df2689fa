"""Reads operations for their routes: one that the caller may see, as a row or as an answer."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Header, Response

from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.database.sql_conditions import Where
from services.chassis.http.idempotency import HEADER
from services.chassis.lists.listing import Listing
from services.chassis.operations.kind import OperationKind

# Documented with those of all other routes.
IdempotencyKey = Annotated[str, Header(alias=HEADER, include_in_schema=False)]
_RETRY_AFTER = {"Retry-After": "1"}


async def require_operation(
    connection: Conn,
    kind: OperationKind,
    visible: Callable[[Caller, Where], None],
    caller: Caller,
    operation_id: UUID,
) -> Any:
    """The row of an operation that the caller may see.

    Raises:
        OperationNotFound: there is none.
    """
    where = Where()
    visible(caller, where)
    where.add("id = {}", operation_id)
    row = await connection.fetchrow(f"select * from {kind.table} {where.sql()}", *where.args)
    if row is None:
        raise kind.problems.not_found(key=operation_id)
    return row


async def answer_with(
    connection: Conn,
    kind: OperationKind,
    listing: Listing,
    caller: Caller,
    operation_id: UUID,
    status: int = 200,
) -> Response:
    """An operation as an answer, with `Retry-After` as long as it goes on."""
    response = await listing.one(connection, caller, "id = {}", operation_id)
    response.status_code = status
    if orjson.loads(response.body)["state"] not in kind.quiet:
        response.headers.update(_RETRY_AFTER)
    return response
