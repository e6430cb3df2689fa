"""The participants feature (参加人员)."""

from services.appraisal.cycles.queries import by_cycle
from services.appraisal.participants.held import IN_EVERY_CYCLE, with_year
from services.appraisal.participants.models import Participant
from services.appraisal.participants.queries import PARTICIPANT_ROWS, PARTICIPANTS
from services.appraisal.participants.router import router
from services.appraisal.participants.scopes import ParticipantScope
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature
from services.chassis.subject_access.holdings import Holding

_TITLE = Text("参加人员", "a participant")

FEATURE = Feature(
    routers=(router,),
    tables=(Participant,),
    row_scopes=(PARTICIPANT_ROWS,),
    exports=(by_cycle(PARTICIPANTS, ParticipantScope.READ, "cycle_id"),),
    tracked=(Recorded.listed(PARTICIPANTS, _TITLE, ParticipantScope.READ),),
    held=(Holding("participants", with_year(PARTICIPANTS), IN_EVERY_CYCLE),),
)
