"""Files from people's bug reports: the right value or the right words, and nothing in silence."""

from typing import Any

import pytest

from tests.imports.driving import admin_of
from tests.imports.real_files import (
    SCHOOL_HEADER,
    STAFF_HEADER,
    Book,
    book,
    case_file,
    faults_of,
    first_words,
    look,
    own_codes,
    school_row,
    schools,
    table,
)
from tests.schools.county import County, id_number
from tests.support.importing import Job, counts, open_import

OPENED = [*SCHOOL_HEADER, "建校日期"]
FOUND = tuple[tuple[int, int, int, int], list[tuple[int, str, str]]]


async def load_case(county: County, name: str, resource: str = "staff", **options: Any) -> Job:
    """Import a file of `cases/`, the good rows beside the faulty ones."""
    content = case_file(county, name)
    return await county.load(resource, content, name, mode="valid_rows", **options)


async def load_book(county: County, content: bytes, **options: Any) -> Job:
    """Import schools from a workbook."""
    return await county.load("schools", content, "schools.xlsx", mode="valid_rows", **options)


async def stored(county: County, resource: str, column: str) -> dict[str, Any]:
    """A column of what is stored, by the key."""
    key = {"staff": "staff_no", "schools": "school_code"}[resource]
    return {row[key]: row[column] for row in await county.all(f"/v1/{resource}")}


def found(job: Job) -> FOUND:
    """Counts and faults."""
    return counts(job), job["faults"]


async def test_days_are_taken_with_the_year_first(county: County) -> None:
    job = await load_case(county, "dates-excel-csv.csv")
    assert found(job) == ((4, 0, 0, 0), [])
    assert {*(await stored(county, "staff", "employed_on")).values()} == {"2024-09-01"}


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("1/9/2024", "date.year_first"),
        ("24/9/1", "date.year_first"),
        ("24年9月1日", "date.year_first"),
        ("2024年9月", "date.incomplete"),
        ("2024.9", "date.incomplete"),
        ("200809", "date.incomplete"),
        ("1958年", "date.incomplete"),
        ("2024/2/30", "date_from_datetime_parsing"),
        ("45536", "date.number"),
        ("1905/7/12", "date.format_over_number"),
        ("二〇二四年九月一日", "date_from_datetime_parsing"),
    ],
)
async def test_days_that_are_not_certain_are_faults(county: County, day: str, code: str) -> None:
    row = ["T1", "甲", id_number(1), county.one, "管理岗位", day]
    job = await county.load("staff", table(STAFF_HEADER, row))
    assert job["faults"] == [(2, "employed_on", code)]
    (fault,) = await faults_of(county, job)
    assert day in fault["message"] or code == "date_from_datetime_parsing"


@pytest.mark.parametrize(
    "day", ["2024年9月1号", "2024 年 9 月 1 日", "２０２４-９-１", "2024/9/1 0:00"]
)
async def test_days_are_read_as_they_look(county: County, day: str) -> None:
    row = ["T1", "甲", id_number(1), county.one, "管理岗位", day]
    assert counts(await county.load("staff", table(STAFF_HEADER, row))) == (1, 0, 0, 0)
    assert await stored(county, "staff", "employed_on") == {"T1": "2024-09-01"}


@pytest.mark.parametrize(("number", "is_formatted"), [(1958, 0), (1958, 1), (20240901, 1)])
async def test_a_year_is_no_day(county: County, number: int, is_formatted: int) -> None:
    made = Book()
    sheet = made.sheet("Sheet1", [OPENED, school_row(county, 21)])
    sheet.write_number(1, 4, number, made.day if is_formatted else None)
    job = await load_book(county, made.content())
    code = "date.format_over_number" if is_formatted else "date.incomplete"
    assert found(job) == ((0, 0, 0, 1), [(2, "opened_on", code)])
    for language, words in (("zh-CN", "完整日期"), ("en", "whole date, such as 1958-01-01")):
        (fault,) = await faults_of(county, job, language)
        assert words in fault["message"] or "请写到日" in fault["message"]
        assert str(number) in fault["message"]


