"""The people whose ID numbers are guessed: birth date and gender known, ten candidates each."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from services.chassis.schemas.id_numbers.parts import MASK
from tests.schools.county import County, csv_of, person

COUNT, AREA, SERIALS = 300, "620123", 20
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Victim:
    """Somebody whose number is to be guessed.

    Attributes:
        staff_no: the staff number.
        school: the code of the school.
        born: the birth date, which is known.
        gender: known, too.
        number: the truth.
    """

    staff_no: str
    school: str
    born: date
    gender: str
    number: str

    def candidates(self, mask: str) -> list[str]:
        """The numbers that fit what is known and what a mask shows."""
        parity = 1 if self.gender == "male" else 0
        found = [numbered(self.born, serial) for serial in range(SERIALS) if serial % 2 == parity]
        return [one for one in found if _fits(one, mask)]


def numbered(born: date, serial: int) -> str:
    """A valid ID number."""
    body = f"{AREA}{born:%Y%m%d}{serial:03}"
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]


async def registered(county: County, count: int = COUNT) -> list[Victim]:
    """Register people at both schools of a county, born on different days, all of age to work."""
    chance = random.Random(620123)
    victims = []
    for at in range(count):
        born = date(1964, 1, 1) + timedelta(days=37 * at)
        serial = chance.randrange(SERIALS)
        school = (county.one, county.two)[at % 2]
        gender = "male" if serial % 2 else "female"
        victims.append(Victim(f"V{at:03}", school, born, gender, numbered(born, serial)))
    rows = [person(v.staff_no, v.school, 0, id_number=v.number, name="王小明") for v in victims]
    job = await county.load("staff", csv_of(rows))
    assert job["progress"]["created"] == count, job
    return victims


def _fits(number: str, mask: str) -> bool:
    return all(shown in ("*", digit) for shown, digit in zip(mask or MASK, number, strict=True))
