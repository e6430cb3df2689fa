"""How results are listed, explained, summed up by school, and put on public notice."""

from functools import cache

from services.appraisal.codes import RESULTS
from services.appraisal.participants.held import with_year
from services.appraisal.participants.queries import rows_of_participants
from services.appraisal.results.errors import ResultNotFound
from services.appraisal.results.models import PublicNoticeEntry, ResultRead, SchoolSummary
from services.appraisal.results.reasons import message_sql
from services.chassis.core.text import Language
from services.chassis.database.auth import Caller
from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch
from services.chassis.lists.row_rules import WHOLE_BUREAU, Condition, Narrowing, of_schools
from services.chassis.lists.row_scopes import RowScope

RESULT_ROWS = rows_of_participants("result")
QUOTA_ROWS = RowScope("school_quota", {"bureau": WHOLE_BUREAU, "schools": of_schools()})


@cache
def results_listing(language: Language) -> Listing:
    """The list of results, with reasons worded in `language`."""
    message = message_sql("e", language)
    separator = ";" if language == "zh-CN" else "; "
    return Listing(
        "results",
        ResultRead,
        "result r join participant p using (cycle_id, staff_no)",
        RESULT_ROWS.joined("p"),
        unfiltered={"explanation": "worded when read, in the reader's language"},
        search=NameSearch("p.name"),
        sorts=("staff_no", "school_code", "name", "result", "total", "rank", "updated_at"),
        sql={
            "id": "r.id",
            "school_code": "r.school_code",
            "name": "p.name",
            "school_name": "p.school_name",
            "duty": "p.duty",
            "reasons": "(select json_agg(json_build_object('code', e->'code', 'params', "
            f"e->'params', 'message', {message})) from jsonb_array_elements(r.reasons) e)",
            "explanation": f"(select string_agg({message}, '{separator}') "
            "from jsonb_array_elements(r.reasons) e)",
            "version": "r.version",
            "updated_at": "r.updated_at",
        },
        key="r.id",
        missing=ResultNotFound,
        shows_more=True,
    )


_COUNTED = (
    "(select count(*) as participants, "
    + ", ".join(f"count(*) filter (where result = '{code}') as {code}" for code in RESULTS.labels)
    + " from result r where r.cycle_id = q.cycle_id and r.school_code = q.school_code) counted"
)

SUMMARY = Listing(
    "summary",
    SchoolSummary,
    f"school_quota q cross join lateral {_COUNTED}",
    QUOTA_ROWS.under("q"),
    sorts=("school_code",),
    sql={"limit": "q.quota"},
)


def _published(_caller: Caller, row: str) -> list[Condition]:
    return [
        Condition(f"{row}result = 'excellent'"),
        Condition("c.public_notice_from_on is not null"),
    ]


# Those proposed as 优秀, for everybody of the bureau during the public notice and after.
_PUBLISHED = RowScope(
    "result",
    {"bureau": WHOLE_BUREAU, "schools": WHOLE_BUREAU, "person": WHOLE_BUREAU},
    Narrowing(_published),
)

PUBLIC_NOTICE = Listing(
    "public-notice",
    PublicNoticeEntry,
    "result r join participant p using (cycle_id, staff_no) join cycle c on c.id = r.cycle_id",
    _PUBLISHED.under("r"),
    sorts=("school_name", "name"),
    is_public=True,
    sql={"name": "p.name", "school_name": "p.school_name", "duty": "p.duty"},
    key="r.id",
)


@cache
def held_results(language: Language) -> Listing:
    """A person's results of every cycle, for the copy of all that is held of the person."""
    return with_year(results_listing(language))