async def test_a_day_may_be_a_number_of_eight_digits(county: County) -> None:
    content = schools([*school_row(county, 21), 20240901], header=OPENED)
    assert counts(await load_book(county, content)) == (1, 0, 0, 0)
    assert (await stored(county, "schools", "opened_on"))[county.code(21)] == "2024-09-01"


async def test_days_that_contradict_each_other_are_named(county: County) -> None:
    job = await load_case(county, "employed-before-birth.csv")
    assert found(job) == (
        (0, 0, 0, 2),
        [(2, "employed_on", "employed_on.under_age"), (3, "employed_on", "date.too_far_ahead")],
    )
    first, second = await faults_of(county, job)
    assert "1905-07-12" in first["message"]
    assert "1990-01-01" in first["message"]
    assert "2062-09-01" in second["message"]
    assert second["params"]["today"] in second["message"]


async def test_the_age_of_work_holds_for_every_way_of_writing(county: County) -> None:
    person = {
        "staff_no": "T1", "name": "甲", "id_number": id_number(1), "school_code": county.one,
        "post_category": "worker", "employed_on": "1975-12-31",
    }  # fmt: skip
    answer = await county.call("POST", "/v1/staff", json=person)
    assert answer.json()["errors"][0]["code"] == "employed_on.under_age"
    await county.ok("POST", "/v1/staff", json=person | {"employed_on": "1976-01-01"})
    answer = await county.call("PATCH", "/v1/staff/by-key/T1", json={"employed_on": "1975-01-01"})
    assert answer.json()["errors"][0]["code"] == "employed_on.under_age"
    # In a file without the number, the stored day of birth counts.
    job = await county.load("staff", table(["工号", "入职日期"], ["T1", "1975-01-01"]))
    assert job["faults"] == [(2, "employed_on", "employed_on.under_age")]


async def test_names_are_stored_as_they_look(county: County) -> None:
    job = await load_case(county, "names-invisible.csv")
    assert found(job) == ((5, 0, 0, 1), [(6, "name", "text.lost_character")])
    (fault,) = await faults_of(county, job)
    assert "\ufffd" in fault["message"]
    assert "U+FFFD" in fault["message"]
    names = {"N1": "张三丰", "N2": "赵六一", "N3": "方小红", "N4": "王明", "N6": "陈静"}
    assert await stored(county, "staff", "name") == names
    for q, staff_no in {
        "张三丰": "N1", "张\u200b三": "N1", "\ufeff赵六一": "N2", "⽅⼩红": "N3", "方小红": "N3",
        "王明": "N4", "王\u3000明": "N4", "陈\xa0静": "N6", "chenjing": "N6",
    }.items():  # fmt: skip
        assert [row["staff_no"] for row in await county.all("/v1/staff", q=q)] == [staff_no], q


@pytest.mark.parametrize("name", ["钱\ue000文", "锟斤拷", "\U000f0000"])
async def test_what_no_reader_can_make_out_is_a_fault(county: County, name: str) -> None:
    row = ["T1", name, id_number(1), county.one, "管理岗位", "2024-09-01"]
    job = await county.load("staff", table(STAFF_HEADER, row))
    assert job["faults"] == [(2, "name", "text.lost_character")]


async def test_codes_are_stored_as_they_look(county: County) -> None:
    assert found(await load_case(county, "codes-invisible.csv")) == ((7, 0, 0, 0), [])
    assert {*await stored(county, "staff", "school_code")} == {f"H{n}" for n in range(1, 8)}
    assert {*(await stored(county, "staff", "school_code")).values()} == {county.one}


async def test_what_is_wrong_with_a_code_is_named(county: County) -> None:
    row = ["T 1", "甲", id_number(1), f"{county.one}号", "管理岗位", "2024-09-01"]
    job = await county.load("staff", table(STAFF_HEADER, row))
    code = "string_pattern_mismatch"
    assert job["faults"] == [(2, "staff_no", code), (2, "school_code", code)]
    first, second = await faults_of(county, job)
    assert "“T 1”" in first["message"]
    assert "U+0020" in first["message"]
    assert f"{county.one}号" in second["message"]


