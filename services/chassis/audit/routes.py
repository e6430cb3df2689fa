"""Routes of the audit trail: events and verification."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.chassis.audit.entries import newest_first
from services.chassis.audit.schemas import AuditPage, AuditParams
from services.chassis.audit.seal_check import NotedHead, Verification, verify
from services.chassis.audit.tracked_resources import TrackedResources
from services.chassis.core.errors import documents
from services.chassis.core.resources import resources_of
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.settings import Settings
from services.chassis.core.tags import AUDIT_TAG
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import database_of
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.cursor import CursorInvalid, Cursors

audit_router = APIRouter(prefix="/v1", tags=[AUDIT_TAG])

CanAudit = Annotated[Caller, allow(PlatformScope.AUDIT_READ)]

_DOCUMENT = """
json_build_object('id', id, 'at', at, 'bureau_code', bureau_code, 'operation', operation,
    'resource', resource, 'row_id', row_id, 'key', natural_key, 'old_key', old_key,
    'columns', case when operation = 'access' then '[]' else
        (select coalesce(json_agg(name order by name), '[]') from json_object_keys(changes) name)
        end,
    'detail', case when operation = 'access' then changes end,
    'actor', actor, 'subject', subject, 'client_kind', client_kind,
    'request_id', request_id)::text
"""


@audit_router.get(
    "/audit-events",
    summary="List audit events (审计事件)",
    response_model=AuditPage,
    responses=documents(CursorInvalid),
)
async def list_audit_events(
    params: Annotated[AuditParams, Query()], request: Request, caller: CanAudit
) -> Response:
    """Changes, sensitive reads, exports and refusals, newest first; column names without values."""
    where = Where()
    if caller.bureau is not None:
        where.add("bureau_code = {}", caller.bureau)
        resources_of(request)[TrackedResources].add_entries_scope(caller, where)
    for name in ("actor", "resource", "row_id", "bureau_code", "operation"):
        if (value := getattr(params, name)) is not None:
            where.add(f"{name} = {{}}", value)
    if params.key is not None:
        where.add("(natural_key = {0} or old_key = {0})", params.key)
    if params.at_gte is not None:
        where.add("at >= {}", params.at_gte)
    if params.at_lt is not None:
        where.add("at < {}", params.at_lt)
    database = database_of(request)
    chosen = sorted(params.model_dump(mode="json", exclude={"cursor", "limit"}).items())
    bound = f"audit|{database.name}|{caller.bureau}|{chosen}"
    cursors = Cursors(resources_of(request)[Settings].cursor_key_bytes)
    async with database.connection(caller) as connection:
        return await newest_first(connection, _DOCUMENT, where, params, cursors, bound)


@audit_router.post("/audit:verify", summary="Verify the audit trail (核验审计记录)")
async def verify_audit(
    request: Request, _caller: CanAudit, noted: NotedHead | None = None
) -> Verification:
    """Check every seal and every sealed entry; the response contains the first fault.

    With the `head` of an earlier verification it also detects seals that were cut off since.
    """
    return await verify(database_of(request), noted.since if noted else None)
