"""Routes of rule sets."""

from typing import Annotated

from fastapi import APIRouter, Response

from services.appraisal.rule_sets import service
from services.appraisal.rule_sets.errors import RuleSetBuiltIn, RuleSetNotFound
from services.appraisal.rule_sets.models import RuleSetRead, RuleSetWrite
from services.appraisal.rule_sets.queries import rule_sets_listing
from services.appraisal.rule_sets.scopes import RuleSetScope
from services.chassis.core.errors import creates, documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text, current_language
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, Session
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams
from services.chassis.lists.writing import require_same_key, written

TAG = Tag("rule sets", Text("考核规则", "Rules that a year is appraised by"))
router = APIRouter(prefix="/v1/rule-sets", tags=[TAG])

CanRead = Annotated[Caller, allow(RuleSetScope.READ)]
CanWrite = Annotated[Caller, allow(RuleSetScope.WRITE)]
_RULE_SETS = rule_sets_listing("zh-CN")


@router.get(
    "", summary="List or export rule sets (考核规则列表)", response_model=_RULE_SETS.page_schema
)
async def list_rule_sets(
    params: Annotated[PageParams, query_of(_RULE_SETS)], caller: CanRead, lists: Lists
) -> Response:
    """The built-in founding rules and the bureau's own rule sets."""
    return await lists.answer(rule_sets_listing(current_language.get()), caller, params)


@router.get(
    "/by-key/{code}",
    summary="Read a rule set (考核规则)",
    response_model=RuleSetRead,
    responses=documents(RuleSetNotFound),
)
async def read_rule_set(code: str, caller: CanRead, connection: Connection) -> Response:
    """A rule set by its code."""
    listing = rule_sets_listing(current_language.get())
    return await listing.one(connection, caller, "code = {}", code)


@router.put(
    "/by-key/{code}",
    summary="Create or replace a rule set (写入考核规则)",
    response_model=RuleSetRead,
    responses=creates(RuleSetRead) | documents(RuleSetBuiltIn),
)
async def put_rule_set(
    code: str, payload: RuleSetWrite, caller: CanWrite, session: Session
) -> Response:
    """Omitted rules default to the founding rules; opened cycles keep their frozen rules."""
    require_same_key(payload, code=code)
    is_new = await service.put_rule_set(session, caller, payload)
    listing = rule_sets_listing(current_language.get())
    return await written(listing, session, caller, code, 201 if is_new else 200)
