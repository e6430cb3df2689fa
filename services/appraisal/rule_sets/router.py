"""Routes of rule sets."""

from typing import Annotated

from fastapi import APIRouter, Response

from services.appraisal.rule_sets import service
from services.appraisal.rule_sets.models import RuleSetRead, RuleSetWrite
from services.appraisal.rule_sets.service import RuleSetBuiltIn, RuleSetNotFound
from services.chassis.auth import Caller, allow
from services.chassis.conditions import etag_of
from services.chassis.db import Session
from services.chassis.errors import documents
from services.chassis.writing import require_same_key

router = APIRouter(prefix="/v1/rule-sets", tags=["rule sets 考核规则"])

CanRead = Annotated[Caller, allow("rule_sets:read")]
CanWrite = Annotated[Caller, allow("rule_sets:write")]


@router.get("", summary="List rule sets (考核规则列表)")
async def list_rule_sets(caller: CanRead, session: Session) -> list[RuleSetRead]:
    """The built-in founding rules, then the bureau's own."""
    return await service.list_rule_sets(session, caller)


@router.get(
    "/by-key/{code}", summary="Read a rule set (考核规则)", responses=documents(RuleSetNotFound)
)
async def read_rule_set(
    code: str, caller: CanRead, session: Session, response: Response
) -> RuleSetRead:
    """One rule set by its code."""
    rule_set = await service.get_rule_set(session, caller, code)
    response.headers["ETag"] = _etag_of(rule_set)
    return rule_set


@router.put(
    "/by-key/{code}",
    summary="Create or replace a rule set (写入考核规则)",
    responses=documents(RuleSetBuiltIn),
)
async def put_rule_set(
    code: str, payload: RuleSetWrite, caller: CanWrite, session: Session, response: Response
) -> RuleSetRead:
    """Rules that are left out are the founding ones; open cycles keep what they froze."""
    require_same_key(payload, code=code)
    rule_set, is_new = await service.put_rule_set(session, caller, payload)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = _etag_of(rule_set)
    return rule_set


def _etag_of(rule_set: RuleSetRead) -> str:
    """Its ETag; the founding rules change with the release, and are named in two languages."""
    return etag_of(rule_set.version, shown=rule_set.model_dump_json().encode())
