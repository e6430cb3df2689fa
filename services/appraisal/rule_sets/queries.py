"""How rule sets are listed: the built-in founding rules among the bureau's own."""

from functools import cache

from services.appraisal.rule_sets.models import RuleSetRead
from services.appraisal.rule_sets.rules import Rules
from services.appraisal.rule_sets.service import FOUNDING, FOUNDING_NAME, RuleSetNotFound
from services.chassis.core.text import Language
from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing
from services.chassis.lists.search import TextSearch


def visible_to(caller: Caller, where: Where) -> None:
    """The built-in rules for everyone, and a bureau's own rule sets for bureau-wide callers."""
    where.add("(bureau_code = {} or bureau_code is null)", caller.bureau_code)
    if caller.level != "bureau":
        where.add("bureau_code is null")


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
        visible_to,
        search=TextSearch(("code", "name")),
        sorts=("code", "name", "updated_at"),
        key="code",
        missing=RuleSetNotFound,
        shows_more=True,
    )
