"""How far an import is: polled, waited for, streamed."""

import asyncio
import json
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from services.chassis.http.long_poll import MOST_OF_ACCOUNT
from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.engine.work import ImportWork
from services.chassis.imports.validators.validators import InThreads
from services.schools.main import app
from tests.imports.driving import (
    Hold,
    admin_of,
    begun,
    cut_small,
    end_of,
    opened,
    people,
    put,
    read,
)
from tests.schools.county import County
from tests.support.transactions import counted

COUNTERS = ("bytes", "rows", "created", "updated", "unchanged", "failed")


async def test_waiting_ends_in_time_or_with_the_import(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await opened(county)
    hold = Hold(monkeypatch, job, "_judge")
    await put(county, job, people(county))
    path = f"/v1/imports/{job['id']}"
    early = await county.call("GET", path, params={"wait": 1})
    assert (early.json()["state"], early.headers["retry-after"]) == ("validating", "1")
    hold.let_go()
    late = await county.call("GET", path, params={"wait": 60})
    assert late.json()["state"] == "completed"
    assert "retry-after" not in late.headers


async def test_nobody_waits_for_a_file_that_is_not_there(county: County) -> None:
    job = await opened(county)
    answer = await county.call("GET", f"/v1/imports/{job['id']}", params={"wait": 60})
    assert (answer.json()["state"], "retry-after" in answer.headers) == ("open", False)


@pytest.mark.parametrize("wait", ["-1", "61", "x"])
async def test_nobody_waits_for_too_long(county: County, wait: str) -> None:
    job = await opened(county)
    answer = await county.call("GET", f"/v1/imports/{job['id']}", params={"wait": wait})
    assert answer.status_code == 422


async def test_rate_and_end_are_estimated_while_it_validates(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = people(county, 40)
    cut_small(monkeypatch, content)
    monkeypatch.setattr(ImportWork, "shown_every", 0)
    let_go, staged = asyncio.Event(), 0
    stage = InThreads.stage

    async def slowly(self: Any, *args: Any, **kwargs: Any) -> tuple[int, int]:
        nonlocal staged
        staged += 1
        if staged > 3:
            await let_go.wait()
        return await stage(self, *args, **kwargs)

    monkeypatch.setattr(InThreads, "stage", slowly)
    job = await begun(county, content)
    while not (job := await read(county, job))["progress"]["rows"]:
        await asyncio.sleep(0.02)
    check_running(job, "validating")
    assert 0 < job["progress"]["bytes"] < len(content)
    let_go.set()
    check_ended(await end_of(county, job))


async def test_rate_and_end_are_estimated_while_it_loads(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = people(county, 40)
    cut_small(monkeypatch, content)
    job = await opened(county, mode="valid_rows")
    hold = Hold(monkeypatch, job, "_load_part", after=2)
    await put(county, job, content)
    await hold.reached()
    while not (job := await read(county, job))["progress"]["created"]:
        await asyncio.sleep(0.05)
    check_running(job, "loading")
    progress = job["progress"]
    assert progress["created"] + progress["unprocessed"] == progress["rows"] == 40
    hold.let_go()
    check_ended(await end_of(county, job))


def check_running(job: dict[str, Any], state: str) -> None:
    """It tells how fast it is, and an end in the future."""
    assert (job["state"], job["finished_at"]) == (state, None)
    assert job["rows_per_second"] > 0
    assert datetime.fromisoformat(job["estimated_end_at"]) > datetime.fromisoformat(
        job["started_at"]
    )


def check_ended(job: dict[str, Any]) -> None:
    """It tells how fast it was, and no end that is still to come."""
    assert (job["state"], job["progress"]["created"]) == ("completed", 40)
    assert job["rows_per_second"] > 0
    assert job["estimated_end_at"] is None


async def test_every_change_is_streamed_until_the_end(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.resources[Imports].poller, "pause", 0.02)
    monkeypatch.setattr(ImportWork, "shown_every", 0.02)
    content = people(county, 40)
    cut_small(monkeypatch, content)
    job = await opened(county, mode="valid_rows")
    hold = Hold(monkeypatch, job, "_load_part", after=3)
    await put(county, job, content)
    watching = asyncio.create_task(
        county.client.get(f"/v1/imports/{job['id']}/events", headers=admin_of(county))
    )
    await hold.reached()
    await asyncio.sleep(0.3)
    hold.let_go()
    stream = await asyncio.wait_for(watching, 20)
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = [parsed(event) for event in stream.text.split("\n\n") if event.startswith("event")]
    versions = [version for version, _ in events]
    assert versions == sorted({*versions}), "an event for each change, in order"
    for (_, before), (_, after) in pairwise(events):
        for name in COUNTERS:
            assert before["progress"][name] <= after["progress"][name], name
    seen = [document["progress"]["created"] for _, document in events]
    assert len({*seen} - {0, 40}) > 0, "it is told while it runs"
    assert events[-1][1] == await read(county, job)
    assert [document["state"] for _, document in events][-1] == "completed"


def parsed(event: str) -> tuple[int, dict[str, Any]]:
    """The id and the document of a server-sent event."""
    kind, number, data = event.split("\n")
    assert kind == "event: progress"
    return int(number.removeprefix("id: ")), json.loads(data.removeprefix("data: "))


async def test_the_stream_of_an_ended_import_tells_its_end(county: County) -> None:
    job = await county.load("staff", people(county))
    stream = await county.call("GET", f"/v1/imports/{job['id']}/events")
    [event] = [event for event in stream.text.split("\n\n") if event]
    assert parsed(event)[1]["state"] == "completed"


async def test_all_who_wait_for_an_import_share_one_look_and_an_account_has_so_many_places(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await opened(county)
    hold = Hold(monkeypatch, job, "_judge")
    await put(county, job, people(county))
    await hold.reached()
    path = f"/v1/imports/{job['id']}"
    half = MOST_OF_ACCOUNT // 2
    polls = [county.call("GET", path, params={"wait": 60}) for _ in range(half)]
    streams = [county.call("GET", f"{path}/events") for _ in range(MOST_OF_ACCOUNT - half)]
    waiting = [asyncio.create_task(one) for one in (*polls, *streams)]
    await asyncio.sleep(1)
    for more in (path, f"{path}/events"):
        refused = await county.client.get(more, params={"wait": 60}, headers=admin_of(county))
        assert refused.status_code == 429
        assert refused.json()["code"] == "platform.too_many_waiting_requests"
        assert int(refused.headers["retry-after"]) > 0
    with counted(monkeypatch) as begun_by:
        await asyncio.sleep(2)
    assert 1 <= begun_by.pop(None) <= 30, "ten looks a second, however many wait"
    assert begun_by.total() == 0
    hold.let_go()
    answers = await asyncio.wait_for(asyncio.gather(*waiting), 30)
    assert all('"completed"' in answer.text for answer in answers)
    assert (await county.call("GET", f"{path}/events")).status_code == 200, "the places are free"
