"""What is refused, with a problem that says why in both languages, and nothing stored."""

import gzip
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
import xlsxwriter

from tests.imports.driving import admin_of, end_of, opened, people, put
from tests.schools.county import County, csv_of, id_number, ndjson_of, person
from tests.support.importing import counts, faults
from tests.support.workbooks import parts, sheet_of, zipped

HEADER = ["staff_no", "name", "id_number", "school_code", "post_category", "employed_on"]
STORED = 10
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


class File(NamedTuple):
    """A file that is not what it should be.

    Attributes:
        code: of the problem.
        content: of the file, for a county.
        name: of the file.
        options: of the import.
        fault: code of the fault in the header, or in the second row.
    """

    code: str
    content: Callable[[County], bytes]
    name: str = "rows.csv"
    options: Mapping[str, Any] = MappingProxyType({})
    fault: str | None = None


def staff(county: County, count: int) -> list[dict[str, Any]]:
    """People of whom the first `STORED` are stored."""
    return [person(f"T{n:04}", county.one, n) for n in range(count)]


def table(county: County, *extra: str, header: list[str] | None = None) -> bytes:
    """A CSV file of one good row; `extra` are further headers, each with a cell."""
    row = [str(cell) for cell in person("T1", county.one, 1).values()]
    names = (header or [*person("T1", county.one, 1)]) + [*extra]
    return "\n".join([",".join(names), ",".join([*row, *("x" for _ in extra)])]).encode()


def book(county: County, **cells: Any) -> bytes:
    """A workbook of one row, whose cells are written as what they are."""
    row = person("T1", county.one, 1) | cells
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, [*row])
        sheet.write_row(1, 0, [*row.values()])
    return content.getvalue()


def bomb(_county: County) -> bytes:
    """A workbook of 100 kB whose sheet unpacks to 100 MB."""
    return zipped(parts("") | {"xl/worksheets/sheet1.xml": "<worksheet>" + " " * 10**8})


def locked(_county: County) -> bytes:
    """What a workbook with a password looks like."""
    mark = "EncryptedPackage".encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0" + bytes(600) + mark + bytes(600)


