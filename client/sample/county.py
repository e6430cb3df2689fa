"""The sample county: 示例县, invented from its schools to its people."""

from client.sample.bureau import build_sample
from client.sample.case_templates import COUNTY_CASES
from client.sample.chance import Dice, Weighted
from client.sample.county_schools import county_units
from client.sample.id_numbers import IdNumbers
from client.sample.model import Bureau, Sample
from client.sample.places import COUNTY
from client.sample.shares import Shares
from client.sample.staff import Registry

# A well-formed county code of Gansu that no county bears.
BUREAU_CODE = "620180"
# Staff come from real counties round about: their codes pass every check of an area.
_HOME_COUNTIES = Weighted(
    (
        ("620123", 12),
        ("620121", 4),
        ("620122", 4),
        ("621124", 3),
        ("621121", 2),
        ("620422", 2),
        ("620421", 1),
        ("620523", 1),
        ("621027", 1),
    )
)


def sample_county(
    seed: int = 620123, schools: int = 66, points: int = 18, staff: int = 4200, year: int = 2025
) -> Sample:
    """A county of the national average; equal arguments give equal bytes everywhere.

    `staff` counts everybody on the list, those who left during the year included. Every special
    case of a year occurs at least once, however small the county; a county too small to staff its
    schools is refused with ValueError.
    """
    if schools < 1 or points < 0:
        raise ValueError("至少要有一所学校 / at least one school is needed")
    dice = Dice(seed)
    return build_sample(
        dice,
        Bureau(BUREAU_CODE, f"{COUNTY}教育局"),
        county_units(dice, schools, points, staff),
        Registry(year, _HOME_COUNTIES, IdNumbers()),
        Shares(at_least=1),
        COUNTY_CASES,
    )