async def test_labels_in_use_lead_to_the_codes(county: County) -> None:
    job = await load_case(county, "labels-in-use.csv", "schools")
    assert counts(job) == (0, 0, 0, 3)
    words = [fault["message"] for fault in await faults_of(county, job)]
    for value, nearest in {
        "初中": "311 初级中学", "城区": "111 主城区", "九年一贯制": "312 九年一贯制学校",
        "镇区": "121 镇中心区", "完小": "211 小学", "乡村": "220 村庄",
    }.items():  # fmt: skip
        (one,) = [message for message in words if f"“{value}”" in message]
        assert nearest in one.partition("可填")[0], one
    mapping = {
        "school_type": {"初中": "311", "九年一贯制": "九年一贯制学校", "完小": "211"},
        "area_type": {"城区": "111", "镇区": "121", "乡村": "220"},
    }
    again = await load_case(county, "labels-in-use.csv", "schools", value_mapping=mapping)
    assert found(again) == ((3, 0, 0, 0), [])


async def test_a_number_with_all_its_digits_is_a_code(county: County) -> None:
    row = [int(county.code(21)), "示例小学", "小学", "村庄"]
    assert counts(await load_book(county, schools(row))) == (1, 0, 0, 0)
    short = [int(county.code(22)) // 10, "示例小学", "小学", "村庄"]
    job = await load_book(county, schools(short))
    assert job["faults"] == [(2, "school_code", "import.number_in_text_column")]
    (fault,) = await faults_of(county, job)
    assert "数据→分列" in fault["message"]


@pytest.mark.parametrize("number", ["6.20123E+17", "6.20123e+17", "2.163E+09"])
async def test_a_shortened_number_is_named_as_such(county: County, number: str) -> None:
    row = ["F1", "甲", number, county.one, "管理岗位", "2024-09-01"]
    job = await county.load("staff", table(STAFF_HEADER, row))
    assert job["faults"] == [(2, "id_number", "import.shortened_number")]
    (fault,) = await faults_of(county, job)
    assert number in fault["message"]
    assert "分列" in fault["message"]


async def test_data_without_a_header_are_refused(county: County) -> None:
    job = await load_case(county, "blank-header-data.csv", "schools")
    (fault,) = job["problem"]["errors"]
    assert fault["code"] == "import.column_without_header"
    assert "E 列" in fault["message"]
    assert "示例县某村" in fault["message"]
    mapped = {"column_mapping": {"": None}}
    assert counts(await load_case(county, "blank-header-data.csv", "schools", **mapped))[0] == 1


async def test_data_without_a_header_are_found_further_down(county: County) -> None:
    rows = [[*school_row(county, number), ""] for number in range(21, 50)]
    rows[-1][4] = "示例县"
    job = await county.load("schools", table([*SCHOOL_HEADER, ""], *rows), mode="valid_rows")
    assert found(job) == ((28, 0, 0, 1), [(30, "", "import.column_without_header")])


async def test_the_job_tells_of_the_other_sheets(county: County) -> None:
    made = Book()
    made.sheet("第一小学", [SCHOOL_HEADER, school_row(county, 21)])
    made.sheet("第二小学", [SCHOOL_HEADER, school_row(county, 22)])
    made.sheet("空", [])
    made.sheet("字典", [["小学"], ["村庄"]]).hide()
    job = await load_book(county, made.content())
    assert counts(job) == (1, 0, 0, 0)
    assert job["reading"]["sheet"] == "第一小学"
    assert job["reading"]["other_sheets"] == [
        {"name": "第二小学", "is_hidden": False, "has_header": True},
        {"name": "字典", "is_hidden": True, "has_header": False},
    ]
    (notice,) = job["notices"]
    assert notice["code"] == "import.other_sheets"
    assert "第二小学" in notice["message"]
    assert "字典" not in notice["message"]


async def test_sheets_in_front_are_passed_by(county: County) -> None:
    made = Book()
    made.sheet("填表说明", [["一、请如实填写"], ["二、学校标识码为 10 位"]])
    made.sheet("学校", [SCHOOL_HEADER, school_row(county, 21)])
    job = await load_book(county, made.content())
    assert (counts(job), job["reading"]["sheet"]) == ((1, 0, 0, 0), "学校")


async def test_hidden_rows_are_taken_and_told(county: County) -> None:
    made = Book()
    rows = [school_row(county, number) for number in (21, 22, 23)]
    sheet = made.sheet("Sheet1", [SCHOOL_HEADER, *rows])
    sheet.autofilter("A1:D4")
    sheet.set_row(2, None, None, {"hidden": True})
    job = await load_book(county, made.content())
    assert counts(job) == (3, 0, 0, 0)
    assert job["reading"]["hidden_rows"] == {"count": 1, "first": [3]}
    assert [(one["code"], one["rows"]) for one in job["notices"]] == [("import.hidden_rows", 1)]


async def test_sections_and_footers_are_passed_over_and_told(county: County) -> None:
    made = Book()
    sheet = made.sheet(
        "Sheet1",
        [
            SCHOOL_HEADER,
            ["城关镇（1所）"],
            school_row(county, 21),
            ["合计", "=COUNTA(A3:A3)", None, 1],
            SCHOOL_HEADER,
            school_row(county, 22),
            ["填表人：王某", None, "审核人：李某"],
        ],
    )
    sheet.merge_range("A2:D2", "城关镇（1所）")
    job = await load_book(county, made.content())
    assert (job["problem"], found(job)) == (None, ((2, 0, 0, 0), []))
    assert job["progress"]["rows"] == 2
    assert job["reading"]["rows_passed_over"] == [
        {"reason": "section", "count": 1, "first": [2]},
        {"reason": "total", "count": 1, "first": [4]},
        {"reason": "header", "count": 1, "first": [5]},
        {"reason": "note", "count": 1, "first": [7]},
    ]
    (notice,) = job["notices"]
    assert (notice["code"], notice["rows"]) == ("import.rows_passed_over", 4)
    assert "分节 1（第 2 行）" in notice["message"]
    applied = await county.call("GET", f"/v1/imports/{job['id']}/applied-rows")
    assert applied.status_code == 200


async def test_a_row_that_may_be_data_is_never_passed_over(county: County) -> None:
    code = county.code(21)
    job = await county.load(
        "schools", table(SCHOOL_HEADER, [code, "", "", ""], ["", "示例小学", "", ""])
    )
    assert {fault[0] for fault in job["faults"]} == {2, 3}
    assert job["reading"]["rows_passed_over"] == []


async def test_a_section_may_be_a_line_of_its_own(county: County) -> None:
    header = ["序号", *SCHOOL_HEADER]
    lines = [",".join(header), "一、城关镇（1所）", ",".join(["1", *school_row(county, 21)])]
    content = "\n".join([*lines, "共1所", "2," + county.code(22)])
    options: dict[str, Any] = {"column_mapping": {"序号": None}, "mode": "valid_rows"}
    job = await county.load("schools", content, **options)
    assert found(job) == ((1, 0, 0, 1), [(5, "", "import.column_count")])
    assert {one["reason"]: one["first"] for one in job["reading"]["rows_passed_over"]} == {
        "section": [2], "note": [4],
    }  # fmt: skip


async def test_hidden_characters_in_headers_do_no_harm(county: County) -> None:
    header = ["\ufeff学校\u200b标识码", "\u3000学校名称", "办\xa0学类型", "城乡类型", "\u200b"]
    job = await county.load("schools", table(header, [*school_row(county, 21), ""]))
    assert counts(job) == (1, 0, 0, 0)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_the_header_is_found_by_synonyms(county: County, form: str) -> None:
    if form == "csv":
        content = case_file(county, "title-row-other-headers.csv")
    else:
        content = book(
            ["2024年教师花名册"], [], ["编号", "教师姓名", "身份证号码", "所在学校"], ["A1", "甲"]
        )
    seen = await look(county, content, f"a.{form}", "staff")
    assert seen["header_row"] == (2 if form == "csv" else 3)
    assert [one["suggestions"][0]["field"] for one in seen["columns"]] == [
        "staff_no", "name", "id_number", "school_code",
    ]  # fmt: skip
    job = await county.load("staff", content, f"a.{form}")
    assert {fault["params"]["row"] for fault in job["problem"]["errors"]} == {seen["header_row"]}
    assert "编号（是否为 工号 staff_no？）" in first_words(job)


async def test_rows_of_spaces_are_blank(county: County) -> None:
    job = await load_case(county, "blank-row-spaces.csv", "schools")
    assert (found(job), job["progress"]["rows"]) == (((1, 0, 0, 0), []), 1)
    wide = table(SCHOOL_HEADER, school_row(county, 22), ["\u3000", "\xa0", "\u200b", " "])
    job = await county.load("schools", wide)
    assert (found(job), job["progress"]["rows"]) == (((1, 0, 0, 0), []), 1)
    applied = await county.call("GET", f"/v1/imports/{job['id']}/applied-rows")
    assert len(applied.text.splitlines()) == 2


async def test_surplus_cells_without_content_are_nothing(county: County) -> None:
    job = await load_case(county, "trailing-commas-rows.csv", "schools")
    assert found(job) == ((1, 0, 0, 0), [])


async def test_text_that_is_not_chinese_is_doubted(county: County) -> None:
    job = await load_case(county, "cp1252.csv", "schools")
    assert (job["state"], job["problem"]["code"]) == ("failed", "import.encoding_doubtful")
    assert "第 2 行" in job["problem"]["detail"]
    assert "St Mary" in job["problem"]["detail"]
    job = await load_case(county, "cp1252.csv", "schools", encoding="windows-1252")
    assert counts(job) == (1, 0, 0, 0)
    assert (await stored(county, "schools", "name"))[county.code(61)] == "St Mary’s School"


def two_rows(county: County) -> Book:
    """A workbook whose header takes two rows, with a group of columns."""
    made = Book()
    sheet = made.sheet(
        "Sheet1",
        [
            ["示例县学校一览表"],
            ["学校标识码", "学校名称", "类型", None],
            [None, None, "办学类型", "城乡类型"],
            school_row(county, 21),
        ],
    )
    sheet.merge_range("A1:D1", "示例县学校一览表")
    sheet.merge_range("A2:A3", "学校标识码")
    sheet.merge_range("B2:B3", "学校名称")
    sheet.merge_range("C2:D2", "类型")
    return made


async def test_a_header_may_take_two_rows(county: County) -> None:
    job = await load_book(county, two_rows(county).content())
    assert (job["problem"], counts(job)) == (None, (1, 0, 0, 0))
    assert job["reading"]["header_rows"] == [2, 3]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "HTML"),
        (b"\xef\xbb\xbf <!DOCTYPE html>\n<html></html>", "HTML"),
        ('<meta charset="gbk"><table><tr><td>工号'.encode("gb18030"), "HTML"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML"),
        ("\ufeff<table><tr><td>工号".encode("utf-16-le"), "HTML"),
    ],
)
async def test_markup_is_named_as_what_it_is(county: County, content: bytes, found: str) -> None:
    for name in ("教师.xls", "教师.csv", "教师.xlsx"):
        job = await county.load("staff", content, name)
        assert job["problem"]["code"] == "import.is_markup"
        assert found in job["problem"]["detail"]
        assert ".xlsx" in job["problem"]["detail"]


