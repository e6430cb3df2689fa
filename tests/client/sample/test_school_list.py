import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.sample.errors import SchoolListError
from client.sample.model import Sample
from client.sample.school_list import samples_from_list
from tests.client.sample.conftest import ListWriter, listed
from tests.client.sample.recomputed import fingerprint, long_absent, m4_persons, short_service

GOLDEN = "21e4ae2557eeb7552d61a9cef6a01933a0029d9c75b8d66d629097d05a810911"


def refused(path: Path) -> SchoolListError:
    with pytest.raises(SchoolListError) as caught:
        samples_from_list(path)
    return caught.value


def test_each_district_becomes_a_bureau_with_its_schools(big_list: Path) -> None:
    samples = samples_from_list(big_list)
    assert [one.bureau.name for one in samples] == [f"PPD {n} 教育局" for n in range(12)]
    codes = [one.bureau.bureau_code for one in samples]
    assert codes[:4] == ["910101", "910201", "910102", "910202"]
    assert len(set(codes)) == 12
    school_codes = [row["school_code"] for one in samples for row in one.schools]
    assert len(set(school_codes)) == len(school_codes)
    assert all(len(code) == 10 and code.startswith("21") for code in school_codes)


def test_staff_match_the_number_of_teachers(big_list: Path) -> None:
    for sample in samples_from_list(big_list):
        count = Counter(row["school_code"] for row in sample.staff)
        heads = Counter(row["school_code"] for row in sample.staff if row["duty"] == "校长")
        for number, row in enumerate(sample.schools):
            assert count[row["school_code"]] == 8 + 4 * number
            assert heads[row["school_code"]] == 1
        assert [row["staff_no"] for row in sample.staff][:1] == ["T000001"]


def test_equal_lists_give_equal_bytes_everywhere(big_list: Path) -> None:
    assert fingerprint(*samples_from_list(big_list)) == GOLDEN


def test_a_line_becomes_a_school_row(write_list: ListWriter) -> None:
    line = listed(enrolment=" 1,204 ", teachers="１６", location=" luar  bandar ")
    (sample,) = samples_from_list(write_list(line))
    assert sample.schools == [
        {
            "school_code": "2191000001",
            "name": "示例华小",
            "school_type": "211",
            "area_type": "220",
            "parent_code": None,
            "status": "active",
            "enrolment": 1204,
            "local_code": "ABC0001",
            "address": "NO. 1, JALAN EXAMPLE, 31920 KAMPAR",
        }
    ]
    assert len(sample.staff) == 16


def with_m4(samples: list[Sample]) -> list[bool]:
    return [bool(m4_persons(sample)) for sample in samples]


def test_every_bureau_with_sixty_staff_has_an_m4_and_all_measures_occur(big_list: Path) -> None:
    samples = samples_from_list(big_list)
    assert with_m4(samples) == [len(sample.staff) >= 60 for sample in samples]
    assert any(with_m4(samples))
    measures = {
        one.measure for sample in samples for case in sample.cases for one in case.respondents
    }
    assert measures >= {"M1", "M2", "M3", "M4", "M5"}
    for sample in samples:
        m4 = set(m4_persons(sample))
        records = {record["staff_no"] for record in sample.participation_records}
        assert m4.isdisjoint(records | short_service(sample))


def test_many_small_bureaus_together_have_their_share_of_leave(write_list: ListWriter) -> None:
    lines = [listed(code=f"C{n}", district_office=f"PPD {n}", teachers=30) for n in range(80)]
    samples = samples_from_list(write_list(*lines))
    assert 10 <= sum(len(long_absent(sample)) for sample in samples) <= 16
    assert 45 <= sum(len(short_service(sample)) for sample in samples) <= 55


def test_empty_numbers_are_unknown_and_mean_no_staff(write_list: ListWriter) -> None:
    (sample,) = samples_from_list(write_list(listed(enrolment="", teachers="")))
    assert sample.schools[0]["enrolment"] is None
    assert not any((sample.staff, sample.scores, sample.participation_records, sample.cases))


