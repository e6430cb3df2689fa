"""Absence, calculated by hand."""

import pytest

from client.demo.absence import absent_over_half


def record(kind: str, starts_on: str, ends_on: str, staff_no: str = "T1") -> dict[str, object]:
    return {"staff_no": staff_no, "kind": kind, "starts_on": starts_on, "ends_on": ends_on}


@pytest.mark.parametrize(
    ("ends_on", "is_absent"),
    [
        # 182 of 365 days, and one more.
        ("2025-07-01", False),
        ("2025-07-02", True),
    ],
)
def test_more_than_half_is_one_day_more(ends_on: str, is_absent: bool) -> None:
    found = absent_over_half([record("sick_leave", "2025-01-01", ends_on)], 2025)
    assert found == ({"T1"} if is_absent else set())


def test_half_of_a_leap_year_is_not_more_than_half() -> None:
    # 183 of 366 days, and one more.
    assert absent_over_half([record("sick_leave", "2024-01-01", "2024-07-01")], 2024) == set()
    assert absent_over_half([record("sick_leave", "2024-01-01", "2024-07-02")], 2024) == {"T1"}


def test_kinds_add_up_and_the_same_day_counts_once() -> None:
    pieces = [
        record("sick_leave", "2025-01-01", "2025-03-31"),
        record("personal_leave", "2025-03-01", "2025-06-30"),
        record("study_leave", "2025-12-31", "2026-02-28"),
    ]
    # 181 days to the end of June, and the last of December.
    assert absent_over_half(pieces, 2025) == set()
    assert absent_over_half([*pieces, record("sick_leave", "2025-07-01", "2025-07-01")], 2025)


@pytest.mark.parametrize("kind", ["maternity_leave", "secondment", "under_investigation"])
def test_other_records_do_not_count(kind: str) -> None:
    assert absent_over_half([record(kind, "2025-01-01", "2025-12-31")], 2025) == set()


def test_days_outside_the_year_do_not_count() -> None:
    records = [
        record("sick_leave", "2024-03-01", "2025-06-30"),
        record("sick_leave", "2024-03-01", "2025-07-02", "T2"),
    ]
    assert absent_over_half(records, 2025) == {"T2"}