REFUSED: dict[str, File] = {
    "a zip bomb": File("import.zip_bomb", bomb, "rows.xlsx"),
    "a gzip bomb": File("import.zip_bomb", lambda _: gzip.compress(b" " * 10**8), "rows.csv.gz"),
    "a wrong header": File(
        "platform.invalid", lambda c: table(c, "colour"), fault="import.unknown_column"
    ),
    "no header": File(
        "platform.invalid", lambda c: table(c).split(b"\n")[1], fault="import.missing_column"
    ),
    "no column for the key": File(
        "platform.invalid",
        lambda c: table(c, header=["_1", *[*person("", "", 1)][1:]]),
        fault="import.missing_column",
    ),
    "two columns for one field": File(
        "platform.invalid", lambda c: table(c, "姓名"), fault="import.repeated_column"
    ),
    "too many columns": File(
        "platform.invalid",
        lambda c: table(c, *(f"_{n}" for n in range(500))),
        fault="import.too_many_columns",
    ),
    "a web page": File("import.is_markup", lambda _: b"<html><table></table></html>", "rows.xls"),
    "data without a header": File(
        "platform.invalid",
        lambda c: table(c, ""),
        fault="import.column_without_header",
    ),
    "merged cells": File(
        "import.merged_cells",
        lambda _: zipped(
            parts(
                sheet_of([HEADER, ["T1"], ["T2"]]),
                after='<mergeCells><mergeCell ref="B2:B3"/></mergeCells>',
            )
        ),
        "rows.xlsx",
    ),
    "a NUL byte": File("text.nul", lambda c: table(c) + b"\nT2,\0"),
    "a CSV file named .xlsx": File("import.format_mismatch", table, "rows.xlsx"),
    "a workbook named .csv": File("import.format_mismatch", book, "rows.csv"),
    "a picture": File(
        "import.encoding_doubtful",
        lambda _: b"\x89PNG\r\n\x1a\n" + b"\xff\xfe" * 50,
        "rows.csv",
    ),
    "an empty file": File("import.empty", lambda _: b""),
    "only a header": File("import.empty", lambda c: table(c).split(b"\n")[0] + b"\n\n"),
    "a workbook with only a header": File(
        "import.empty", lambda _: zipped(parts(sheet_of([HEADER]))), "rows.xlsx"
    ),
    "a workbook with a password": File("import.workbook_encrypted", locked, "rows.xlsx"),
    "an old workbook": File(
        "import.format_unknown", lambda _: b"\xd0\xcf\x11\xe0" + bytes(1200), "rows.xls"
    ),
    "half a workbook": File("import.workbook_damaged", lambda c: book(c)[:2000], "rows.xlsx"),
    "half a gzip file": File(
        "import.gzip_damaged", lambda c: gzip.compress(table(c))[:-9], "rows.csv.gz"
    ),
    "a gzip file with another checksum": File(
        "import.gzip_damaged",
        lambda c: gzip.compress(table(c))[:-8] + bytes(8),
        "rows.csv.gz",
    ),
    "a gzip file with something behind it": File(
        "import.gzip_damaged", lambda c: gzip.compress(table(c)) + bytes(9) + b"x", "rows.csv.gz"
    ),
    "a gzip file within another": File(
        "import.gzip_twice", lambda c: gzip.compress(gzip.compress(table(c))), "rows.csv.gz"
    ),
    "a JSON array": File(
        "import.json_array",
        lambda c: b"\xef\xbb\xbf [\n" + ndjson_of(staff(c, 2)).replace(b"\n", b",") + b"]",
        "rows.json",
    ),
    "a NUL in UTF-16": File("text.nul", lambda c: (table(c).decode() + "\nT2,\0").encode("utf-16")),
    "another encoding than it is said to have": File(
        "import.encoding", lambda _: b"\x00\xd8a\x00", options={"encoding": "utf-16-le"}
    ),
    "a sheet that is not there": File(
        "import.sheet_unknown", book, "rows.xlsx", {"sheet": "教职工"}
    ),
    "lines that end in CR": File(
        "platform.invalid", lambda c: table(c).replace(b"\n", b"\r"), fault="import.line_ends"
    ),
    "a replacement that would remove more than a fifth": File(
        "import.would_shrink",
        lambda c: csv_of(staff(c, STORED * 4 // 5 - 1)),
        options={"operation": "replace"},
    ),
    "a number for a staff number": File(
        "import.rows_failed",
        lambda c: book(c, staff_no=1001),
        "rows.xlsx",
        fault="import.number_in_text_column",
    ),
    "a number for an ID number": File(
        "import.rows_failed",
        lambda c: book(c, id_number=int(id_number(1)[:17] + "0")),
        "rows.xlsx",
        fault="import.number_in_text_column",
    ),
    "invalid UTF-8 in the middle": File(
        "import.rows_failed",
        lambda c: csv_of(staff(c, 3)).replace(b"T0000" + b",", b"T0000\xff,", 1),
        fault="import.encoding",
    ),
    "a staff number twice": File(
        "import.rows_failed",
        lambda c: csv_of([person("T2", c.one, 2), person("T2", c.one, 3)]),
        fault="import.duplicate_in_file",
    ),
}


@pytest.fixture
async def staffed(county: County) -> County:
    """A bureau with people of its own."""
    await county.load("staff", csv_of(staff(county, STORED)))
    return county


@pytest.mark.parametrize("case", REFUSED)
async def test_refused_with_a_problem_and_nothing_stored(staffed: County, case: str) -> None:
    file = REFUSED[case]
    before = await staffed.all("/v1/staff")
    job = await opened(staffed, file_name=file.name, **file.options)
    answer = await put(staffed, job, file.content(staffed))
    assert answer.status_code == 202
    job = await end_of(staffed, job)
    assert (job["state"], counts(job)[:3]) == ("failed", (0, 0, 0))
    assert await staffed.all("/v1/staff") == before
    english = await staffed.call(
        "GET", f"/v1/imports/{job['id']}", headers={"Accept-Language": "en"}
    )
    check_words(job["problem"], english.json()["problem"], file.code)
    if file.fault:
        found = [fault["code"] for fault in job["problem"].get("errors", ())]
        found += [code for _, _, code in await faults(staffed.client, admin_of(staffed), job)]
        assert file.fault in found


def check_words(chinese: dict[str, Any], english: dict[str, Any], code: str) -> None:
    """The problem says the same in both languages, with all that it has to name filled in."""
    assert chinese["code"] == english["code"] == code
    for document, language in ((chinese, "zh-CN"), (english, "en")):
        texts = [document["title"], document["detail"]]
        texts += [fault["message"] for fault in document.get("errors", ())]
        for text in texts:
            assert text
            assert "{" not in text
            assert bool(_CHINESE.search(text)) or language == "en", text
    assert not _CHINESE.search(english["title"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_a_nul_is_found_where_it_stands(county: County, encoding: str) -> None:
    text = csv_of(staff(county, 700)).decode().replace("T0654,", "T0654\0,")
    job = await county.load("staff", text.encode(encoding))
    assert job["problem"]["code"] == "text.nul"
    assert "第 656 行" in job["problem"]["detail"]


async def test_zeros_behind_a_gzip_file_are_no_matter(county: County) -> None:
    halves = [gzip.compress(half) for half in (b"", *csv_of(staff(county, 9)).split(b"T0004", 1))]
    halves.insert(2, gzip.compress(b"T0004"))
    content = bytes(7).join(halves) + bytes(1 << 20)
    assert counts(await county.load("staff", content, "rows.csv.gz")) == (9, 0, 0, 0)


async def test_a_replacement_that_is_meant_so_is_allowed(staffed: County) -> None:
    few = csv_of(staff(staffed, 2))
    job = await staffed.load("staff", few, operation="replace", allow_shrink=True)
    assert (job["state"], job["progress"]["removed"]) == ("completed", STORED - 2)


async def test_a_replacement_of_a_fifth_is_no_mistake(staffed: County) -> None:
    job = await staffed.load("staff", csv_of(staff(staffed, STORED * 4 // 5)), operation="replace")
    assert (job["state"], job["progress"]["removed"]) == ("completed", STORED // 5)


TEN_GIGABYTES = {"Content-Length": str(10 * 1024**3)}


async def test_ten_gigabytes_are_refused_before_they_come(county: County) -> None:
    job = await opened(county)
    answer = await put(county, job, b"x", **TEN_GIGABYTES)
    assert (answer.status_code, answer.json()["code"]) == (413, "platform.body_too_large")
    answer = await put(county, job, people(county))
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)


def form(**parts_of_form: Any) -> dict[str, Any]:
    """A multipart form, even without a file."""
    fields = {"resource": (None, "staff")} | parts_of_form
    return {"files": fields}


BAD_FORMS: dict[str, tuple[dict[str, Any], str]] = {
    "no file": (form(), "import.form_invalid"),
    "two files": (
        {"files": [("file", ("a.csv", b"a")), ("file", ("b.csv", b"b"))]}, "import.form_invalid",
    ),
    "no boundary": (
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        "import.form_invalid",
    ),
    "cut off": (
        {
            "content": b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nT1',
            "headers": {"Content-Type": "multipart/form-data; boundary=x"},
        },
        "import.form_invalid",
    ),
    "no form": (
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        "import.form_invalid",
    ),
    "options that are no JSON": (
        form(file=("a.csv", b"a"), within=(None, "{")), "import.form_invalid",
    ),
    "an endless option": (
        form(file=("a.csv", b"a"), mode=(None, "x" * 70_000)), "import.form_invalid",
    ),
    "endless options": (
        form(file=("a.csv", b"a"), **{f"o{n}": (None, "x") for n in range(50)}),
        "import.form_invalid",
    ),
    "one option many times": (
        {"files": [("file", ("a.csv", b"a")), *[("mode", (None, ""))] * 10_000]},
        "import.form_invalid",
    ),
    "an option told twice": (
        {
            "files": [
                ("resource", (None, "staff")), ("mode", (None, "valid_rows")),
                ("mode", (None, "all_or_nothing")), ("file", ("a.csv", b"a")),
            ]
        },
        "import.form_invalid",
    ),
    "unknown options": (form(file=("a.csv", b"a"), colour=(None, "x")), "platform.invalid"),
    "an unknown resource": (
        form(file=("a.csv", b"a"), resource=(None, "pupils")), "import.resource_unknown",
    ),
}  # fmt: skip


def ids_of_files(folder: Path) -> set[str]:
    """IDs of the imports with files in ``folder``. Other imports may lose theirs at any moment."""
    return {path.stem for path in folder.glob("*")}


@pytest.mark.parametrize("case", BAD_FORMS)
async def test_a_bad_form_is_refused_at_once(county: County, folder: Path, case: str) -> None:
    request, code = BAD_FORMS[case]
    before = ids_of_files(folder)
    answers = []
    for language in ("zh-CN", "en"):
        headers = admin_of(county) | {"Idempotency-Key": uuid4().hex, "Accept-Language": language}
        sent = {**request, "headers": headers | request.get("headers", {})}
        answer: httpx.Response = await county.client.post("/v1/imports", **sent)
        assert 400 <= answer.status_code < 500
        answers.append(answer.json())
    chinese, english = answers
    check_words(chinese, english, code)
    assert (await county.ok("GET", "/v1/imports"))["data"] == []
    assert ids_of_files(folder) <= before, "no file is left behind"
