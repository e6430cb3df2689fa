"""Rules and writes of rule sets."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from services.appraisal.rule_sets.errors import RuleSetBuiltIn, RuleSetNotFound
from services.appraisal.rule_sets.models import (
    FOUNDING,
    FOUNDING_NAME,
    RuleSet,
    RuleSetRead,
    RuleSetWrite,
)
from services.appraisal.rule_sets.queries import RULE_SET_ROWS
from services.appraisal.rule_sets.rules import Rules
from services.chassis.database.auth import Caller
from services.chassis.http.preconditions import require_match


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
        .where(RuleSet.code == code, RULE_SET_ROWS.criterion(caller, RuleSet))
        .with_for_update()
    )
    return found.scalar_one_or_none()
