"""Rules and writes of rule sets."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.appraisal.rule_sets.errors import RuleSetBuiltIn
from services.appraisal.rule_sets.models import (
    FOUNDING,
    RuleSet,
    RuleSetWrite,
)
from services.appraisal.rule_sets.queries import find_rule_set
from services.chassis.database.auth import Caller
from services.chassis.http.preconditions import require_match


async def put_rule_set(session: AsyncSession, caller: Caller, payload: RuleSetWrite) -> bool:
    """Create or replace a rule set; tell whether it is new.

    Cycles that are already open keep the copy they froze.

    Raises:
        RuleSetBuiltIn: for the code `founding`.
    """
    if payload.code == FOUNDING:
        raise RuleSetBuiltIn
    row = await find_rule_set(session, caller, payload.code)
    is_new = row is None
    require_match(row.version if row else None)
    if row is None:
        row = RuleSet(code=payload.code, bureau_code=caller.bureau_code, name="", rules={})
        session.add(row)
    row.name, row.rules = payload.name, payload.rules.model_dump(mode="json")
    return is_new
