"""No two assignments of one person with the same school and role at the same time, ever."""

import asyncio
from datetime import date, timedelta
from itertools import combinations, count
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.schools.county import County, assignment, person

PATH = "/v1/assignments"
_FIRST = date(2025, 1, 1)
_LAST = 40  # beyond every day that is drawn
_serials = count(200_000)

DAY = st.integers(0, 20)
END = st.none() | st.integers(0, 25)
STEP = st.one_of(
    st.tuples(st.sampled_from(["create", "put"]), st.integers(0, 1), st.integers(0, 1), DAY, END),
    st.tuples(st.just("end"), st.integers(0, 9), END),
    st.tuples(st.just("delete"), st.integers(0, 9)),
)


class AssignmentKey(NamedTuple):
    """Which assignment of the one person: school, role, first day."""

    school: int
    role: int
    start: int


class Model:
    """What should be stored: the last day of each assignment, None without an end."""

    def __init__(self) -> None:
        self.ends: dict[AssignmentKey, int | None] = {}

    def answer(
        self, key: AssignmentKey, end: int | None, *, is_new: bool, created: int, kept: int
    ) -> int:
        """Write an assignment; the status that the service should answer."""
        if end is not None and end < key.start:
            return 422
        days = days_of(key.start, end)
        others = [other for other in self.ends if other[:2] == key[:2]]
        if any(
            days & days_of(other.start, self.ends[other])
            for other in others
            if is_new or other != key
        ):
            return 409
        status = kept if key in self.ends else created
        self.ends[key] = end
        return status

    def at(self, number: int) -> AssignmentKey | None:
        """One of the assignments that there are."""
        keys = sorted(self.ends)
        return keys[number % len(keys)] if keys else None


def days_of(start: int, end: int | None) -> set[int]:
    """Every single day of an assignment."""
    return set(range(start, (_LAST if end is None else end) + 1))


def day(number: int | None) -> str | None:
    """A day as written."""
    return None if number is None else (_FIRST + timedelta(number)).isoformat()


class Person:
    """Somebody of a county whose assignments are written over HTTP."""

    def __init__(self, county: County, staff_no: str) -> None:
        self.county, self.staff_no = county, staff_no

    def body(self, key: AssignmentKey, end: int | None) -> dict[str, Any]:
        """An assignment as written."""
        return assignment(
            self.staff_no, (self.county.one, self.county.two)[key.school],
            role=("teacher", "head_teacher")[key.role], starts_on=day(key.start), ends_on=day(end),
        )  # fmt: skip

    def path(self, key: AssignmentKey) -> str:
        """Its address by key."""
        body = self.body(key, None)
        parts = (body[name] for name in ("staff_no", "school_code", "role", "starts_on"))
        return f"{PATH}/by-key/{'/'.join(parts)}"

    async def step(self, model: Model, step: tuple[Any, ...]) -> None:
        """Do one thing to both, service and model; they must agree."""
        if step[0] in ("create", "put"):
            key, end = AssignmentKey(*step[1:4]), step[4]
            is_new = step[0] == "create"
            expected = model.answer(key, end, is_new=is_new, created=201, kept=200)
            method, path = ("POST", PATH) if is_new else ("PUT", self.path(key))
            answer = await self.county.call(method, path, json=self.body(key, end))
        elif (found := model.at(step[1])) is None:
            return
        else:
            row = await self.county.ok("GET", self.path(found))
            path = f"{PATH}/{row['id']}"
            if step[0] == "delete":
                del model.ends[found]
                expected, answer = 204, await self.county.call("DELETE", path)
            else:
                expected = model.answer(found, step[2], is_new=False, created=201, kept=200)
                change = {"ends_on": day(step[2])}
                answer = await self.county.call("PATCH", path, json=change)
        assert answer.status_code == expected, answer.text

    async def rows(self, **query: Any) -> set[tuple[str, str, str, str | None]]:
        """What is stored."""
        rows = await self.county.all(PATH, staff_no=self.staff_no, **query)
        return {(r["school_code"], r["role"], r["starts_on"], r["ends_on"]) for r in rows}

    def expected(
        self, model: Model, on: int | None = None
    ) -> set[tuple[str, str, str, str | None]]:
        """What should be stored, all of it or what is in force on a day."""
        bodies = [
            self.body(key, end)
            for key, end in model.ends.items()
            if on is None or on in days_of(key.start, end)
        ]
        return {(b["school_code"], b["role"], b["starts_on"], b["ends_on"]) for b in bodies}


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, max_size=20), on=st.integers(0, 30))
async def test_whatever_is_written_in_whatever_order(
    county: County, steps: list[tuple[Any, ...]], on: int
) -> None:
    serial = next(_serials)
    someone, model = Person(county, f"P{serial}"), Model()
    await county.ok("POST", "/v1/staff", json=person(someone.staff_no, county.one, serial))
    for step in steps:
        await someone.step(model, step)
    assert await someone.rows() == someone.expected(model)
    assert await someone.rows(on=day(on)) == someone.expected(model, on)
    assert not overlapping(await someone.rows())


def overlapping(rows: set[tuple[str, str, str, str | None]]) -> bool:
    """Whether two of them share school, role and a day."""
    return any(
        one[:2] == other[:2] and max(one[2], other[2]) <= min(one[3] or "9", other[3] or "9")
        for one, other in combinations(rows, 2)
    )


@pytest.fixture
async def somebody(county: County) -> Person:
    """A person without assignments."""
    await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1))
    return Person(county, "T1")


async def test_of_creations_at_once_one_wins(somebody: Person) -> None:
    bodies = [somebody.body(AssignmentKey(0, 0, start), None) for start in range(6)]
    call = somebody.county.call
    answers = await asyncio.gather(*(call("POST", PATH, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert len(await somebody.rows()) == 1


async def test_of_a_creation_and_a_longer_end_at_once_one_wins(somebody: Person) -> None:
    call, key = somebody.county.call, AssignmentKey(0, 0, 0)
    made = await somebody.county.ok("POST", PATH, json=somebody.body(key, 5))
    answers = await asyncio.gather(
        call("PATCH", f"{PATH}/{made['id']}", json={"ends_on": day(15)}),
        call("POST", PATH, json=somebody.body(AssignmentKey(0, 0, 10), 20)),
        call("PATCH", f"{PATH}/{made['id']}", json={"ends_on": None}),
    )
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {200, 201, 409}
    assert (statuses[1] == 201) == (statuses[0] == statuses[2] == 409)
    assert not overlapping(await somebody.rows())


async def test_puts_at_once_make_one_assignment(somebody: Person) -> None:
    key = AssignmentKey(0, 0, 0)
    call = somebody.county.call
    answers = await asyncio.gather(
        *(call("PUT", somebody.path(key), json=somebody.body(key, end)) for end in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len(await somebody.rows()) == 1


async def test_removed_and_changed_at_once(somebody: Person) -> None:
    made = await somebody.county.ok("POST", PATH, json=somebody.body(AssignmentKey(0, 0, 0), None))
    path = f"{PATH}/{made['id']}"
    answers = await asyncio.gather(
        somebody.county.call("DELETE", path),
        somebody.county.call("PATCH", path, json={"subject": "语文"}),
        somebody.county.call("DELETE", path),
    )
    assert sorted(answer.status_code for answer in (answers[0], answers[2])) == [204, 404]
    assert answers[1].status_code in (200, 404)
    assert await somebody.rows() == set()
