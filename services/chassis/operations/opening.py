"""Opens operations: the same key opens the same one, and an account has only so many."""

import hashlib
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.http.idempotency_claims import KeyReused
from services.chassis.operations.kind import listed
from services.chassis.operations.operations import Operations


class Opened(NamedTuple):
    """An operation that exists now.

    Attributes:
        id: of the operation.
        is_new: False when an earlier request with the same key has opened it.
    """

    id: UUID
    is_new: bool


class Request(NamedTuple):
    """The request that opens an operation.

    Attributes:
        key: its `Idempotency-Key`.
        content: what it asks for. The same key with other content is refused.
    """

    key: str
    content: str

    @property
    def digest(self) -> bytes:
        """A digest of the content."""
        return hashlib.sha256(self.content.encode()).digest()


async def open_operation(
    connection: Conn,
    operations: Operations,
    caller: Caller,
    request: Request,
    **values: Any,
) -> Opened:
    """Write an operation down, or find the one that the same request has opened.

    Args:
        connection: in the caller's name.
        operations: of the kind.
        caller: who opens it.
        request: that opens it.
        values: columns of its row beside those that all operations have.

    Raises:
        KeyReused: the key belongs to another request.
        TooManyUnfinished: the account has too many; nothing is written down.
    """
    kind = operations.kind
    columns = _common_columns(caller, request) | values
    names, places = [*columns], [f"${i}" for i in range(2, len(columns) + 2)]
    operation_id = await connection.fetchval(
        f"insert into {kind.table} (expires_at, {', '.join(names)}) "
        f"values (now() + $1::interval, {', '.join(places)}) "
        "on conflict (subject, idempotency_key) do nothing returning id",
        timedelta(days=operations.settings.import_days),
        *columns.values(),
    )
    if operation_id is None:
        return Opened(await _opened_before(connection, kind.table, caller, request), is_new=False)
    unfinished = await connection.fetchval(
        f"select count(*) from {kind.table} where subject = $1 "
        f"and state in ({listed(kind.unfinished)})",
        caller.subject,
    )
    if unfinished > kind.most_unfinished:
        raise kind.problems.too_many(kind.most_unfinished)
    return Opened(operation_id, is_new=True)


def _common_columns(caller: Caller, request: Request) -> dict[str, Any]:
    return {
        "bureau_code": caller.bureau,
        "subject": caller.subject,
        "created_by": caller.name,
        "caller": caller.model_dump(mode="json"),
        "idempotency_key": request.key,
        "request_digest": request.digest,
    }


async def _opened_before(connection: Conn, table: str, caller: Caller, request: Request) -> UUID:
    before = await connection.fetchrow(
        f"select id, request_digest from {table} where subject = $1 and idempotency_key = $2",
        caller.subject,
        request.key,
    )
    if before is None or before["request_digest"] != request.digest:
        raise KeyReused
    operation_id: UUID = before["id"]
    return operation_id
