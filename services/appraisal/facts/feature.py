"""The facts feature (参加考核情况)."""

from services.appraisal.codes import FACT_KINDS
from services.appraisal.cycles.queries import by_cycle
from services.appraisal.facts.importing import FACT_IMPORT
from services.appraisal.facts.models import Fact
from services.appraisal.facts.queries import FACT_ROWS, FACTS
from services.appraisal.facts.router import router
from services.appraisal.participants.held import IN_EVERY_CYCLE, with_year
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature
from services.chassis.subject_access.holdings import Holding

FEATURE = Feature(
    routers=(router,),
    tables=(Fact,),
    row_scopes=(FACT_ROWS,),
    exports=(by_cycle(FACTS, "facts:read", "f.cycle_id"),),
    imports=(FACT_IMPORT,),
    tracked=(Recorded.listed(FACTS, Text("参加考核情况", "a fact"), "facts:read"),),
    held=(Holding("facts", with_year(FACTS), IN_EVERY_CYCLE),),
    code_lists=(FACT_KINDS,),
)
