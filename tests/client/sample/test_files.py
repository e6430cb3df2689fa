import csv
import json
from pathlib import Path

from client.sample.files import csv_bytes, ndjson_bytes, write_csv, write_ndjson
from client.sample.model import Row, Sample

ROWS: list[Row] = [
    {
        "staff_no": "T000001",
        "name": '欧阳"秀"兰, 教师',
        "level": 8,
        "score": 88.25,
        "left_on": None,
    },
    {"staff_no": "T000002", "name": "李明\n乙", "level": 9, "score": 90.0, "left_on": "2025-06-30"},
]


def test_csv_has_a_header_and_an_empty_cell_for_none() -> None:
    assert csv_bytes(ROWS).decode() == (
        "staff_no,name,level,score,left_on\n"
        'T000001,"欧阳""秀""兰, 教师",8,88.25,\n'
        'T000002,"李明\n乙",9,90.0,2025-06-30\n'
    )


def test_ndjson_has_one_object_per_line() -> None:
    lines = ndjson_bytes(ROWS).decode().splitlines()
    assert [json.loads(line) for line in lines] == ROWS
    assert "欧阳" in lines[0]


def test_no_rows_are_no_bytes() -> None:
    assert csv_bytes([]) == ndjson_bytes([]) == b""


def test_files_contain_the_rows(tmp_path: Path, county: Sample) -> None:
    write_csv(tmp_path / "staff.csv", county.staff)
    write_ndjson(tmp_path / "staff.ndjson", county.staff)
    with (tmp_path / "staff.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id_number"] for row in rows] == [row["id_number"] for row in county.staff]
    lines = (tmp_path / "staff.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == county.staff


def test_every_row_of_a_kind_has_the_same_columns(county: Sample) -> None:
    for rows in (county.schools, county.staff, county.participation_records, county.scores):
        assert len({tuple(row) for row in rows}) == 1
