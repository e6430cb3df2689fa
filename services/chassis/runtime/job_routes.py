"""Looking after jobs: which wait, run or are parked, and replaying a parked one."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from services.chassis.core.errors import AppError, NotFound, documents
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.tags import PLATFORM_TAG
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, as_service
from services.chassis.database.sql_conditions import Where
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import Listing, PageParams

router = APIRouter(prefix="/v1/jobs", tags=[PLATFORM_TAG])

CanRead = Annotated[Caller, allow(PlatformScope.JOBS_READ)]
CanWrite = Annotated[Caller, allow(PlatformScope.JOBS_WRITE)]
JobId = Annotated[
    int,
    Path(
        ge=1,
        le=2**63 - 1,
        description="Number of the job, from the list (任务编号)",
        examples=[1042],
    ),
]


class JobState(StrEnum):
    """State of a job (任务状态)."""

    WAITING = "waiting"
    RUNNING = "running"
    PARKED = "parked"


class JobRead(BaseModel):
    """A job in the queue, without its payload (后台任务)."""

    id: int = Field(description="Number in the service's queue (编号)", examples=[42])
    kind: str = Field(
        description="Kind of job (类型)", examples=["accountability.deliver_directive"]
    )
    state: JobState = Field(
        description="`parked`: given up until it is replayed (状态)", examples=["parked"]
    )
    attempts: int = Field(description="Runs that ended without success (次数)", examples=[30])
    error: str | None = Field(
        description="Code of the last failure (原因)",
        examples=["job.kills_its_worker"],
    )
    failed_at: datetime | None = Field(
        description="Time of the last failure (失败时间)", examples=["2026-01-05T09:00:00+08:00"]
    )
    created_at: datetime = Field(
        description="Time of enqueueing (创建时间)", examples=["2026-01-05T08:00:00+08:00"]
    )
    next_at: datetime = Field(
        description="Earliest time of the next run (下次运行)",
        examples=["2026-01-05T09:05:00+08:00"],
    )


class JobNotParked(AppError):
    """Only a parked job can be replayed."""

    status = 409
    code = "platform.job_not_parked"
    title = Text("任务未停放", "Job is not parked")
    detail = Text(
        "只有已停放的任务才能重放；该任务的状态为 {state}。",
        "Only a parked job can be replayed; this one is {state}.",
    )


def everyone(_caller: Caller, _where: Where) -> None:
    """The scope already says it: jobs belong to no bureau."""


JOBS = Listing(
    "jobs",
    JobRead,
    """(
        select q.id, q.id::text as key, q.entrypoint as kind, q.attempts, r.error, r.failed_at,
            q.created as created_at, q.execute_after as next_at,
            case q.status when 'failed' then 'parked' when 'picked' then 'running'
                else 'waiting' end as state
        from pgqueuer q left join job_run r on r.job_id = q.id
    ) job""",
    everyone,
    sorts=("created_at", "next_at", "failed_at"),
    key="key",
)

# Parked is `failed` in the queue's own words.
_REPLAY = """
with replayed as (
    update pgqueuer set status = 'queued', attempts = 0, execute_after = now(), updated = now()
    where id = $1 and status = 'failed' returning id
)
update job_run set starts = 0 where job_id in (select id from replayed)
"""


@router.get("", summary="List jobs (后台任务列表)", response_model=JOBS.page_schema)
async def list_jobs(
    params: Annotated[PageParams, query_of(JOBS)], caller: CanRead, lists: Lists
) -> Response:
    """This service's jobs; `state=parked` are those that must be replayed."""
    return await lists.answer(JOBS, caller, params)


@router.post(
    "/{job_id}:replay",
    summary="Replay a parked job (重放已停放的任务)",
    response_model=JobRead,
    responses=documents(NotFound, JobNotParked),
)
async def replay_job(job_id: JobId, caller: CanWrite, connection: Connection) -> Response:
    """Run a parked job again, with its full number of attempts."""
    async with as_service(connection):
        state = await connection.fetchval(
            "select status::text from pgqueuer where id = $1 for update", job_id
        )
        if state is None:
            raise NotFound
        if state != "failed":
            raise JobNotParked(state=JobState.RUNNING if state == "picked" else JobState.WAITING)
        await connection.execute(_REPLAY, job_id)
    return await JOBS.one(connection, caller, "id = {}", job_id)
