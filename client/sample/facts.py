"""Participation facts: what kept people from their post during the year, and what did not."""

from collections.abc import Callable, Sequence
from datetime import date

from client.sample.chance import Dice
from client.sample.leave import Calendar, Period
from client.sample.model import Row
from client.sample.posts import ORDINARY_DUTIES
from client.sample.staff import Person

Story = Callable[[Dice, Calendar], list[Period]]

# Notes hold no diagnosis and no private reason: the platform has no need to know them.
_NOTES = {
    "sick_leave": "病假，手续齐全",
    "personal_leave": "事假，经批准",
    "study_leave": "非组织选派的脱产学习",
    "maternity_leave": "产假，按规定",
    "secondment": "县域内借调支教",
    "under_investigation": "立案调查，尚未结案",
    "refused": "经教育后仍无正当理由拒绝参加考核",
}


def _one(kind: str, low: float, high: float) -> Story:
    """One period with this share of the year inside it, wherever it begins."""
    return lambda dice, year: [
        year.counting(dice, kind, dice.between(int(low * year.days), int(high * year.days)))
    ]


def _exact(kind: str, beyond_half: int) -> Story:
    """One period with so many days more or less than the half that is still allowed."""
    return lambda dice, year: [year.counting(dice, kind, year.half + beyond_half)]


def _short(kind: str, low: int, high: int) -> Story:
    return lambda dice, year: [year.within(dice, kind, dice.between(low, high))]


def _pieces(low: int, high: int) -> Story:
    """Several pieces that together lie so many days beyond half."""
    return lambda dice, year: year.pieces(dice, year.half + dice.between(low, high))


def _mostly_outside(kind: str) -> Story:
    """Longer than half a year as a whole, but less than half inside this year."""
    return lambda dice, year: [
        year.span(kind, -dice.between(120, 150), 120 + dice.between(110, year.half - 40))
    ]


_STORIES: dict[str, Story] = {
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
    "under_investigation": lambda dice, year: [
        year.into_next_year(dice, "under_investigation", dice.between(25, 80))
    ],
    "refused": lambda dice, year: [year.span("refused", year.days - dice.between(8, 16), 1)],
}


def participation_facts(
    dice: Dice, year: int, people: Sequence[Person], shares: dict[str, int]
) -> list[Row]:
    """Facts for people who are otherwise unremarkable; nobody appears in two stories."""
    calendar = Calendar(year)
    deck = dice.shuffled(
        person for person in people if person.role is None and person.duty in ORDINARY_DUTIES
    )
    hosts = list(dict.fromkeys(person.school_code for person in people))
    rows: list[Row] = []
    for name, story in _STORIES.items():
        if name.startswith("secondment") and len(hosts) < 2:
            continue
        for _ in range(shares[name]):
            person = _deal(deck, name, year)
            if person is None:
                break
            person.role = name
            rows += [_row(dice, person, period, hosts) for period in story(dice, calendar)]
    return rows


def _deal(deck: list[Person], name: str, year: int) -> Person | None:
    """Take the next person off the deck whom the story can happen to."""
    for position in range(len(deck) - 1, -1, -1):
        person = deck[position]
        if not name.startswith("maternity") or _may_be_mother(person, year):
            return deck.pop(position)
    return None


def _may_be_mother(person: Person, year: int) -> bool:
    return person.is_female and 24 <= year - person.birth_year <= 41


def _row(dice: Dice, person: Person, period: Period, hosts: list[str]) -> Row:
    host = None
    if period.kind == "secondment":
        host = dice.pick([code for code in hosts if code != person.school_code])
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
