"""How rule sets are listed: the built-in founding rules among the bureau's own."""

from functools import cache

from services.appraisal.rule_sets.errors import RuleSetNotFound
from services.appraisal.rule_sets.models import FOUNDING, FOUNDING_NAME, RuleSetRead
from services.appraisal.rule_sets.rules import Rules
from services.chassis.core.text import Language
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
