"""How rule sets are listed: the built-in founding rules among the bureau's own."""

from functools import cache

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from services.appraisal.rule_sets.errors import RuleSetNotFound
from services.appraisal.rule_sets.models import FOUNDING, FOUNDING_NAME, RuleSet, RuleSetRead
from services.appraisal.rule_sets.rules import Rules
from services.chassis.core.text import Language
from services.chassis.database.auth import Caller
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import WHOLE_BUREAU
from services.chassis.lists.row_scopes import RowScope
from services.chassis.lists.search import TextSearch

RULE_SET_ROWS = RowScope("rule_set", {"bureau": WHOLE_BUREAU})


@cache
def rule_sets_listing(language: Language) -> Listing:
    """The list of rule sets, the name of the founding rules in `language`."""
    return Listing(
        "rule-sets",
        RuleSetRead,
        f"""(
            select bureau_code, id, code, name, rules, version, updated_at from rule_set
            union all
            select null, null, '{FOUNDING}', '{FOUNDING_NAME.render(language)}',
                '{Rules().model_dump_json()}', 1, null
        ) rule_set""",
        RULE_SET_ROWS.with_built_in(),
        search=TextSearch(("code", "name")),
        sorts=("code", "name", "updated_at"),
        key="code",
        missing=RuleSetNotFound,
        shows_more=True,
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
    row = await find_rule_set(session, caller, code)
    if row is None:
        raise RuleSetNotFound(key=code)
    return RuleSetRead.model_validate(row)


async def find_rule_set(session: AsyncSession, caller: Caller, code: str) -> RuleSet | None:
    """The bureau's own rule set of this code, locked; None if it has none."""
    found = await session.execute(
        select(RuleSet)
        .where(RuleSet.code == code, RULE_SET_ROWS.criterion(caller, RuleSet))
        .with_for_update()
    )
    return found.scalar_one_or_none()
