"""Polls the database once for all requests that wait for operations."""

from typing import Any, NamedTuple
from uuid import UUID

from services.chassis.database.db import Database
from services.chassis.http.poller import Poller
from services.chassis.operations.kind import OperationKind

POLL_SECONDS = 0.1


class AwaitedChange(NamedTuple):
    """The change that a request awaits: the end of an operation, or any after a version."""

    operation_id: UUID
    version: int | None = None


def operation_poller(database: Database, kind: OperationKind) -> Poller[AwaitedChange]:
    """The poller of the operations of one kind."""

    async def changed(awaited: frozenset[AwaitedChange]) -> list[AwaitedChange]:
        async with database.connection(None) as connection:
            rows = await connection.fetch(
                f"select id, version, state from {kind.table} where id = any($1)",
                list({one.operation_id for one in awaited}),
            )
        found = {row["id"]: row for row in rows}
        return [one for one in awaited if _has_come(one, found.get(one.operation_id))]

    def _has_come(awaited: AwaitedChange, row: Any) -> bool:
        if row is None or row["state"] in kind.quiet:
            return True
        return awaited.version is not None and row["version"] != awaited.version

    return Poller(changed, POLL_SECONDS)
