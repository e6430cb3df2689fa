"""Random files with random faults: every row is accounted for, and the good ones are stored."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.chassis.core.visible_text import visible_name
from services.chassis.imports.formats import splitting
from services.schools.id_numbers.identity import read_key_ring
from tests.schools.county import County, person
from tests.support.importing import counts

FIELDS = ("staff_no", "name", "id_number", "school_code", "post_category", "employed_on", "duty")
TITLES = ("工号", "姓名", "身份证号", "学校标识码", "岗位类别", "入职日期", "岗位职务")
Row = dict[str, str]
_serials = count(1_000_000, 1000)
_OUTSIDER = 999

# What is done to a row before it is written, and what the import says of it.
OF_CELLS = {
    "a wrong check digit": ("id_number", "id_number.checksum"),
    "an impossible day": ("employed_on", "date_from_datetime_parsing"),
    "no name": ("name", "missing"),
    "a name of two lines": ("name", "text.not_one_line"),
    "an unknown category": ("post_category", "code.unknown"),
    "a masked number of nobody": ("id_number", "id_number.masked"),
    "an unknown school": ("school_code", "school.unknown"),
    "an outsider's ID number": ("id_number", "id_number.taken"),
}
OF_OTHERS = {
    "the key of an earlier row": ("staff_no", {"import.duplicate_in_file"}),
    "the ID number of an earlier row": (
        "id_number",
        {"id_number.duplicate_in_file", "id_number.taken"},
    ),
}
OF_CSV = {
    "an unclosed quote": "import.malformed_csv",
    "text after a quote": "import.malformed_csv",
    "a cell too many": "import.column_count",
    "a cell too few": "import.column_count",
    "another encoding": "import.encoding",
}
# What the file of failed rows has as it was: sent again as it is, such a row fails again.
KEPT = ("a cell too many", "another encoding")
OF_NDJSON = {
    "half an object": "import.malformed_json",
    "no object": "import.malformed_json",
    "an unknown key": "extra_forbidden",
    "a number for a text": "import.number_in_text_column",
}
STORED = ("not stored", "stored so", "stored otherwise")
NAMES = ("王小明", "O'Neil, Ann", '说"好"', "=1+1", "-", "  空 格 ", "𠮷野")


@dataclass(frozen=True)
class Item:
    """A row to be written.

    Attributes:
        stored: whether the person is stored before, and how.
        fault: what is wrong with the row; empty if nothing is.
        name: of the person.
        blanks: blank lines before it.
        is_quoted: whether its cells are.
        other: chooses an earlier row, for faults that need one.
    """

    stored: str
    fault: str
    name: str
    blanks: int
    is_quoted: bool
    other: int


@dataclass(frozen=True)
class File:
    """A file to be written."""

    items: list[Item]
    form: str
    encoding: str
    is_titled: bool
    newline: str
    ends_with_newline: bool
    cut: int


def files() -> st.SearchStrategy[File]:
    """Any file: CSV and NDJSON, in four encodings, with any mixture of faults."""

    def of_form(form: str) -> st.SearchStrategy[File]:
        own = OF_CSV if form == "csv" else OF_NDJSON
        some = st.sampled_from([*OF_CELLS, *OF_OTHERS, *own])
        item = st.builds(
            Item,
            stored=st.sampled_from(STORED),
            fault=st.just("") | some,
            name=st.sampled_from(NAMES),
            blanks=st.sampled_from([0, 0, 0, 1, 2]),
            is_quoted=st.booleans(),
            other=st.integers(0, 30),
        )
        return st.builds(
            File,
            items=st.integers(1, 30).flatmap(lambda n: st.lists(item, min_size=n, max_size=n)),
            form=st.just(form),
            encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
            is_titled=st.booleans(),
            newline=st.sampled_from(["\n", "\r\n"]),
            ends_with_newline=st.booleans(),
            cut=st.sampled_from([0, 0, 0, 20, 45]),
        )

    return st.sampled_from(["csv", "csv", "ndjson"]).flatmap(of_form)


class Written:
    """A file with what must become of each of its rows.

    Attributes:
        before: the people stored before, by staff number.
        right: for each row what it should say.
        expected: for each row, the fault's field and codes; None for a good one.
        content: the file.
    """

    def __init__(self, file: File, county: County, serial: int) -> None:
        self.file, self._serial = file, serial
        self._schools = (county.one, county.two)
        self.outsider = self._person(_OUTSIDER, "外人")
        self.before: dict[str, Row] = {self.outsider["staff_no"]: self.outsider}
        self.right: list[Row] = []
        self.expected: list[tuple[str, set[str]] | None] = []
        self._lines: list[str | bytes] = []
        for number, item in enumerate(file.items):
            self._write(number, item)
        self.content = self._joined()

    def _person(self, number: int, name: str) -> Row:
        stated = person(
            f"H{self._serial + number}",
            self._schools[number % 2],
            self._serial + number,
            name=name,
            duty="",
        )
        return {field: stated[field] for field in FIELDS}

    def _write(self, number: int, item: Item) -> None:
        right = self._person(number, visible_name(item.name))
        if item.stored != "not stored":
            self.before[right["staff_no"]] = right | (
                {"duty": "校长", "name": "旧名"} if item.stored == "stored otherwise" else {}
            )
        fault = self._possible(item)
        row, expected = self._spoilt(right, fault, item.other)
        self.right.append(right)
        self.expected.append(expected)
        self._lines += [""] * item.blanks
        line = self._csv(row, item, fault) if self.file.form == "csv" else _json(row, fault)
        self._lines.append(line)

    def _possible(self, item: Item) -> str:
        """The item's fault, if the file so far and its encoding allow for it."""
        if item.fault in OF_OTHERS and not self._good_rows():
            return ""
        if item.fault == "another encoding" and not self._is_mixable():
            return ""
        if item.fault == "a masked number of nobody" and item.stored != "not stored":
            return ""
        return item.fault

    def _is_mixable(self) -> bool:
        """Whether one more line in another encoding leaves no doubt of the file's own."""
        if self.file.encoding == "utf-16":
            return False
        if self.file.is_titled or self.file.encoding == "utf-8-sig":
            return True
        mixed = sum(1 for line in self._lines if isinstance(line, bytes))
        good = [row for row in self._good_rows() if not row["name"].isascii()]
        return len(good) > 2 * (mixed + 1)

    def _good_rows(self) -> list[Row]:
        return [row for row, fault in zip(self.right, self.expected, strict=True) if not fault]

    def _spoilt(
        self, right: Row, fault: str, other: int
    ) -> tuple[Row, tuple[str, set[str]] | None]:
        row = dict(right)
        if not fault:
            return row, None
        if fault in OF_OTHERS:
            field, codes = OF_OTHERS[fault]
            good = self._good_rows()
            row[field] = good[other % len(good)][field]
            return row, (field, codes)
        if fault in OF_CELLS:
            field, code = OF_CELLS[fault]
            row[field] = self._bad_cell(fault, right)
            return row, (field, {code})
        if fault in OF_CSV:
            return row, ("", {OF_CSV[fault]})
        field = {"an unknown key": "colour", "a number for a text": "staff_no"}.get(fault, "")
        return row, (field, {OF_NDJSON[fault]})

    def _bad_cell(self, fault: str, right: Row) -> str:
        number = right["id_number"]
        return {
            "a wrong check digit": number[:-1] + ("0" if number[-1] != "0" else "1"),
            "an impossible day": "2010-02-30",
            "no name": "",
            "a name of two lines": "两\n行",
            "an unknown category": "astronaut",
            "a masked number of nobody": "620123***********1",
            "an unknown school": "2199999999",
            "an outsider's ID number": self.outsider["id_number"],
        }[fault]

    def _csv(self, row: Row, item: Item, fault: str) -> str | bytes:
        cells = [*row.values()]
        if fault == "a cell too many":
            cells.append("more")
        elif fault == "a cell too few":
            cells.pop()
        elif fault == "another encoding":
            cells[1] = "员工"
        elif fault in ("an unclosed quote", "text after a quote"):
            cells[1] = "王"
        all_quoted = item.is_quoted and fault not in OF_CSV
        quoting: Any = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
        text = io.StringIO()
        csv.writer(text, quoting=quoting, lineterminator="\n").writerow(cells)
        line = text.getvalue().removesuffix("\n")
        if fault == "an unclosed quote":
            return '"' + line
        if fault == "text after a quote":
            return '"T"' + line
        other = "utf-8" if self.file.encoding == "gb18030" else "gb18030"
        return line.encode(other) if fault == "another encoding" else line

    def _joined(self) -> bytes:
        file = self.file
        header = [",".join(TITLES if file.is_titled else FIELDS)] if file.form == "csv" else []
        lines: list[str | bytes] = [*header, *self._lines]
        if self.is_cut:
            lines[-1] = lines[-1][: file.cut]
            is_csv = file.form == "csv"
            code = "import.column_count" if is_csv else "import.malformed_json"
            self.expected[-1] = ("", {code})
        elif file.ends_with_newline:
            lines.append("")
        newline = file.newline
        if not any(isinstance(line, bytes) for line in lines):
            return newline.join(map(str, lines)).encode(file.encoding)
        mark = b"\xef\xbb\xbf" if file.encoding == "utf-8-sig" else b""
        own = file.encoding.removesuffix("-sig")
        parts = [line if isinstance(line, bytes) else line.encode(own) for line in lines]
        return mark + newline.encode().join(parts)

    @property
    def is_cut(self) -> bool:
        """Whether the file ends in the middle of its last row."""
        last = self._lines[-1]
        is_cuttable = isinstance(last, str) and '"' not in last
        return bool(self.file.cut) and (is_cuttable or self.file.form != "csv")

    def after(self, *, corrected: bool) -> dict[str, Row]:
        """The people stored after the import, or after all rows are right."""
        rows = zip(self.right, self.expected, strict=True)
        return self.before | {r["staff_no"]: r for r, fault in rows if corrected or not fault}

    def counts(self, *, faulty: bool) -> tuple[int, int, int]:
        """How many of the good rows, or of the faulty ones once right, are new, change, do not."""
        chosen = [
            item
            for item, fault in zip(self.file.items, self.expected, strict=True)
            if bool(fault) == faulty
        ]
        new, same, otherwise = (sum(i.stored == state for i in chosen) for state in STORED)
        return new, otherwise, same


