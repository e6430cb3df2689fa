"""The feature of participation records (参加考核情况)."""

from services.appraisal.codes import PARTICIPATION_RECORD_KINDS
from services.appraisal.cycles.queries import by_cycle
from services.appraisal.participants.held import IN_EVERY_CYCLE, with_year
from services.appraisal.participation_records.importing import PARTICIPATION_RECORD_IMPORT
from services.appraisal.participation_records.models import ParticipationRecord
from services.appraisal.participation_records.queries import (
    PARTICIPATION_RECORD_ROWS,
    PARTICIPATION_RECORDS,
)
from services.appraisal.participation_records.router import router
from services.appraisal.participation_records.scopes import ParticipationRecordScope
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature
from services.chassis.subject_access.holdings import Holding

_TITLE = Text("参加考核情况", "a participation record")

FEATURE = Feature(
    routers=(router,),
    tables=(ParticipationRecord,),
    row_scopes=(PARTICIPATION_RECORD_ROWS,),
    exports=(by_cycle(PARTICIPATION_RECORDS, ParticipationRecordScope.READ, "r.cycle_id"),),
    imports=(PARTICIPATION_RECORD_IMPORT,),
    tracked=(Recorded.listed(PARTICIPATION_RECORDS, _TITLE, ParticipationRecordScope.READ),),
    held=(Holding("participation-records", with_year(PARTICIPATION_RECORDS), IN_EVERY_CYCLE),),
    code_lists=(PARTICIPATION_RECORD_KINDS,),
)
