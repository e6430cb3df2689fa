"""Rosters, records, scores, directives and rules at random, with a taste for borders and ties."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from services.appraisal.rule_sets.rules import Rules

DIMENSIONS = ("virtue", "ability", "diligence", "achievement", "integrity")
GRADES = ("unqualified", "basically_qualified", "qualified", "excellent")
LEAVE = ("sick_leave", "personal_leave", "study_leave")
KINDS = (*LEAVE, "maternity_leave", "secondment", "under_investigation", "refused")
_EDGES = [Decimal(text) for text in ("0", "49.99", "50", "59.99", "60", "84.99", "85", "90", "100")]


@dataclass
class Scenario:
    """Everything that determination depends on."""

    first: date
    last: date
    rules: Rules
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    participation_records: list[dict[str, Any]] = field(default_factory=list)
    scores: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    directives: list[dict[str, Any]] = field(default_factory=list)


def make_scenario(dice: Random, size: int, rules: Rules) -> Scenario:
    """A year of `size` people."""
    # 365, 366 and 182 days: half of an odd and of an even number.
    first = dice.choice([date(2025, 1, 1), date(2024, 1, 1), date(2024, 1, 1)])
    last = dice.choice([date(first.year, 12, 31), first + timedelta(days=181)])
    made = Scenario(first, last, rules)
    schools = [f"21620000{n:02}" for n in range(1, dice.randint(1, 1 + size // 8) + 1)]
    for number in range(size):
        staff_no = f"P{number:03}"
        made.people[staff_no] = {
            "school_code": dice.choice(schools),
            "employed_on": _employed_on(dice, made),
        }
        if dice.random() < 0.94:
            made.scores[staff_no] = _scores(dice)
        for _ in range(dice.choice([0, 0, 0, 0, 1, 1, 2, 4])):
            made.participation_records.append(_record(dice, made, staff_no, schools))
        for _ in range(dice.choice([0, 0, 0, 0, 0, 0, 1, 2, 3])):
            made.directives.append(_directive(dice, staff_no, len(made.directives)))
    made.directives.append(_directive(dice, "NOBODY", len(made.directives)))
    made.participation_records = list(
        {_key(record): record for record in made.participation_records}.values()
    )
    return made


def _key(record: dict[str, Any]) -> tuple[Any, ...]:
    return record["staff_no"], record["kind"], record["starts_on"]


def _employed_on(dice: Random, made: Scenario) -> date:
    days = (made.last - made.first).days
    if dice.random() < 0.8:
        return date(2001, 9, 1)
    middle = made.first + timedelta(days=days // 2)
    return dice.choice(
        [made.first, middle, middle + timedelta(days=1), middle + timedelta(days=2), made.last]
    )


def _scores(dice: Random) -> dict[str, Decimal]:
    if dice.random() < 0.6:
        return dict.fromkeys(DIMENSIONS, dice.choice(_EDGES[4:]))
    if dice.random() < 0.5:
        points = dice.choice([(92, 90, 90, 88, 90), (88, 90, 90, 92, 90), (90, 90, 92, 90, 88)])
        return {name: Decimal(p) for name, p in zip(DIMENSIONS, points, strict=True)}
    return {
        name: dice.choice([*_EDGES, Decimal(dice.randint(0, 10_000)) / 100]) for name in DIMENSIONS
    }


def _record(dice: Random, made: Scenario, staff_no: str, schools: list[str]) -> dict[str, Any]:
    kind = dice.choices(KINDS, [6, 5, 4, 2, 5, 1, 1])[0]
    days = (made.last - made.first).days + 1
    length = dice.choice([1, days // 4, days // 2, days // 2, days // 2 + 1, dice.randint(1, days)])
    start = dice.choice([0, 0, days - length, dice.randint(-60, days + 20)])
    starts_on = made.first + timedelta(days=start)
    return {
        "staff_no": staff_no,
        "kind": kind,
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=length - 1),
        "host_school_code": dice.choice([*schools, "2162000099"]) if kind == "secondment" else None,
    }


def _directive(dice: Random, staff_no: str, number: int) -> dict[str, Any]:
    effect = dice.choice(["fix", "cap", "floor"])
    return {
        "directive_no": f"D{dice.randint(0, 9)}-{number}",
        "staff_no": staff_no,
        "effect": effect,
        "result": dice.choice(GRADES if effect == "cap" else GRADES[:3]),
        "case_no": f"2025-{number:03}",
        "measure": dice.choice(["M1", "M4"]),
        "basis": "责任追究制度",
        "decided_on": date(2025, 12, 1),
    }
