"""Schools of a county of average composition, each with its number of staff."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice

from client.sample.model import Row
from client.sample.places import COUNTY, SEAT, ordinal, town_names, village_names
from client.sample.randomness import SeededRandom
from client.sample.school_codes import school_code
from client.sample.staff import Unit

_PROVINCE = "62"
# Serial numbers above 990000 do not collide with those of real schools.
_FIRST_SERIAL = 990001
_SMALLEST_STAFF = 6
_LARGEST_POINT = 5


@dataclass(frozen=True, slots=True)
class _Site:
    """A school before staffing: usual number of staff, and pupils per member of staff."""

    name: str
    school_type: str
    area_type: str
    town: str
    usual_staff: int
    pupils_each: float
    is_central: bool = False


def county_units(rng: SeededRandom, schools: int, points: int, staff: int) -> list[Unit]:
    """Schools first, then teaching points, so that a parent precedes its points."""
    villages = rng.shuffled(village_names())
    sites = list(_sites(schools, villages))
    point_sizes = [rng.between(2, _LARGEST_POINT) for _ in range(points)]
    sizes = _spread(rng, staff - sum(point_sizes), [site.usual_staff for site in sites])
    units = [
        Unit(_row(rng, number, site, size), size)
        for number, (site, size) in enumerate(zip(sites, sizes, strict=True))
    ]
    hosts = [(site, unit) for site, unit in zip(sites, units, strict=True) if site.is_central]
    for number, (size, (site, unit)) in enumerate(zip(point_sizes, cycle(hosts), strict=False)):
        village = villages[-1 - number]
        point = _Site(f"{COUNTY}{site.town}{village}教学点", "218", "220", site.town, size, 6.0)
        row = _row(rng, schools + number, point, size)
        units.append(Unit(row | {"parent_code": unit.code}, size))
    return units


def _sites(schools: int, villages: list[str]) -> Iterator[_Site]:
    special = int(schools >= 12)
    senior = max(1, schools * 3 // 66) if schools >= 8 else 0
    secondary = schools * 17 // 66
    nine_year = secondary * 6 // 17
    primary = schools - special - senior - secondary
    central = max(1, primary * 16 // 45)
    towns = list(islice(town_names(), max(central, secondary)))
    yield from _primary_sites(primary, central, towns, villages)
    yield from _secondary_sites(secondary - nine_year, nine_year, towns)
    yield from islice(_senior_sites(), senior)
    if special:
        yield _Site(f"{COUNTY}特殊教育学校", "514", "121", SEAT, 32, 4.0)


def _primary_sites(
    count: int, central: int, towns: list[str], villages: list[str]
) -> Iterator[_Site]:
    for town in towns[:central]:
        area = "121" if town.endswith("镇") else "210"
        yield _Site(f"{COUNTY}{town}中心小学", "211", area, town, 54, 15.0, is_central=True)
    urban = min(count - central, count * 7 // 45)
    for number in range(1, urban + 1):
        area = "121" if number % 3 else "122"
        yield _Site(f"{COUNTY}{ordinal(number)}小学", "211", area, SEAT, 98, 18.0)
    for number in range(count - central - urban):
        town = towns[number % central]
        yield _Site(f"{COUNTY}{town}{villages[number]}小学", "211", "220", town, 31, 11.0)


def _secondary_sites(junior: int, nine_year: int, towns: list[str]) -> Iterator[_Site]:
    urban = junior // 3
    for number in range(1, urban + 1):
        yield _Site(f"{COUNTY}{ordinal(number)}初级中学", "311", "121", SEAT, 110, 13.5)
    for town in towns[: junior - urban]:
        yield _Site(f"{COUNTY}{town}初级中学", "311", "121", town, 70, 11.5)
    for town in towns[junior - urban : junior - urban + nine_year]:
        yield _Site(f"{COUNTY}{town}九年制学校", "312", "210", town, 62, 10.5)


def _senior_sites() -> Iterator[_Site]:
    yield _Site(f"{COUNTY}第一中学", "341", "121", SEAT, 210, 13.0)
    yield _Site(f"{COUNTY}第二高级中学", "342", "121", SEAT, 190, 13.0)
    yield _Site(f"{COUNTY}实验学校", "345", "122", SEAT, 175, 14.0)
    for number in range(3, 100):
        yield _Site(f"{COUNTY}{ordinal(number)}高级中学", "342", "121", SEAT, 180, 13.0)


def _spread(rng: SeededRandom, staff: int, usual: list[int]) -> list[int]:
    """Divide the staff in roughly the usual proportions, with the minimum for every school."""
    free = staff - _SMALLEST_STAFF * len(usual)
    if free < 0:
        raise ValueError(
            f"教职工太少：每校至少 {_SMALLEST_STAFF} 人 / "
            f"too few staff: every school requires at least {_SMALLEST_STAFF}"
        )
    weights = [size * rng.between(75, 125) for size in usual]
    total = sum(weights)
    sizes = [_SMALLEST_STAFF + free * weight // total for weight in weights]
    # The rest after rounding down goes to the largest remainders.
    order = sorted(range(len(usual)), key=lambda index: -(free * weights[index] % total))
    for index in order[: staff - sum(sizes)]:
        sizes[index] += 1
    return sizes


def _row(rng: SeededRandom, number: int, site: _Site, staff: int) -> Row:
    return {
        "school_code": school_code(site.school_type, _PROVINCE, _FIRST_SERIAL + number),
        "name": site.name,
        "school_type": site.school_type,
        "area_type": site.area_type,
        "parent_code": None,
        "status": "active",
        "enrolment": int(staff * site.pupils_each * rng.between(85, 115) / 100),
        "local_code": None,
        "address": None if site.school_type == "218" else f"{COUNTY}{site.town}",
    }
