"""Small files as people send them: rosters and school lists from bug reports, all persons invented.

The text files lie in `cases/`, workbooks are built here. Their school codes are those of nobody:
each county gets its own in their place, because a code is unique in the country.
"""

import io
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from tests.schools.county import County
from tests.support.importing import Job

CASES = Path(__file__).parent / "cases"
SCHOOL_HEADER = ["学校标识码", "学校名称", "办学类型", "城乡类型"]
STAFF_HEADER = ["工号", "姓名", "身份证号", "学校标识码", "岗位类别", "入职日期"]
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_CODE = re.compile(r"(?<!\d)(\d\d)62(90|94|98|99)(0\d{3})(?!\d)")
_BLOCKS = {"99": 0, "90": 10, "94": 40, "98": 60}


def own_codes(county: County, text: str) -> str:
    """A text in which the invented school codes are those of a county (`…990001` is its first)."""

    def own(found: re.Match[str]) -> str:
        return county.code(_BLOCKS[found[2]] + int(found[3]), found[1])

    wide = county.one.translate(_WIDE)
    return _CODE.sub(own, text).replace("２１６２９９０００１", wide)


def case_file(county: County, name: str) -> bytes:
    """A text file of `cases/`."""
    content = (CASES / name).read_bytes()
    try:
        return own_codes(county, content.decode()).encode()
    except UnicodeDecodeError:
        return own_codes(county, content.decode("latin-1")).encode("latin-1")


class Book:
    """A workbook in the making; a row is a list of cells, `None` an empty one."""

    def __init__(self) -> None:
        self._content = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._content)
        self.day = self._book.add_format({"num_format": "yyyy-mm-dd"})

    def sheet(self, name: str, rows: Sequence[Sequence[Any]]) -> Worksheet:
        """Add a sheet; strings stay strings, dates are date cells, `=` begins a formula."""
        sheet = self._book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, self.day)
                elif isinstance(cell, str) and not cell.startswith("="):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write(number, column, cell)
        return sheet

    def content(self) -> bytes:
        """The file."""
        self._book.close()
        return self._content.getvalue()


def book(*rows: Sequence[Any]) -> bytes:
    """A workbook of one sheet."""
    made = Book()
    made.sheet("Sheet1", rows)
    return made.content()


def schools(*rows: Sequence[Any], header: Sequence[str] = SCHOOL_HEADER) -> bytes:
    """A list of schools as a workbook."""
    return book(header, *rows)


def school_row(county: County, number: int, **changes: Any) -> list[Any]:
    """A good row under `SCHOOL_HEADER`."""
    cells = dict(zip(SCHOOL_HEADER, [county.code(number), "示例小学", "小学", "村庄"], strict=True))
    return [*(cells | changes).values()]


def table(*rows: Sequence[str], delimiter: str = ",") -> bytes:
    """Rows as CSV that needs no quotes."""
    return "\n".join(delimiter.join(row) for row in rows).encode()


async def faults_of(county: County, job: Job, language: str = "zh-CN") -> list[dict[str, Any]]:
    """The faults of an import with their words."""
    headers = {"Accept-Language": language}
    page = await county.ok("GET", f"/v1/imports/{job['id']}/faults?limit=1000", headers=headers)
    found: list[dict[str, Any]] = page["data"]
    return found


def first_words(job: Job) -> str:
    """What is said of a file that was refused as a whole."""
    problem = job["problem"]
    return " ".join([problem["detail"], *(fault["message"] for fault in problem["errors"])])


async def look(county: County, content: bytes, name: str, resource: str, **options: Any) -> Any:
    """A preview."""
    fields = {"resource": resource} | options
    answer: httpx.Response = await county.call(
        "POST", "/v1/imports:preview", files={"file": (name, content)}, data=fields
    )
    return answer.json()
