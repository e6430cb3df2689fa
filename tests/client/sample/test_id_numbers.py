from datetime import date
from pathlib import Path

from client.sample.county import sample_county
from client.sample.id_numbers import IdNumbers, check_digit
from client.sample.model import Sample
from client.sample.school_list import samples_from_list


def is_valid(number: str) -> bool:
    """ISO 7064 MOD 11-2 by recurrence instead of the table of weights."""
    remainder = 0
    for character in number[:17]:
        remainder = (remainder + int(character)) * 2 % 11
    check = (12 - remainder) % 11
    return len(number) == 18 and number[17] == "0123456789X"[check]


def test_the_check_digit_of_the_published_example() -> None:
    assert check_digit("11010519491231002") == "X"
    assert is_valid("11010519491231002X")
    assert not is_valid("110105194912310021")


def test_every_number_is_valid_unique_and_belongs_to_nobody(county: Sample) -> None:
    numbers = [row["id_number"] for row in county.staff]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert is_valid(number)
        # Reserved for people over a hundred; nobody here is that old.
        assert number[14:17] in {"996", "997", "998", "999"}
        assert number[6:10] > "1960"


def test_the_birth_date_fits_the_employment(county: Sample) -> None:
    for row in county.staff:
        born = date.fromisoformat(row["id_number"][6:14])
        employed_at = date.fromisoformat(row["employed_on"]).year - born.year
        assert 20 <= employed_at <= 28
        assert 2025 - born.year <= 60


def test_numbers_are_unique_over_all_bureaus_of_a_list(big_list: Path) -> None:
    numbers = [row["id_number"] for one in samples_from_list(big_list) for row in one.staff]
    assert len(set(numbers)) == len(numbers)
    assert all(map(is_valid, numbers))


def test_a_full_day_leads_to_the_next_day() -> None:
    numbers = IdNumbers()
    taken = [numbers.take("620123", date(1980, 12, 31), is_female=False) for _ in range(5)]
    assert [born for _, born in taken] == [
        date(1980, 12, 31),
        date(1980, 12, 31),
        date(1981, 1, 1),
        date(1981, 1, 1),
        date(1981, 1, 2),
    ]
    assert len({number for number, _ in taken}) == 5
    assert all(int(number[16]) % 2 == 1 for number, _ in taken)
    woman, _ = numbers.take("620123", date(1980, 12, 31), is_female=True)
    assert int(woman[16]) % 2 == 0


def test_a_large_county_does_not_run_out() -> None:
    sample = sample_county(schools=300, points=0, staff=15_000)
    assert len({row["id_number"] for row in sample.staff}) == 15_000
