"""Routes of results, the summary by school, and the public notice."""

from typing import Annotated

from fastapi import APIRouter, Response

from services.appraisal.cycles.errors import CycleNotFound
from services.appraisal.cycles.queries import ExistingCycle
from services.appraisal.results.errors import ResultNotFound
from services.appraisal.results.models import ResultRead
from services.appraisal.results.queries import (
    PUBLIC_NOTICE,
    SUMMARY,
    results_listing,
)
from services.appraisal.results.scopes import ResultScope
from services.chassis.core.errors import documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text, current_language
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams

TAG = Tag("results", Text("考核结果", "Determination, results and quotas"))
router = APIRouter(prefix="/v1/cycles/{cycle_id}", tags=[TAG])

CanRead = Annotated[Caller, allow(ResultScope.READ)]
_RESULTS = results_listing("zh-CN")


@router.get(
    "/results",
    summary="List or export results (考核结果)",
    response_model=_RESULTS.page_schema,
    responses=documents(CycleNotFound),
)
async def list_results(
    params: Annotated[PageParams, query_of(_RESULTS)],
    caller: CanRead,
    cycle_id: ExistingCycle,
    lists: Lists,
) -> Response:
    """Results with their reasons; `format=csv` or `ndjson` streams all rows."""
    listing = results_listing(current_language.get())
    return await lists.answer(listing, caller, params, {"r.cycle_id": cycle_id})


@router.get(
    "/results/{staff_no}",
    summary="Read one person's result (个人考核结果)",
    response_model=ResultRead,
    responses=documents(CycleNotFound, ResultNotFound),
)
async def read_result(
    staff_no: str, caller: CanRead, cycle_id: ExistingCycle, connection: Connection
) -> Response:
    """The result of a participant with all its reasons."""
    listing = results_listing(current_language.get())
    return await listing.one(
        connection, caller, "r.cycle_id = {} and staff_no = {}", cycle_id, staff_no
    )


@router.get(
    "/summary",
    summary="Results by school (分校汇总)",
    response_model=SUMMARY.page_schema,
    responses=documents(CycleNotFound),
)
async def list_summary(
    params: Annotated[PageParams, query_of(SUMMARY)],
    caller: CanRead,
    cycle_id: ExistingCycle,
    lists: Lists,
) -> Response:
    """Quota and number of each result by school."""
    return await lists.answer(SUMMARY, caller, params, {"cycle_id": cycle_id})


@router.get(
    "/public-notice",
    summary="Read the public notice (公示名单)",
    response_model=PUBLIC_NOTICE.page_schema,
    responses=documents(CycleNotFound),
)
async def list_public_notice(
    params: Annotated[PageParams, query_of(PUBLIC_NOTICE)],
    caller: CanRead,
    cycle_id: ExistingCycle,
    lists: Lists,
) -> Response:
    """Name, unit, post, grade of people proposed as 优秀, art 25 of the privacy law (公示名单)."""
    return await lists.answer(PUBLIC_NOTICE, caller, params, {"r.cycle_id": cycle_id})
