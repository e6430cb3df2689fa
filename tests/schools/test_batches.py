"""Many schools or members of staff in one request."""

import asyncio
import re
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.database.db import Database
from services.schools.main import app
from tests.schools.county import County, codes, person, school
from tests.support.transactions import statements


async def batch(county: County, resource: str, items: list[Any], **kwargs: Any) -> Any:
    """Send a batch."""
    return await county.call("POST", f"/v1/{resource}:batch", json={"items": items}, **kwargs)


async def test_all_are_created_and_later_ones_may_name_earlier_ones(empty: County) -> None:
    schools = [school(empty.one), school(empty.two, parent_code=empty.one)]
    answer = await batch(empty, "schools", schools)
    assert (answer.status_code, answer.json()) == (201, {"created": 2})
    people = [person(f"P{n}", empty.one, n) for n in range(1000)]
    answer = await batch(empty, "staff", people)
    assert (answer.status_code, answer.json()) == (201, {"created": 1000})
    single = await empty.ok("GET", "/v1/staff/by-key/P999")
    assert (single["name"], single["version"]) == ("员工P999", 1)
    assert (await empty.ok("GET", "/v1/staff?limit=1&total=exact"))["total"] == 1000


async def test_what_a_single_create_refuses_refuses_the_batch_with_every_fault(
    county: County,
) -> None:
    people = [
        person("P0", county.one, 0),
        person("P1", county.one, 1, name=""),
        person("P2", "2162999999", 2, post_category="x"),
    ]
    answer = await batch(county, "staff", people)
    assert answer.status_code == 422
    assert [pointer for pointer, _ in codes(answer)] == ["/items/1/name", "/items/2/post_category"]
    assert (await county.ok("GET", "/v1/staff"))["data"] == []


async def test_nothing_is_stored_when_something_contradicts_what_is(county: County) -> None:
    await county.ok("POST", "/v1/staff", json=person("P1", county.one, 1))
    people = [
        person("P0", county.one, 0),
        person("P1", county.one, 11),
        person("P2", county.one, 1),
        person("P3", county.one, 3),
        person("P3", county.one, 4),
    ]
    answer = await batch(county, "staff", people)
    assert (answer.status_code, answer.json()["code"]) == (409, "platform.batch_conflict")
    assert codes(answer) == [(f"/items/{n}", "schools.staff_taken") for n in (1, 2, 4)]
    unknown = [*people, person("P5", "2162999999", 5)]
    answer = await batch(county, "staff", unknown)
    assert answer.status_code == 422
    assert codes(answer)[-1] == ("/items/5/school_code", "school.unknown")
    assert [row["staff_no"] for row in await county.all("/v1/staff")] == ["P1"]


