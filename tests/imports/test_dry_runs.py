"""Dry runs, and their commits."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from tests.imports.driving import accounted, end_of, people
from tests.schools.county import County, assignment, csv_of, person
from tests.support.importing import Job, counts, faults
from tests.support.tokens import bearer


async def commit(county: County, job: Job) -> httpx.Response:
    """Have a dry run applied."""
    return await county.call("POST", f"/v1/imports/{job['id']}:commit")


async def refused(county: County, job: Job) -> bool:
    """Whether it is not."""
    answer = await commit(county, job)
    return (answer.status_code, answer.json()["code"]) == (409, "import.not_committable")


@pytest.mark.parametrize("mode", ["valid_rows", "all_or_nothing"])
async def test_the_rows_are_checked_again_as_things_are_then(county: County, mode: str) -> None:
    tried = await county.load("staff", people(county), dry_run=True, mode=mode)
    assert accounted(tried) == ("completed", (20, 0, 0, 0), 0)
    assert await county.all("/v1/staff") == []
    await county.ok("POST", "/v1/staff", json=person("X1", county.one, 1))  # T0001's number
    assert (await commit(county, tried)).status_code == 202
    done = await end_of(county, tried)
    assert done["dry_run"] is False
    found = await faults(county.client, bearer("bureau_admin", bureau=county.bureau), done)
    assert found == [(3, "id_number", "id_number.taken")]
    if mode == "valid_rows":
        assert accounted(done) == ("completed", (19, 0, 0, 1), 0)
    else:
        assert accounted(done) == ("failed", (0, 0, 0, 1), 19)
        assert done["problem"]["code"] == "import.rows_failed"
    assert len(await county.all("/v1/staff")) == (20 if mode == "valid_rows" else 1)


async def test_faults_of_a_dry_run_do_not_fail_it(county: County) -> None:
    content = people(county, 5) + b"T9,,,,,\r\n"
    tried = await county.load("staff", content, dry_run=True)
    assert accounted(tried) == ("completed", (5, 0, 0, 1), 0)
    assert {row for row, _, _ in tried["faults"]} == {7}
    failed = await county.call("GET", f"/v1/imports/{tried['id']}/failed-rows")
    assert failed.text.count("\r\n") == 2


async def test_what_is_no_completed_dry_run_is_not_committed(county: County) -> None:
    done = await county.load("staff", people(county, 2))
    failed = await county.load("staff", "colour\n1\n", dry_run=True)
    assert (done["state"], failed["state"]) == ("completed", "failed")
    for job in (done, failed):
        assert await refused(county, job)
    assert (await end_of(county, failed))["problem"] == failed["problem"]


async def test_it_is_committed_once_whoever_asks_at_once(county: County) -> None:
    tried = await county.load("staff", people(county), dry_run=True, operation="insert")
    answers = await asyncio.gather(*(commit(county, tried) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    assert counts(await end_of(county, tried)) == (20, 0, 0, 0)
    assert await refused(county, tried)


async def test_the_same_commit_sent_again_is_answered_again(county: County) -> None:
    tried = await county.load("staff", people(county), dry_run=True)
    headers = {"Idempotency-Key": uuid4().hex}
    path = f"/v1/imports/{tried['id']}:commit"
    first = await county.call("POST", path, headers=headers)
    await end_of(county, tried)
    again = await county.call("POST", path, headers=headers)
    assert (again.status_code, again.content) == (202, first.content)


async def test_a_commit_needs_a_key(county: County) -> None:
    tried = await county.load("staff", people(county), dry_run=True)
    headers = bearer("bureau_admin", bureau=county.bureau)
    transport = county.client._transport
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post(f"/v1/imports/{tried['id']}:commit", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "platform.idempotency_key_required")


@pytest.mark.parametrize("resource", ["staff", "assignments"])
async def test_what_replace_would_remove_is_counted_and_then_removed(
    county: County, resource: str
) -> None:
    await county.load("staff", people(county, 20))
    rows = [assignment(f"T{n:04}", county.one) for n in range(20)]
    await county.load("assignments", csv_of(rows))
    few = people(county, 17) if resource == "staff" else csv_of(rows[:17])
    tried = await county.load(resource, few, dry_run=True, operation="replace")
    assert accounted(tried) == ("completed", (0, 0, 17, 0), 0)
    assert tried["progress"]["removed"] == 3
    await commit(county, tried)
    assert (await end_of(county, tried))["progress"]["removed"] == 3
    again = await county.load(resource, few, dry_run=True, operation="replace")
    assert again["progress"]["removed"] == 0


async def test_a_replacement_with_a_faulty_row_would_remove_nothing(county: County) -> None:
    await county.load("staff", people(county, 20))
    content = people(county, 18) + b"T0018,,,,,\r\n"
    tried = await county.load("staff", content, dry_run=True, operation="replace")
    assert (tried["progress"]["failed"], tried["progress"]["removed"]) == (1, 0)
