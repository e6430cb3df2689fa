"""The attack that unmasked 300 of 300 people, by every role and every way: no better than chance.

Of each person the attacker knows birth date and gender, reads what the role may read, and has ten
candidates, among them the right one. Whatever differs in the answers to them is used for the guess.
"""

import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from gateway.roles import ROLES, SERVICE_SCOPES, Level, Role
from tests.schools.county import County
from tests.schools.guessing import channels
from tests.schools.guessing.attacker import Attacker, Seen
from tests.schools.guessing.channels import Channel, Tried
from tests.schools.guessing.people import Victim, registered

PII = "staff:pii"
WITHOUT_PII = [role for role in Role if PII not in ROLES[role].scopes]
CANDIDATES, FEW_CANDIDATES = 10, 6
# Everybody in one file.
OF_ALL: dict[str, Channel] = {
    "a dry run of new people": channels.imported(
        operation="insert", mode="valid_rows", dry_run=True
    ),
    "a dry run of all or nothing": channels.imported(
        operation="upsert", mode="all_or_nothing", dry_run=True
    ),
}
# Twenty people in one request.
OF_SOME: dict[str, Channel] = {
    "an import of new people": channels.imported(operation="upsert", mode="valid_rows"),
    "an import of all or nothing": channels.imported(operation="insert", mode="all_or_nothing"),
    "a batch": channels.in_a_batch,
    "a preview": channels.previewed,
}
# One number of one person in each request.
ONE_BY_ONE: dict[str, Channel] = {
    "dry runs for them": channels.tried_dry_for_them,
    "imports for them": channels.imported_for_them,
    "posts": channels.posted,
    "puts of new people": channels.put_new,
    "puts and patches of theirs": channels.put_theirs,
    "searches": channels.looked_up,
}
# A way, whose numbers are tried by it, and how many candidates there are of each.
Attempt = tuple[str, Channel, Sequence[Victim], int]


def test_only_bureau_administrators_see_numbers() -> None:
    assert {role for role in Role if PII in ROLES[role].scopes} == {Role.BUREAU_ADMIN}
    assert not any(PII in scopes for scopes in SERVICE_SCOPES.values())


@pytest.mark.parametrize("role", WITHOUT_PII)
async def test_no_way_tells_more_than_chance(county: County, role: Role) -> None:
    victims = await registered(county)
    attacker = attacker_of(county, role)
    masks = await attacker.masks()
    fitting = {one.staff_no: one.candidates(masks.get(one.staff_no, "")) for one in victims}
    found = {"reading": by_chance(attacker, victims, fitting, {}, CANDIDATES)}
    for name, channel, some, candidates in attempts(victims, county.one):
        tried = {one.staff_no: some_of(one, candidates) for one in some}
        seen = await channel(attacker, some, tried)
        found[name] = by_chance(attacker, some, tried, seen, candidates)
        if any(len(answers) > 1 for answers in attacker.answers_about(some, tried, seen)):
            found[name] += " the answers to some candidates differ"
    assert not {name: right for name, right in found.items() if right}


@pytest.mark.parametrize("name", ["a dry run of new people", "a batch", "posts"])
async def test_the_attack_works_for_who_may_know(county: County, name: str) -> None:
    """What the attack sees is enough, where there is something to see."""
    victims = await registered(county, 40)
    attacker = attacker_of(county, Role.BUREAU_ADMIN)
    tried = {one.staff_no: some_of(one, FEW_CANDIDATES) for one in victims}
    seen = await (OF_ALL | OF_SOME | ONE_BY_ONE)[name](attacker, victims, tried)
    assert attacker.guess(victims, tried, seen) == len(victims)


def attempts(victims: Sequence[Victim], school: str) -> Iterator[Attempt]:
    """Every way, on people of its own where something is stored."""
    for name, channel in OF_ALL.items():
        yield name, channel, victims, CANDIDATES
    for at, (name, channel) in enumerate(OF_SOME.items()):
        yield name, channel, victims[20 * at : 20 * at + 20], CANDIDATES
    for at, (name, channel) in enumerate(ONE_BY_ONE.items(), 10):
        # A school sees its own people; of the others it can try new ones only.
        some = [one for one in victims[10 * at : 10 * at + 10] if one.school == school]
        yield name, channel, some, FEW_CANDIDATES


def attacker_of(county: County, role: Role) -> Attacker:
    """Somebody with a role, limited to a school if it is one of a school's."""
    subject: dict[str, Any] = {}
    if ROLES[role].level is Level.PLATFORM:
        subject["bureau"] = None
    if role in (Role.SCHOOL_HEAD, Role.SCHOOL_OFFICER):
        subject["schools"] = [county.one]
    if role is Role.STAFF:
        subject |= {"schools": [county.one], "staff_no": "V000"}
    return Attacker.of(county, role, **subject)


def some_of(victim: Victim, count: int) -> list[str]:
    """So many candidates in any order, among them the right one."""
    others = [one for one in victim.candidates("") if one != victim.number]
    chosen = [victim.number, *others[: count - 1]]
    random.Random(victim.number).shuffle(chosen)
    return chosen


def by_chance(
    attacker: Attacker, victims: Sequence[Victim], tried: Tried, seen: Seen, candidates: int
) -> str:
    """Empty if no more guesses are right than without a clue, by four standard deviations."""
    right, chance = attacker.guess(victims, tried, seen), 1 / candidates
    expected = len(victims) * chance
    most = expected + 4 * math.sqrt(expected * (1 - chance))
    return f"{right} of {len(victims)}, by chance {expected:.1f}" if right > most else ""
