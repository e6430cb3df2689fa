"""Samples from a list of real schools: real sizes, invented people, one bureau per district."""

from collections.abc import Sequence
from pathlib import Path

from client.sample.bureau import build_sample
from client.sample.case_templates import M4_CASES, OTHER_CASES, CaseTemplate
from client.sample.errors import SchoolListError
from client.sample.id_numbers import IdNumbers
from client.sample.model import Bureau, Row, Sample
from client.sample.randomness import SeededRandom, WeightedChoice
from client.sample.school_codes import school_code
from client.sample.school_table import ListedSchool, read_school_list
from client.sample.shares import Shares
from client.sample.staff import Registry, Unit

# 91 is not a province, so districts abroad never get the code of a Chinese county.
_PROVINCE = "91"
_SCHOOL_TYPE = "211"
_STAFF_FOR_M4_CASE = 60
_EVERY_NTH_WITH_ANOTHER_CASE = 3
# Counties of many provinces whose codes have not changed for decades.
_HOME_COUNTIES = (  # noqa: SIM905 - a list would take one line an item
    "130123 130225 140221 140321 150221 210224 220122 230123 320321 330122 330225 340122 350121 "
    "350122 360121 370124 370321 410122 410221 420222 430121 430321 440222 450123 140225 510121 "
    "520121 530124 610122 610323 620121 620122 620123 620421 620422 620523 620621 621022 621121"
).split()


def samples_from_list(path: Path, year: int = 2025) -> list[Sample]:
    """One sample per `district_office`, in the order of the list; equal lists give equal bytes.

    Raises:
        SchoolListError: the list cannot be used.
    """
    districts: dict[str, list[tuple[int, ListedSchool]]] = {}
    for serial, school in enumerate(read_school_list(path), start=1):
        districts.setdefault(school.district, []).append((serial, school))
    bureaus = _bureaus({name: members[0][1].state for name, members in districts.items()})
    id_numbers = IdNumbers()
    shares = Shares()
    samples: list[Sample] = []
    with_cases = 0
    for bureau, members in zip(bureaus, districts.values(), strict=True):
        units = [Unit(_row(serial, school), school.teachers) for serial, school in members]
        templates: Sequence[CaseTemplate] = ()
        if sum(unit.staff for unit in units) >= _STAFF_FOR_M4_CASE:
            templates = _templates(with_cases)
            with_cases += 1
        rng = SeededRandom(int(bureau.bureau_code))
        home = WeightedChoice((rng.pick(_HOME_COUNTIES), weight) for weight in (6, 3, 2, 1))
        registry = Registry(year, home, id_numbers)
        samples.append(build_sample(rng, bureau, units, registry, shares, templates))
    return samples


def _bureaus(state_of: dict[str, str]) -> list[Bureau]:
    """Six-digit codes: province, number of the state, number of the district in the state."""
    states = {state: number for number, state in enumerate(dict.fromkeys(state_of.values()), 1)}
    districts_in = dict.fromkeys(states, 0)
    bureaus = []
    for district, state in state_of.items():
        districts_in[state] += 1
        if states[state] > 99 or districts_in[state] > 99:
            raise SchoolListError(
                "学校名单中的州超过 99 个，或一州的区超过 99 个",
                "the school list has more than 99 states, or more than 99 districts in a state",
            )
        code = f"{_PROVINCE}{states[state]:02d}{districts_in[state]:02d}"
        bureaus.append(Bureau(code, f"{district} 教育局"))
    return bureaus


def _templates(position: int) -> list[CaseTemplate]:
    """One case with an M4 for each bureau, a second case for some, all others for the first."""
    chosen = [M4_CASES[position % len(M4_CASES)]]
    if position == 0:
        return chosen + list(OTHER_CASES)
    turn, rest = divmod(position, _EVERY_NTH_WITH_ANOTHER_CASE)
    if rest == 0:
        chosen.append(OTHER_CASES[turn % len(OTHER_CASES)])
    return chosen


def _row(serial: int, school: ListedSchool) -> Row:
    return {
        "school_code": school_code(_SCHOOL_TYPE, _PROVINCE, serial),
        "name": school.name,
        "school_type": _SCHOOL_TYPE,
        "area_type": school.area_type,
        "parent_code": None,
        "status": "active",
        "enrolment": school.pupils,
        "local_code": school.code,
        "address": school.address,
    }