def test_space_byte_order_mark_and_blank_lines_are_ignored(write_list: ListWriter) -> None:
    blank = dict.fromkeys(listed(), "  ")
    line = listed(name_zh="　示例\u200b华小 ", district_office=" PPD  EXAMPLE ", code="\x00ABC0001")
    (sample,) = samples_from_list(write_list(line, blank, encoding="utf-8-sig"))
    assert sample.bureau.name == "PPD EXAMPLE 教育局"
    assert [(row["name"], row["local_code"]) for row in sample.schools] == [("示例华小", "ABC0001")]


def test_the_malay_name_replaces_a_missing_chinese_one(write_list: ListWriter) -> None:
    (sample,) = samples_from_list(write_list(listed(name_zh="")))
    assert sample.schools[0]["name"] == "SEKOLAH EXAMPLE"


def test_a_repeated_line_counts_once(write_list: ListWriter) -> None:
    (sample,) = samples_from_list(write_list(listed(), listed()))
    assert len(sample.schools) == 1


def test_a_contradicting_repetition_is_a_fault(write_list: ListWriter) -> None:
    error = refused(write_list(listed(), listed(teachers=17)))
    assert "第 3 行" in error.zh
    assert "line 3: code ABC0001 is repeated with different contents" in error.en


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        ({"teachers": "many"}, "teachers 须为", "teachers must be a whole number"),
        ({"enrolment": "-5"}, "enrolment 须为", "enrolment must be a whole number"),
        ({"enrolment": "9" * 5000}, "enrolment 须为", "enrolment must be a whole number"),
        ({"enrolment": "3.5"}, "enrolment 须为", "enrolment must be a whole number"),
        ({"location": "Pekan"}, "location 无法识别：Pekan", "unknown location: Pekan"),
        ({"district_office": " "}, "缺少 district_office", "district_office is empty"),
        ({"name_zh": "", "name_ms": ""}, "缺少学校名称", "the school has no name"),
    ],
)
def test_a_faulty_line_is_named(
    write_list: ListWriter, change: dict[str, object], zh: str, en: str
) -> None:
    error = refused(write_list(listed(**change)))
    assert f"第 2 行：{zh}" in error.zh
    assert f"line 2: {en}" in error.en
    assert str(error) == f"{error.zh} / {error.en}"


def test_the_first_ten_faults_are_listed_at_once(write_list: ListWriter) -> None:
    error = refused(write_list(*(listed(code=f"C{n}", teachers="?") for n in range(13))))
    assert error.en.count("must be a whole number") == 10
    assert "and 3 more" in error.en
    assert "另有 3 处" in error.zh


def test_missing_columns_are_named(write_list: ListWriter) -> None:
    error = refused(write_list(listed(), without="teachers"))
    assert error.zh == "学校名单缺少列：teachers"
    assert error.en == "the school list lacks the columns: teachers"


def test_a_surplus_comma_is_a_fault(write_list: ListWriter) -> None:
    path = write_list(listed())
    path.write_text(path.read_text("utf-8").rstrip() + ",surplus\n", "utf-8")
    assert "line 2 of the school list has 13 columns, the header 12" in refused(path).en


@pytest.fixture
def usual_cells() -> Iterator[None]:
    """The default cell limit of csv, which services in the same process change."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("usual_cells")
def test_files_without_a_valid_list_are_refused(tmp_path: Path, write_list: ListWriter) -> None:
    assert "cannot be read" in refused(tmp_path / "absent.csv").en
    assert "encoded in UTF-8" in refused(write_list(listed(), encoding="gb18030")).en
    assert "contains no school" in refused(write_list()).en
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    assert "lacks the columns" in refused(empty).en
    huge_cell = tmp_path / "huge.csv"
    huge_cell.write_bytes(b"code," + b"x" * 200_000)
    assert "line 1 of the school list is not valid CSV" in refused(huge_cell).en


def test_more_than_99_states_are_a_fault(write_list: ListWriter) -> None:
    lines = [listed(code=f"C{n}", state=f"S{n}", district_office=f"PPD {n}") for n in range(100)]
    assert "more than 99 states" in refused(write_list(*lines)).en
