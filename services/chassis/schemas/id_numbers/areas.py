"""The division codes that ID numbers begin with, and until when each was given out."""

from importlib.resources import files
from typing import NamedTuple

ALWAYS = 9999

# Residence permits of people from Hong Kong, Macao and Taiwan (since 2018, with 18 digits only).
RESIDENCE_PERMITS = frozenset({"810000", "820000", "830000"})
# Districts taken together: in numbers since the editions of 1980 to 1984, in no edition since.
_TOGETHER = ("01", "02", "11", "20")


class Area(NamedTuple):
    """The years in which a code was in force; 0 and 9999 where the editions know no limit."""

    since: int
    until: int


def _read() -> dict[str, Area]:
    areas = {code: Area(2018, ALWAYS) for code in RESIDENCE_PERMITS}
    text = files(__package__).joinpath("areas.txt").read_text("ascii")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        prefecture, *counties = line.split()
        for county in counties:
            ending, _, years = county.partition(":")
            since, _, until = years.partition("-")
            areas[prefecture + ending] = Area(int(since or 0), int(until or ALWAYS))
        for ending in _TOGETHER:
            areas.setdefault(prefecture + ending, Area(1980, ALWAYS))
    return areas


AREAS = _read()
