import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from client.sample.county import sample_county
from client.sample.model import Sample

ListWriter = Callable[..., Path]


@pytest.fixture(scope="package")
def county() -> Sample:
    return sample_county()


def listed(**changes: object) -> dict[str, object]:
    """A line of a school list."""
    return {
        "state": "PERAK",
        "district_office": "PPD EXAMPLE",
        "code": "ABC0001",
        "name_ms": "SEKOLAH EXAMPLE",
        "name_zh": "示例华小",
        "address": "NO. 1, JALAN EXAMPLE",
        "postcode": "31920",
        "town": "KAMPAR",
        "location": "Bandar",
        "sessions": 1,
        "enrolment": 59,
        "teachers": 16,
    } | changes


@pytest.fixture
def write_list(tmp_path: Path) -> ListWriter:
    """Writes lines as a school list and returns its path."""

    def write(*lines: dict[str, object], without: str = "", encoding: str = "utf-8") -> Path:
        path = tmp_path / "schools.csv"
        columns = [column for column in listed() if column != without]
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(lines)
        return path

    return write


@pytest.fixture
def big_list(write_list: ListWriter) -> Path:
    """Twelve districts in two states, from one small school to ten schools of forty teachers."""
    return write_list(
        *(
            listed(
                state="PERAK" if district % 2 else "JOHOR",
                district_office=f"PPD {district}",
                code=f"X{district:02d}{number:02d}",
                name_zh=f"第{district}区{number}华小",
                location="Bandar" if number % 2 else "Luar Bandar",
                teachers=8 + 4 * number,
            )
            for district in range(12)
            for number in range(district % 9 + 1)
        )
    )
