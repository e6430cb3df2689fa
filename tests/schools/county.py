"""A bureau's registry driven over HTTP."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from xml.etree import ElementTree

import httpx

from tests.support.importing import Job, faults, send
from tests.support.tokens import bearer

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Codes of schools are unique in the country: below are those of examples, from 9000 on those of
# other processes on the same database.
_serials = count(100)


def id_number(serial: int, area: str = "620123") -> str:
    """A valid ID number of nobody, a different one for each serial below 9,000,000."""
    day, sequence = divmod(serial, 1000)
    year, rest = divmod(day, 12 * 28)
    month, day = divmod(rest, 28)
    body = f"{area}{1960 + year}{month + 1:02}{day + 1:02}{sequence:03}"
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]


def school(code: str, **changes: Any) -> dict[str, Any]:
    """A school as written."""
    return {
        "school_code": code,
        "name": f"示例县第{code[-4:]}小学",
        "school_type": "211",
        "area_type": "121",
    } | changes


def person(staff_no: str, school_code: str, serial: int, **changes: Any) -> dict[str, Any]:
    """A member of staff as written."""
    return {
        "staff_no": staff_no,
        "name": f"员工{staff_no}",
        "school_code": school_code,
        "post_category": "professional",
        "employed_on": "2010-09-01",
        "id_number": id_number(serial),
    } | changes


def assignment(staff_no: str, school_code: str, **changes: Any) -> dict[str, Any]:
    """An assignment as written: a teacher from September 2020 on."""
    return {
        "staff_no": staff_no,
        "school_code": school_code,
        "role": "teacher",
        "starts_on": "2020-09-01",
    } | changes


def csv_of(rows: list[dict[str, Any]]) -> bytes:
    """Rows as CSV, with the first row's names as header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def ndjson_of(rows: list[dict[str, Any]]) -> bytes:
    """Rows as NDJSON."""
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def read_csv(text: str) -> list[dict[str, str]]:
    """The rows of a CSV export."""
    return list(csv.DictReader(io.StringIO(text)))


def read_workbook(content: bytes) -> list[dict[str, Any]]:
    """The rows of an XLSX export by header; numbers as numbers, all else as text."""
    namespace = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    rows: list[dict[str, Any]] = []
    for row in sheet.iterfind(".//m:row", namespace):
        cells: dict[str, Any] = {}
        for cell in row:
            column = cell.attrib["r"].rstrip("0123456789")
            if cell.get("t") == "inlineStr":
                cells[column] = "".join(t.text or "" for t in cell.iterfind(".//m:t", namespace))
            elif value := cell.findtext("m:v", "", namespace):
                cells[column] = float(value)
        rows.append(cells)
    header, *data = rows
    return [{name: cells.get(column) for column, name in header.items()} for cells in data]


@dataclass
class County:
    """One bureau and two school codes that nobody else uses."""

    client: httpx.AsyncClient
    bureau: str
    serial: int = field(default_factory=lambda: next(_serials))

    @property
    def one(self) -> str:
        """A school code of this bureau's own."""
        return self.code(1)

    @property
    def two(self) -> str:
        """Another one."""
        return self.code(2)

    def code(self, number: int, kind: str = "21") -> str:
        """The code of a school of this county: no two counties share one."""
        return f"{kind}62{self.serial * 100 + number:06}"

    async def call(
        self, method: str, path: str, *, role: str = "bureau_admin", **kwargs: Any
    ) -> httpx.Response:
        """A call by somebody of this bureau; `subject` goes into the token."""
        subject = {"bureau": self.bureau} | kwargs.pop("subject", {})
        headers = bearer(role, **subject) | kwargs.pop("headers", {})
        return await self.client.request(method, path, headers=headers, **kwargs)

    async def ok(self, method: str, path: str, **kwargs: Any) -> Any:
        """The same, which must succeed."""
        answer = await self.call(method, path, **kwargs)
        assert answer.is_success, answer.text
        return answer.json()

    async def load(
        self, resource: str, body: bytes | str, file_name: str = "rows.csv", **kwargs: Any
    ) -> Job:
        """Import a file: how the import has ended, with its faults as `faults`."""
        role, subject = kwargs.pop("role", "bureau_admin"), kwargs.pop("subject", {})
        headers = bearer(role, **{"bureau": self.bureau} | subject)
        job = await send(self.client, headers, resource, body, file_name=file_name, **kwargs)
        return job | {"faults": await faults(self.client, headers, job)}

    async def all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every row of a list, page by page."""
        rows: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = await self.ok(
                "GET", path, params=params | ({"cursor": cursor} if cursor else {})
            )
            rows += page["data"]
            if (cursor := page["next_cursor"]) is None:
                return rows


def codes(answer: httpx.Response) -> list[tuple[str, str]]:
    """Pointer and code of every fault of a problem."""
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]
