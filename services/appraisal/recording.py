"""What the appraisal's change log follows."""

from services.appraisal.calendar.router import CALENDAR_DAYS
from services.appraisal.corrections.queries import CORRECTIONS
from services.appraisal.cycles.queries import CYCLES
from services.appraisal.directives.queries import DIRECTIVES
from services.appraisal.facts.queries import FACTS
from services.appraisal.participants.queries import PARTICIPANTS
from services.appraisal.results.queries import results_listing, schools_visible_to
from services.appraisal.rule_sets.queries import visible_to as rule_sets_visible_to
from services.appraisal.rule_sets.service import RuleSetNotFound
from services.appraisal.scores.queries import SCORES
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text

RECORDED = (
    # Those of the bureau: what is built in has no history.
    Recorded(
        "rule-sets",
        Text("考核规则", "a rule set"),
        "rule_sets:read",
        "rule_set",
        rule_sets_visible_to,
        missing=RuleSetNotFound,
    ),
    Recorded.listed(CYCLES, Text("考核年度", "a cycle"), "cycles:read"),
    Recorded.listed(PARTICIPANTS, Text("参加人员", "a participant"), "participants:read"),
    Recorded.listed(FACTS, Text("参加考核情况", "a fact"), "facts:read"),
    Recorded.listed(SCORES, Text("评分", "a person's scores"), "scores:read"),
    Recorded.listed(results_listing("zh-CN"), Text("考核结果", "a result"), "results:read"),
    Recorded(
        "quotas",
        Text("优秀名额", "a school's quota"),
        "results:read",
        "school_quota q",
        schools_visible_to,
    ),
    Recorded.listed(DIRECTIVES, Text("问责影响", "a directive"), "directives:read"),
    Recorded.listed(CORRECTIONS, Text("更正", "a correction"), "corrections:read"),
    Recorded.listed(CALENDAR_DAYS, Text("工作日历例外", "a calendar exception"), "calendar:read"),
)
