"""The results feature (考核结果)."""

from services.appraisal.codes import DIMENSIONS, RESULTS
from services.appraisal.cycles.queries import by_cycle
from services.appraisal.participants.held import IN_EVERY_CYCLE
from services.appraisal.results.models import Result, SchoolQuota
from services.appraisal.results.queries import (
    PUBLIC_NOTICE,
    QUOTA_ROWS,
    RESULT_ROWS,
    SUMMARY,
    held_results,
    results_listing,
)
from services.appraisal.results.router import router
from services.appraisal.results.scopes import ResultScope
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature
from services.chassis.subject_access.holdings import Holding

FEATURE = Feature(
    routers=(router,),
    tables=(Result, SchoolQuota),
    row_scopes=(
        RESULT_ROWS,
        QUOTA_ROWS,
    ),
    exports=(
        by_cycle(results_listing, ResultScope.READ, "r.cycle_id"),
        by_cycle(SUMMARY, ResultScope.READ, "cycle_id"),
        by_cycle(PUBLIC_NOTICE, ResultScope.READ, "r.cycle_id"),
    ),
    tracked=(
        Recorded.listed(results_listing("zh-CN"), Text("考核结果", "a result"), ResultScope.READ),
        Recorded(
            "quotas",
            Text("优秀名额", "a school's quota"),
            ResultScope.READ,
            "school_quota q",
            QUOTA_ROWS.under("q"),
        ),
    ),
    held=(Holding("results", held_results, IN_EVERY_CYCLE),),
    code_lists=(RESULTS, DIMENSIONS),
)
