"""The sample county 示例县, with invented schools and people."""

from client.sample.bureau import build_sample
from client.sample.case_templates import COUNTY_CASES
from client.sample.county_schools import county_units
from client.sample.id_numbers import IdNumbers
from client.sample.model import Bureau, Sample
from client.sample.places import COUNTY
from client.sample.randomness import SeededRandom, WeightedChoice
from client.sample.shares import Shares
from client.sample.staff import Registry

# A well-formed county code of Gansu that belongs to no county.
BUREAU_CODE = "620180"
# Area codes of the staff are those of real neighbouring counties, so that they pass every check.
_HOME_COUNTIES = WeightedChoice(
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
    """A county of average composition; equal arguments give identical bytes everywhere.

    `staff` includes people who left during the year. Every scenario occurs at least once, however
    small the county.

    Raises:
        ValueError: there is no school, or there are too few staff for the schools.
    """
    if schools < 1 or points < 0:
        raise ValueError("至少需要一所学校 / at least one school is required")
    rng = SeededRandom(seed)
    return build_sample(
        rng,
        Bureau(BUREAU_CODE, f"{COUNTY}教育局"),
        county_units(rng, schools, points, staff),
        Registry(year, _HOME_COUNTIES, IdNumbers()),
        Shares(at_least=1),
        COUNTY_CASES,
    )
