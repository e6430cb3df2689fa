"""The rule-sets feature (考核规则)."""

from services.appraisal.rule_sets.errors import RuleSetNotFound
from services.appraisal.rule_sets.models import RuleSet
from services.appraisal.rule_sets.queries import RULE_SET_ROWS, rule_sets_listing
from services.appraisal.rule_sets.router import router
from services.appraisal.rule_sets.scopes import RuleSetScope
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
    tables=(RuleSet,),
    row_scopes=(RULE_SET_ROWS,),
    exports=(Exportable(rule_sets_listing, RuleSetScope.READ),),
    tracked=(
        # Those of the bureau: what is built in has no history.
        Recorded(
            "rule-sets",
            Text("考核规则", "a rule set"),
            RuleSetScope.READ,
            "rule_set",
            RULE_SET_ROWS,
            missing=RuleSetNotFound,
        ),
    ),
)
