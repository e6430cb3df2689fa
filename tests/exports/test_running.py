import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from services.chassis.exports.jobs import handle_exports
from services.chassis.exports.runner import RUN
from services.chassis.exports.spec import Exportable
from services.chassis.jobs import Jobs
from services.chassis.listing import Listing
from services.schools.main import app
from tests.schools.county import County
from tests.support.exporting import Job, begin, content, ended
from tests.support.tokens import bearer


class Number(BaseModel):
    """A row of the slow list."""

    n: int


def slow_list(seconds: float) -> Listing:
    """A list that takes a while to read."""
    rows = f"select n from generate_series(1, 50) n where pg_sleep({seconds / 50}) is not null"
    return Listing("slow", Number, f"({rows}) s", lambda *_: None, sorts=("n",), key="n")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service export a list that takes two seconds to read."""
    known: dict[str, Any] = app.state.exports._exportables
    monkeypatch.setitem(known, "slow", Exportable(slow_list(2), "staff:read"))


async def until(county: County, headers: dict[str, str], job: Job, state: str) -> None:
    """Poll until an export is in a state."""
    while job["state"] != state:
        await asyncio.sleep(0.02)
        job = (await county.client.get(f"/v1/exports/{job['id']}", headers=headers)).json()


@pytest.mark.usefixtures("slow")
async def test_a_running_export_is_called_off(county: County, data_dir: Path) -> None:
    headers = bearer("bureau_admin", bureau=county.bureau)
    job: Job = (await begin(county.client, headers, "slow")).json()
    await until(county, headers, job, "running")
    early = await content(county.client, headers, job)
    assert (early.status_code, early.json()["code"]) == (409, "export.not_completed")
    answer = await county.call("POST", f"/v1/exports/{job['id']}:cancel")
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "1")
    job = await ended(county.client, headers, job)
    assert (job["state"], job["problem"], job["rows"]) == ("cancelled", None, None)
    assert job["finished_at"] > job["started_at"]
    assert list((data_dir / "exports").glob(f"{job['id']}.*")) == []
    again = await county.call("POST", f"/v1/exports/{job['id']}:cancel")
    assert (again.status_code, again.json()["code"]) == (409, "export.ended")


@pytest.mark.usefixtures("slow")
async def test_a_few_run_at_a_time_and_what_waits_can_be_called_off(county: County) -> None:
    headers = bearer("bureau_admin", bureau=county.bureau)
    jobs = [(await begin(county.client, headers, "slow")).json() for _ in range(5)]
    await until(county, headers, jobs[2], "running")
    await asyncio.sleep(0.2)
    page = await county.ok("GET", "/v1/exports?state=running")
    assert len(page["data"]) == 3
    waiting = (await county.ok("GET", "/v1/exports?state=queued"))["data"]
    answer = await county.ok("POST", f"/v1/exports/{waiting[0]['id']}:cancel")
    assert (answer["state"], answer["started_at"]) == ("cancelled", None)
    states = [(await ended(county.client, headers, job))["state"] for job in jobs]
    assert sorted(states) == ["cancelled", *["completed"] * 4]


@pytest.mark.usefixtures("slow")
async def test_waiting_ends_in_time_or_with_the_export(county: County) -> None:
    headers = bearer("bureau_admin", bureau=county.bureau)
    job: Job = (await begin(county.client, headers, "slow")).json()
    path = f"/v1/exports/{job['id']}"
    early = await county.client.get(path, params={"wait": 1}, headers=headers)
    assert (early.json()["state"], early.headers["retry-after"]) == ("running", "1")
    late = await county.client.get(path, params={"wait": 60}, headers=headers)
    assert (late.json()["state"], late.json()["rows"]) == ("completed", 50)
    assert "retry-after" not in late.headers


def test_the_limit_is_told_to_the_queue() -> None:
    jobs = Jobs()
    handle_exports(jobs)
    assert jobs.at_once == {RUN: 3}
