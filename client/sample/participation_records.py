"""Participation records: leave, secondments, investigations and refusals during the year."""

from collections.abc import Callable, Sequence
from datetime import date

from client.sample.leave import Calendar, Period
from client.sample.model import Row
from client.sample.posts import ORDINARY_DUTIES
from client.sample.randomness import SeededRandom
from client.sample.staff import Person

Scenario = Callable[[SeededRandom, Calendar], list[Period]]

# Notes contain no diagnosis and no private reason, since the platform does not need them.
_NOTES = {
    "sick_leave": "病假，手续齐全",
    "personal_leave": "事假，经批准",
    "study_leave": "非组织选派的脱产学习",
    "maternity_leave": "产假，按规定",
    "secondment": "县域内借调支教",
    "under_investigation": "立案调查，尚未结案",
    "refused": "经教育后仍无正当理由拒绝参加考核",
}


def _one(kind: str, low: float, high: float) -> Scenario:
    """One period that covers this share of the year and may extend beyond either end of it."""
    return lambda rng, year: [
        year.counting(rng, kind, rng.between(int(low * year.days), int(high * year.days)))
    ]


def _exact(kind: str, beyond_half: int) -> Scenario:
    """One period that differs by `beyond_half` days from half of the year, the allowed maximum."""
    return lambda rng, year: [year.counting(rng, kind, year.half + beyond_half)]


def _short(kind: str, low: int, high: int) -> Scenario:
    return lambda rng, year: [year.within(rng, kind, rng.between(low, high))]


def _pieces(low: int, high: int) -> Scenario:
    """Several periods that together exceed half of the year by `low` to `high` days."""
    return lambda rng, year: year.pieces(rng, year.half + rng.between(low, high))


def _mostly_outside(kind: str) -> Scenario:
    """One period longer than half a year, with less than half a year inside this year."""
    return lambda rng, year: [
        year.span(kind, -rng.between(120, 150), 120 + rng.between(110, year.half - 40))
    ]


_SCENARIOS: dict[str, Scenario] = {
    "sick_over": _one("sick_leave", 0.53, 1.0),
    "personal_over": _one("personal_leave", 0.53, 0.7),
    "study_over": _one("study_leave", 0.6, 1.0),
    "sick_over_edge": _exact("sick_leave", 1),
    "personal_over_edge": _exact("personal_leave", 1),
    "pieces_over": _pieces(8, 70),
    "pieces_over_edge": _pieces(1, 1),
    "sick_at_half": _exact("sick_leave", 0),
    "sick_under_edge": _exact("sick_leave", -1),
    "pieces_at_half": _pieces(0, 0),
    "sick_outside_year": _mostly_outside("sick_leave"),
    "sick_short": _short("sick_leave", 3, 120),
    "personal_short": _short("personal_leave", 1, 30),
    "study_short": _short("study_leave", 20, 150),
    "maternity": _short("maternity_leave", 158, 182),
    "maternity_over": _short("maternity_leave", 184, 190),
    "secondment_over": _one("secondment", 0.55, 1.0),
    "secondment_short": _short("secondment", 40, 170),
    "secondment_outside_year": _mostly_outside("secondment"),
    "under_investigation": lambda rng, year: [
        year.into_next_year(rng, "under_investigation", rng.between(25, 80))
    ],
    "refused": lambda rng, year: [year.span("refused", year.days - rng.between(8, 16), 1)],
}


def participation_records(
    rng: SeededRandom, year: int, people: Sequence[Person], shares: dict[str, int]
) -> list[Row]:
    """Participation records for people without another scenario; nobody has two."""
    calendar = Calendar(year)
    pool = rng.shuffled(
        person for person in people if person.scenario is None and person.duty in ORDINARY_DUTIES
    )
    hosts = list(dict.fromkeys(person.school_code for person in people))
    rows: list[Row] = []
    for name, scenario in _SCENARIOS.items():
        if name.startswith("secondment") and len(hosts) < 2:
            continue
        for _ in range(shares[name]):
            person = _draw_person(pool, name, year)
            if person is None:
                break
            person.scenario = name
            rows += [_row(rng, person, period, hosts) for period in scenario(rng, calendar)]
    return rows


def _draw_person(pool: list[Person], name: str, year: int) -> Person | None:
    """Remove and return the next person in the pool who fits the scenario."""
    for position in range(len(pool) - 1, -1, -1):
        person = pool[position]
        if not name.startswith("maternity") or _may_be_mother(person, year):
            return pool.pop(position)
    return None


def _may_be_mother(person: Person, year: int) -> bool:
    return person.is_female and 24 <= year - person.birth_year <= 41


def _row(rng: SeededRandom, person: Person, period: Period, hosts: list[str]) -> Row:
    host = None
    if period.kind == "secondment":
        host = rng.pick([code for code in hosts if code != person.school_code])
    return {
        "staff_no": person.staff_no,
        "kind": period.kind,
        "starts_on": _iso(period.starts_on),
        "ends_on": _iso(period.ends_on),
        "host_school_code": host,
        "note": _NOTES[period.kind],
    }


def _iso(day: date) -> str:
    return day.isoformat()
