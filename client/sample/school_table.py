"""Reads a list of real schools: cleans its cells and reports faults by line."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from client.sample.errors import SchoolListError

REQUIRED_COLUMNS = ("district_office", "code", "name_zh", "location", "enrolment", "teachers")
_AREA_TYPES = {"bandar": "121", "luar bandar": "220"}
_MAX_PUPILS = 99_999
_MAX_TEACHERS = 2_000
_FAULTS_SHOWN = 10

Cells = dict[str, str]
Fault = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ListedSchool:
    """A valid line of the list; `pupils` is None if not stated."""

    state: str
    district: str
    code: str | None
    name: str
    area_type: str
    pupils: int | None
    teachers: int
    address: str | None


def read_school_list(path: Path) -> list[ListedSchool]:
    """Every school of the list in its order.

    Space is trimmed, and full-width digits are accepted. An empty number is unknown; without a
    number of teachers the school has no staff. Repeated lines are dropped.

    Raises:
        SchoolListError: the list cannot be read, or has faults, for instance different lines with
            the same code or text in place of a number.
    """
    schools: list[ListedSchool] = []
    faults: list[Fault] = []
    by_code: dict[str, ListedSchool] = {}
    for line, cells in _records(path):
        school, problems = _school(cells)
        known = by_code.setdefault(school.code, school) if school.code else school
        if known is not school and known != school:
            zh, en = (
                f"代码 {school.code} 重复且内容不同",
                f"code {school.code} is repeated with different contents",
            )
            problems.append((zh, en))
        faults += [(f"第 {line} 行：{zh}", f"line {line}: {en}") for zh, en in problems]
        if known is school:
            schools.append(school)
    if faults:
        raise _faulty(faults)
    if not schools:
        raise SchoolListError("学校名单中没有学校", "the school list contains no school")
    return schools


def _records(path: Path) -> Iterator[tuple[int, Cells]]:
    """Non-blank lines with cleaned cells and their line number in the file."""
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    try:
        header = [_clean(name).lower() for name in next(reader, [])]
        _check_header(header)
        for values in reader:
            cells = [_clean(value) for value in values]
            if any(cells):
                _check_width(reader.line_num, header, cells)
                yield reader.line_num, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        line = reader.line_num
        raise SchoolListError(
            f"学校名单第 {line} 行不是有效的 CSV",
            f"line {line} of the school list is not valid CSV",
        ) from error


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SchoolListError(
            f"无法读取学校名单 {path}", f"the school list {path} cannot be read"
        ) from error
    except UnicodeDecodeError as error:
        raise SchoolListError(
            "学校名单须为 UTF-8 编码", "the school list must be encoded in UTF-8"
        ) from error


def _check_header(header: list[str]) -> None:
    missing = [column for column in REQUIRED_COLUMNS if column not in header]
    if missing:
        names = ", ".join(missing)
        raise SchoolListError(
            f"学校名单缺少列：{names}", f"the school list lacks the columns: {names}"
        )


def _check_width(line: int, header: list[str], cells: list[str]) -> None:
    """Refuse a line with too few or too many cells, since its values may be in wrong columns."""
    if len(cells) < len(header) or any(cells[len(header) :]):
        raise SchoolListError(
            f"学校名单第 {line} 行有 {len(cells)} 列，表头为 {len(header)} 列",
            f"line {line} of the school list has {len(cells)} columns, the header {len(header)}",
        )


def _school(cells: Cells) -> tuple[ListedSchool, list[Fault]]:
    faults: list[Fault] = []
    name = cells.get("name_zh") or cells.get("name_ms", "")
    district = cells.get("district_office", "")
    location = cells.get("location", "")
    area_type = _AREA_TYPES.get(unicodedata.normalize("NFKC", location).casefold(), "")
    if not name:
        faults.append(("缺少学校名称", "the school has no name"))
    if not district:
        faults.append(("缺少 district_office", "district_office is empty"))
    if not area_type:
        faults.append((f"location 无法识别：{location}", f"unknown location: {location}"))
    pupils = _number(cells, "enrolment", _MAX_PUPILS, faults)
    teachers = _number(cells, "teachers", _MAX_TEACHERS, faults)
    place = " ".join(filter(None, (cells.get("postcode"), cells.get("town"))))
    school = ListedSchool(
        state=cells.get("state", ""),
        district=district,
        code=cells.get("code") or None,
        name=name,
        area_type=area_type,
        pupils=pupils,
        teachers=teachers or 0,
        address=", ".join(filter(None, (cells.get("address"), place))) or None,
    )
    return school, faults


def _number(cells: Cells, column: str, most: int, faults: list[Fault]) -> int | None:
    """The number in a cell, also written as "1,204" or "36.0"; None for an empty cell."""
    text = cells.get(column, "")
    if not text:
        return None
    digits = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", digits).removesuffix(".0")
    # Check the length before converting: Python refuses numbers with thousands of digits.
    if re.fullmatch(r"[0-9]{1,9}", plain) and int(plain) <= most:
        return int(plain)
    shown = text[:20]
    faults.append(
        (
            f"{column} 须为 0 至 {most} 的整数：{shown}",
            f"{column} must be a whole number from 0 to {most}: {shown}",
        )
    )
    return None


def _clean(text: str) -> str:
    """Collapse white space, and remove invisible characters (NUL, zero-width space)."""
    visible = "".join(mark for mark in text if mark.isprintable() or mark.isspace())
    return " ".join(visible.split())


def _faulty(faults: list[Fault]) -> SchoolListError:
    more = len(faults) - _FAULTS_SHOWN
    zh = "；".join(fault for fault, _ in faults[:_FAULTS_SHOWN])
    en = "; ".join(fault for _, fault in faults[:_FAULTS_SHOWN])
    if more > 0:
        zh, en = f"{zh}；另有 {more} 处", f"{en}; and {more} more"
    return SchoolListError(f"学校名单有误：{zh}", f"the school list has faults: {en}")
