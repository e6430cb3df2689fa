"""The scores feature (评分)."""

from services.appraisal.cycles.queries import by_cycle
from services.appraisal.participants.held import IN_EVERY_CYCLE, with_year
from services.appraisal.scores.importing import SCORE_IMPORT
from services.appraisal.scores.models import Score
from services.appraisal.scores.queries import SCORE_ROWS, SCORES
from services.appraisal.scores.router import router
from services.appraisal.scores.scopes import ScoreScope
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature
from services.chassis.subject_access.holdings import Holding

FEATURE = Feature(
    routers=(router,),
    tables=(Score,),
    row_scopes=(SCORE_ROWS,),
    exports=(by_cycle(SCORES, ScoreScope.READ, "s.cycle_id"),),
    imports=(SCORE_IMPORT,),
    tracked=(Recorded.listed(SCORES, Text("评分", "a person's scores"), ScoreScope.READ),),
    held=(Holding("scores", with_year(SCORES), IN_EVERY_CYCLE),),
)
