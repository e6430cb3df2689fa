"""The rule-sets feature (考核规则)."""

from services.appraisal.rule_sets.models import RuleSet
from services.appraisal.rule_sets.queries import rule_sets_listing, visible_to
from services.appraisal.rule_sets.router import router
from services.appraisal.rule_sets.service import RuleSetNotFound
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
    tables=(RuleSet,),
    exports=(Exportable(rule_sets_listing, "rule_sets:read"),),
    tracked=(
        # Those of the bureau: what is built in has no history.
        Recorded(
            "rule-sets",
            Text("考核规则", "a rule set"),
            "rule_sets:read",
            "rule_set",
            visible_to,
            missing=RuleSetNotFound,
        ),
    ),
)
