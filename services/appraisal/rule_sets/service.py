"""Rules and writes of rule sets."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from services.appraisal.rule_sets.models import RuleSet, RuleSetRead, RuleSetWrite
from services.appraisal.rule_sets.rules import Rules
from services.chassis.core.errors import Conflict, NotFound
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.http.preconditions import require_match

FOUNDING = "founding"
FOUNDING_NAME = Text("创始规则（四联小学岗位责任制与考核制度）", "Founding rules")


class RuleSetNotFound(NotFound):
    """No such rule set in the bureau."""

    code = "appraisal.rule_set_not_found"
    title = Text("没有这套规则", "No such rule set")
    detail = Text("没有考核规则 {key}。", "No rule set {key}.")


class RuleSetBuiltIn(Conflict):
    """The founding rules are built in; a copy under another code can be edited."""

    code = "appraisal.rule_set_built_in"
    title = Text("内置规则不可修改", "Built-in rule set")
    detail = Text(
        "创始规则不可修改，请另建一套规则。", "The founding rules cannot be edited; create another."
    )


def founding_rules() -> RuleSetRead:
    """The built-in rules, which every bureau can use without creating anything."""
    return RuleSetRead(
        id=None,
        code=FOUNDING,
        name=FOUNDING_NAME.render(),
        rules=Rules(),
        version=1,
        updated_at=None,
    )


async def get_rule_set(session: AsyncSession, caller: Caller, code: str) -> RuleSetRead:
    """One rule set by its code.

    Raises:
        RuleSetNotFound: the bureau has none of this code.
    """
    if code == FOUNDING:
        return founding_rules()
    row = await _find(session, caller, code)
    if row is None:
        raise RuleSetNotFound(key=code)
    return RuleSetRead.model_validate(row)


async def put_rule_set(session: AsyncSession, caller: Caller, payload: RuleSetWrite) -> bool:
    """Create or replace a rule set; tell whether it is new.

    Cycles that are already open keep the copy they froze.

    Raises:
        RuleSetBuiltIn: for the code `founding`.
    """
    if payload.code == FOUNDING:
        raise RuleSetBuiltIn
    row = await _find(session, caller, payload.code)
    is_new = row is None
    require_match(row.version if row else None)
    if row is None:
        row = RuleSet(code=payload.code, bureau_code=caller.bureau_code, name="", rules={})
        session.add(row)
    row.name, row.rules = payload.name, payload.rules.model_dump(mode="json")
    return is_new


async def _find(session: AsyncSession, caller: Caller, code: str) -> RuleSet | None:
    found = await session.execute(
        select(RuleSet)
        .where(RuleSet.bureau_code == caller.bureau_code, RuleSet.code == code)
        .with_for_update()
    )
    return found.scalar_one_or_none()