def _json(row: Row, fault: str) -> str:
    stated: dict[str, Any] = dict(row)
    if fault == "a number for a text":
        stated["staff_no"] = 12
    if fault == "an unknown key":
        stated["colour"] = "red"
    if fault == "no object":
        return json.dumps([*row.values()], ensure_ascii=False)
    line = json.dumps(stated, ensure_ascii=False)
    return line[: len(line) // 2] if fault == "half an object" else line


@pytest.fixture
def many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let even a small file have many parts."""
    monkeypatch.setattr(splitting, "PART_BYTES", 400)


@settings(
    max_examples=50,
    phases=[Phase.reuse, Phase.generate],  # every example is four imports: no shrinking
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(file=files())
async def test_every_row_is_accounted_for_and_can_be_corrected(
    many_parts: None,
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    file: File,
) -> None:
    written = Written(file, county, next(_serials))
    await county.load("staff", _ndjson([*written.before.values()]), "before.ndjson")
    failed = sum(fault is not None for fault in written.expected)

    if failed:
        refused = await load(county, written.content, file, mode="all_or_nothing")
        assert refused["state"] == "failed"
        assert await stored(county, admin, written) == written.before, "nothing, not half of it"

    job = await load(county, written.content, file, mode="valid_rows")
    assert job["state"] == "completed", job
    assert job["progress"]["rows"] == len(file.items)
    assert counts(job) == (*written.counts(faulty=False), failed)
    assert await stored(county, admin, written) == written.after(corrected=False)
    found = await faults_by_item(county, job, written)
    assert found.keys() == {n for n, fault in enumerate(written.expected) if fault}
    for number, expected in enumerate(written.expected):
        if expected:
            assert any((expected[0], code) in found[number] for code in expected[1]), (
                found[number],
                expected,
            )

    failed_rows = await county.call("GET", f"/v1/imports/{job['id']}/failed-rows")
    assert failed_rows.status_code == 200, failed_rows.text
    if file.form == "csv" and failed:
        assert kept(written) <= await refused_again(county, failed_rows.content, file)
    right = corrected(failed_rows.content, written)
    again = await load(county, right, file, mode="all_or_nothing")
    assert counts(again) == (*written.counts(faulty=True), 0), again
    assert await stored(county, admin, written) == written.after(corrected=True)


async def load(county: County, content: bytes, file: File, **options: Any) -> dict[str, Any]:
    """Import the file."""
    return await county.load("staff", content, f"rows.{file.form}", **options)


async def stored(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]", written: Written
) -> dict[str, Row]:
    """The example's people as they are stored, ID numbers in clear."""
    keys = read_key_ring()
    numbers = [written.outsider["staff_no"], *(row["staff_no"] for row in written.right)]
    rows = await admin.fetch(
        "select staff_no, name, id_number_cipher, school_code, post_category, employed_on, duty "
        "from schools.staff where bureau_code = $1 and staff_no = any($2)",
        county.bureau,
        numbers,
    )
    return {
        row["staff_no"]: {
            "staff_no": row["staff_no"],
            "name": row["name"],
            "id_number": keys.decrypt(row["id_number_cipher"]),
            "school_code": row["school_code"],
            "post_category": row["post_category"],
            "employed_on": date.isoformat(row["employed_on"]),
            "duty": row["duty"] or "",
        }
        for row in rows
    }


async def faults_by_item(
    county: County, job: dict[str, Any], written: Written
) -> dict[int, set[tuple[str, str]]]:
    """The faults of each of the example's rows."""
    by_row: dict[int, int] = {}
    row = 1 if written.file.form == "csv" else 0
    for number, item in enumerate(written.file.items):
        row += item.blanks + 1
        by_row[row] = number
    found: dict[int, set[tuple[str, str]]] = {}
    for row, field, code in job["faults"]:
        found.setdefault(by_row[row], set()).add((field, code))
    return found


def kept(written: Written) -> set[tuple[int, str]]:
    """The failed rows that are handed out as they were, by their places, and what ails them."""
    faulty = [
        (item.fault, fault[1])
        for item, fault in zip(written.file.items, written.expected, strict=True)
        if fault
    ]
    if written.is_cut:  # its last row has lost what it had too much of
        faulty[-1] = ("", set())
    return {
        (place, OF_CSV[fault])
        for place, (fault, codes) in enumerate(faulty)
        if fault in KEPT and codes == {OF_CSV[fault]}
    }


async def refused_again(county: County, content: bytes, file: File) -> set[tuple[int, str]]:
    """What ails the failed rows when they are sent again as they are."""
    tried = await load(county, content, file, mode="valid_rows", dry_run=True)
    return {(row - 2, code) for row, _, code in tried["faults"]}


def corrected(content: bytes, written: Written) -> bytes:
    """The file of failed rows with every row made right; what was added to it stays."""
    text = content.decode("utf-8-sig", "replace")
    waiting = [row for row, fault in zip(written.right, written.expected, strict=True) if fault]
    if written.file.form == "ndjson":
        lines = [json.loads(line) for line in text.splitlines()]
        marks = [{k: v for k, v in line.items() if k.startswith("_")} for line in lines]
        return _ndjson([row | mark for row, mark in zip(waiting, marks, strict=True)])
    header, *rows = csv.reader(io.StringIO(text))
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(header)
    for right, row in zip(waiting, rows, strict=True):
        writer.writerow([*right.values(), *row[len(FIELDS) : len(header)]])
    return made.getvalue().encode()


def _ndjson(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
