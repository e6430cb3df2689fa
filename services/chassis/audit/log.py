"""Entries of the audit trail besides changes: sensitive reads, exports and refusals.

They stand in the change log as entries of the operation `access`, so they are append-only,
sealed and kept as long as changes are; the feed of changes leaves them out.
"""

from typing import Any
from uuid import UUID

import orjson
import structlog
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.database.auth import Caller, RefusalLog
from services.chassis.database.db import Conn, Database, raw

log = structlog.get_logger()

_RECORD = (
    "insert into change_log (bureau_code, operation, resource, row_id, natural_key, changes) "
    "values ($1, 'access', $2, $3, $4, $5::text::json)"
)


async def record(
    connection: "Conn | AsyncSession",
    caller: Caller,
    action: str,
    resource: str,
    row_id: UUID | None = None,
    key: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add an entry to the audit trail, kept exactly if the transaction commits.

    Who, in which request, and when are known from the transaction's own context.

    Args:
        connection: inside the caller's transaction, of either kind.
        caller: who acts.
        action: what was done, as a word: `reveal`, `export`, `search`, `erase` …
        resource: of what kind the record is (`staff`).
        row_id: its id; None when it was many.
        key: its natural key.
        detail: what else there is to say, never a personal value.
    """
    if isinstance(connection, AsyncSession):
        connection = await raw(connection)
    entry = orjson.dumps({"action": action, **(detail or {})}, default=str).decode()
    # The driver under an ORM session has no codec for JSON, a pool's own has: text fits both.
    await connection.execute(_RECORD, caller.bureau, resource, row_id, key, entry)


class Refusals(RefusalLog):
    """Records refusals for a missing scope, each in a separate transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, request: Request, caller: Caller, scope: str) -> None:
        """Add a refusal to the audit trail; the caller is refused even if that fails."""
        path = request.url.path[:500]
        detail = {"scope": scope, "method": request.method, "path": path}
        try:
            async with self._database.connection(caller) as connection:
                await record(connection, caller, "refused", scope.partition(":")[0], detail=detail)
        except Exception as error:
            log.warning("refusal not recorded", scope=scope, cause=type(error).__name__)