async def test_a_batch_sent_twice_is_done_once(county: County) -> None:
    items, key = [school(county.code(7))], {"Idempotency-Key": f"batch-{county.serial}"}
    first = await batch(county, "schools", items, headers=key)
    again = await batch(county, "schools", items, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    answer = await batch(county, "schools", items)
    assert codes(answer) == [("/items/0/school_code", "schools.school_code_taken")]


@pytest.mark.parametrize("items", [[], [{}] * 1001], ids=["none", "too many"])
async def test_a_batch_has_one_to_a_thousand(county: County, items: list[Any]) -> None:
    answer = await batch(county, "schools", items)
    assert answer.status_code == 422
    assert codes(answer)[0][0] == "/items"


async def test_whoever_only_reads_creates_nothing(county: County) -> None:
    answer = await batch(county, "schools", [school(county.code(8))], role="bureau_leader")
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.missing_scope")


async def one_by_one(county: County, resource: str, items: list[Any]) -> tuple[int, Any]:
    """What a batch of these should answer: each of them sent by itself, in order."""
    faults: list[tuple[str, str]] = []
    statuses = set()
    for position, item in enumerate(items):
        answer = await county.call("POST", f"/v1/{resource}", json=item)
        statuses.add(answer.status_code)
        found = answer.json()
        if answer.status_code == 409 and not found["errors"]:
            faults.append((f"/items/{position}", found["code"]))
        elif answer.status_code in (409, 422):
            faults += [(f"/items/{position}{pointer}", code) for pointer, code in codes(answer)]
    return max(statuses - {201}, default=201), faults


async def compare(county: County, resource: str, both: list[list[dict[str, Any]]]) -> None:
    """Single ones, then the same as a batch, under names and numbers of their own."""
    single, together = both
    status, faults = await one_by_one(county, resource, single)
    answer = await batch(county, resource, together)
    assert answer.status_code == status, answer.text
    if faults:
        assert codes(answer) == faults
    else:
        assert answer.json() == {"created": len(together)}


EXAMPLES = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Schools 1 to 4 are new; 5 is there, 6 is another bureau's, 7 is nowhere.
NEW_OR_NOT = st.integers(1, 6)
PARENT = st.one_of(st.none(), st.integers(1, 7))


@EXAMPLES
@given(drawn=st.lists(st.tuples(NEW_OR_NOT, PARENT), min_size=1, max_size=6))
async def test_a_batch_of_schools_says_what_single_ones_do(
    empty: County, drawn: list[tuple[int, int | None]]
) -> None:
    asked = [(code, parent) for code, parent in drawn if code != parent]
    elsewhere = County(empty.client, f"4{empty.bureau[1:]}")
    both: list[list[dict[str, Any]]] = []
    for _ in range(2):
        county = County(empty.client, empty.bureau)
        await county.ok("POST", "/v1/schools", json=school(county.code(5)))
        await elsewhere.ok("POST", "/v1/schools", json=school(county.code(6)))
        both.append(
            [
                school(county.code(code), parent_code=parent and county.code(parent))
                for code, parent in asked
            ]
        )
    if asked:
        await compare(empty, "schools", both)


_EXAMPLES = count(1)


@EXAMPLES
@given(
    drawn=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=6
    )
)
async def test_a_batch_of_staff_says_what_single_ones_do(
    county: County, drawn: list[tuple[int, int, bool]]
) -> None:
    """Staff number and ID number 0 are registered; some name an unknown school."""
    both: list[list[dict[str, Any]]] = []
    for _ in range(2):
        serial = next(_EXAMPLES)
        await county.ok("POST", "/v1/staff", json=person(f"E{serial}-0", county.one, serial * 10))
        both.append(
            [
                person(
                    f"E{serial}-{number}",
                    county.one if is_known else "2162999999",
                    serial * 10 + identity,
                )
                for number, identity, is_known in drawn
            ]
        )
    await compare(county, "staff", both)


@pytest.mark.parametrize("resource", ["schools", "staff"])
async def test_a_batch_takes_as_many_statements_whatever_its_size(
    county: County, resource: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def items(first: int, number: int) -> list[Any]:
        numbers = range(first, first + number)
        if resource == "staff":
            return [person(f"P{n}", county.one, n) for n in numbers]
        return [school(county.code(n)) for n in numbers]

    of_table = rf"(from|into) (schools\.)?{resource.removesuffix('s')}\b"
    taken = []
    for first, number in ((3, 1), (4, 2), (6, 60), (6, 60)):  # the first one warms up
        with statements(monkeypatch, app.state.resources[Database]) as sent:
            await batch(county, resource, items(first, number))
        taken.append(len([one for one in sent if re.search(of_table, one, re.IGNORECASE)]))
    _, few, many, refused = taken
    assert 0 < few == many
    assert refused < many


async def test_a_batch_is_logged_row_by_row_and_its_rows_are_like_single_ones(
    county: County,
) -> None:
    single = school(county.code(3), opened_on="1956-09-01", enrolment=860, address="解放路1号")
    await county.ok("POST", "/v1/schools", json=single)
    many = [single | {"school_code": county.code(n)} for n in (4, 5)]
    await batch(county, "schools", many)
    rows = {row["school_code"]: row for row in await county.all("/v1/schools")}
    one, other = rows[county.code(3)], rows[county.code(4)]
    assert {n: v for n, v in one.items() if not _is_own(n)} == {
        n: v for n, v in other.items() if not _is_own(n)
    }
    assert other["etag"] == one["etag"]
    found = await county.ok("GET", f"/v1/schools?q=xiaoxue&school_code={county.code(4)}")
    assert [row["school_code"] for row in found["data"]] == [county.code(4)]
    histories = [
        (await county.ok("GET", f"/v1/schools/{row['id']}/history"))["data"] for row in (one, other)
    ]
    (first,), (second,) = histories
    assert first["changes"].keys() == second["changes"].keys()
    assert second["operation"] == "insert"
    assert second["actor"] == first["actor"]


def _is_own(name: str) -> bool:
    return name in {"id", "school_code", "created_at", "updated_at"}


async def test_of_equal_batches_at_once_one_is_stored(county: County) -> None:
    items = [person(f"P{n}", county.one, n) for n in range(200)]
    answers = await asyncio.gather(*(batch(county, "staff", items) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "platform.batch_conflict"
    assert len(codes(refused)) == len(items)
    assert (await county.ok("GET", "/v1/staff?limit=1&total=exact"))["total"] == len(items)