@pytest.mark.parametrize("delimiter", ["\t", ";", "|", ","])
@pytest.mark.parametrize("first", ["", "sep={}\r\n", "示例县学校一览表\r\n"])
async def test_other_delimiters_are_found(county: County, delimiter: str, first: str) -> None:
    content = first.format(delimiter).encode() + table(
        SCHOOL_HEADER, school_row(county, 21), delimiter=delimiter
    )
    assert counts(await county.load("schools", content)) == (1, 0, 0, 0)


async def test_unknown_columns_are_ignored_if_that_is_wanted(county: County) -> None:
    content = table([*SCHOOL_HEADER, "校长", ""], [*school_row(county, 21), "王某", "x"])
    job = await county.load("schools", content, ignore_unknown_columns=True)
    assert counts(job) == (1, 0, 0, 0)
    assert job["reading"]["columns_passed_over"] == ["校长"]
    assert [one["code"] for one in job["notices"]] == ["import.columns_passed_over"]


async def test_failed_rows_need_no_options_again(county: County) -> None:
    header = [*SCHOOL_HEADER, "校长", ""]
    row = [*school_row(county, 21, 办学类型="完小", 城乡类型="x"), "王某", "y"]
    options: dict[str, Any] = {
        "ignore_unknown_columns": True,
        "column_mapping": {"学校名称": "name"},
        "value_mapping": {"school_type": {"完小": "小学"}},
    }
    job = await county.load("schools", table(header, row), mode="valid_rows", **options)
    assert found(job) == ((0, 0, 0, 1), [(2, "area_type", "code.unknown")])
    failed = await county.call("GET", f"/v1/imports/{job['id']}/failed-rows")
    again = await county.load("schools", failed.content, mode="valid_rows")
    assert found(again) == ((0, 0, 0, 1), [(2, "area_type", "code.unknown")])
    corrected = failed.content.decode("utf-8-sig").replace(",x,", ",村庄,", 1)
    assert counts(await county.load("schools", corrected)) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("options", "pointer", "code"),
    [
        (
            {"value_mapping": {"colour": {"x": "y"}}},
            "/value_mapping/colour",
            "import.unknown_field",
        ),
        (
            {"value_mapping": {"school_type": {"完小": "999"}}},
            "/value_mapping/school_type/完小",
            "code.unknown",
        ),
    ],
)
async def test_a_mapping_of_values_must_lead_somewhere(
    county: County, options: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await open_import(county.client, admin_of(county), "schools", **options)
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"], fault["code"]) == (422, pointer, code)


async def test_formulas_among_the_data_are_faults_of_their_rows(county: County) -> None:
    row = school_row(county, 21)
    content = schools(row, [county.code(22), '="示例"&"小学"', "小学", "村庄"])
    job = await load_book(county, content)
    assert found(job) == ((1, 0, 0, 1), [(3, "name", "import.formula_cell")])


async def test_a_roster_may_have_five_hundred_columns(county: County) -> None:
    more = [f"自设{n}" for n in range(496)]
    content = table([*SCHOOL_HEADER, *more], [*school_row(county, 21), *map(str, range(496))])
    mapping = dict.fromkeys(more)
    assert counts(await county.load("schools", content, column_mapping=mapping)) == (1, 0, 0, 0)


async def test_rows_of_numbers_are_not_data(county: County) -> None:
    header = ["序号", *SCHOOL_HEADER]
    content = table(
        header,
        ["甲", "1", "2", "3", "4"],
        ["1", *school_row(county, 21)],
        ["2", "", "", "", ""],
        ["一、城关镇", "", "", "", ""],
        ["（以下空白）", "", "", "", ""],
    )
    job = await county.load("schools", content, column_mapping={"序号": None})
    assert found(job) == ((1, 0, 0, 0), [])
    assert {one["reason"]: one["first"] for one in job["reading"]["rows_passed_over"]} == {
        "numbering": [2], "unfilled": [4], "section": [5], "note": [6],
    }  # fmt: skip
    seen = await look(county, content, "a.csv", "schools", column_mapping='{"序号": null}')
    assert (seen["rows_checked"], seen["fault_count"]) == (1, 0)
    assert seen["reading"]["rows_passed_over"] == job["reading"]["rows_passed_over"]


def test_the_cases_have_codes_of_their_county(bureau: str) -> None:
    county = County(None, bureau, 123)  # type: ignore[arg-type]
    assert own_codes(county, "2162990001,3162900002") == f"{county.one},{county.code(12, '31')}"
