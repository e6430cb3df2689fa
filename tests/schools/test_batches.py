"""Many schools or members of staff in one request."""

from typing import Any

import pytest

from tests.schools.county import County, codes, person, school


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
    assert codes(answer) == [("/items/0", "schools.school_code_taken")]


@pytest.mark.parametrize("items", [[], [{}] * 1001], ids=["none", "too many"])
async def test_a_batch_has_one_to_a_thousand(county: County, items: list[Any]) -> None:
    answer = await batch(county, "schools", items)
    assert answer.status_code == 422
    assert codes(answer)[0][0] == "/items"


async def test_whoever_only_reads_creates_nothing(county: County) -> None:
    answer = await batch(county, "schools", [school(county.code(8))], role="bureau_leader")
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.missing_scope")
