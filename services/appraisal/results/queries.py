"""How results are listed, explained, summed up by school, and publicised."""

from functools import cache

from services.appraisal.codes import RESULTS
from services.appraisal.participants.held import with_year
from services.appraisal.participants.queries import visible_to
from services.appraisal.results.models import PublicityEntry, ResultRead, SchoolSummary
from services.appraisal.results.reasons import message_sql
from services.chassis.core.errors import NotFound
from services.chassis.core.text import Language, Text
from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch


class ResultNotFound(NotFound):
    """No result for this person in this cycle, or not visible to the caller."""

    code = "appraisal.result_not_found"
    title = Text("没有这项结果", "No such result")
    detail = Text("没有 {key} 的考核结果。", "No result for {key}.")


@cache
def results_listing(language: Language) -> Listing:
    """The list of results, with reasons worded in `language`."""
    message = message_sql("e", language)
    separator = ";" if language == "zh-CN" else "; "
    return Listing(
        "results",
        ResultRead,
        "result r join participant p using (cycle_id, staff_no)",
        visible_to,
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


def schools_visible_to(caller: Caller, where: Where) -> None:
    """The bureau's schools, or the caller's."""
    where.add("q.bureau_code = {}", caller.bureau_code)
    if caller.schools:
        where.add("q.school_code = any({})", list(caller.schools))
    if caller.is_person:
        where.add("false")


_COUNTED = (
    "(select count(*) as participants, "
    + ", ".join(f"count(*) filter (where result = '{code}') as {code}" for code in RESULTS.labels)
    + " from result r where r.cycle_id = q.cycle_id and r.school_code = q.school_code) counted"
)

SUMMARY = Listing(
    "summary",
    SchoolSummary,
    f"school_quota q cross join lateral {_COUNTED}",
    schools_visible_to,
    sorts=("school_code",),
    sql={"limit": "q.quota"},
)


def publicised(caller: Caller, where: Where) -> None:
    """Those proposed as 优秀, while they are publicised and after."""
    where.add("r.bureau_code = {}", caller.bureau_code)
    where.add("r.result = 'excellent'")
    where.add("c.publicity_from is not null")


PUBLICITY = Listing(
    "publicity",
    PublicityEntry,
    "result r join participant p using (cycle_id, staff_no) join cycle c on c.id = r.cycle_id",
    publicised,
    sorts=("school_name", "name"),
    is_public=True,
    sql={"name": "p.name", "school_name": "p.school_name", "duty": "p.duty"},
    key="r.id",
)


@cache
def held_results(language: Language) -> Listing:
    """A person's results of every cycle, for the copy of all that is held of the person."""
    return with_year(results_listing(language))
