"""Rows of a table that are no data: sections, totals, notes, and headers printed again.

Lists of offices have them between and below the rows: `城关镇（12所）`, `合计`, `填表人：`. They
are known by their words and their form alone; whether a row is passed over is decided where its
cells have been checked (`checks.passing_over`), and every one of them is reported.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from services.chassis.imports.headers.header_matching import plain


class PassReason(StrEnum):
    """Why a row is passed over (未读原因)."""

    SECTION = "section"
    TOTAL = "total"
    NOTE = "note"
    HEADER = "header"
    NUMBERING = "numbering"
    UNFILLED = "unfilled"


_TOTALS = (
    "合计", "总计", "小计", "共计", "累计", "本页小计", "总数", "total", "subtotal", "grandtotal",
    "sum",
)  # fmt: skip
# Of persons who filled a list in, checked or answer for it: with 人, 人员, 人签字 and the like.
_PERSONS = (
    "填表", "填报", "制表", "编制", "经办", "审核", "审批", "复核", "统计", "联系", "负责",
    "单位负责", "主要负责",
)  # fmt: skip
_TIMES = (
    "填表", "填报", "制表", "打印", "报送", "上报", "上报送", "报", "统计", "截止",
)  # fmt: skip
_NOTES = (
    "备注", "注", "附注", "说明", "填表说明", "填报说明", "资料来源", "数据来源", "制表", "审核",
    "校长", "园长", "局长", "联系电话", "电话", "单位公章", "单位盖章", "note", "notes", "remark",
    "remarks", "source", "preparedby",
    *(f"{one}人{more}" for one in _PERSONS for more in ("", "员", "签字", "签名", "签章")),
    *(f"{one}{when}" for one in _TIMES for when in ("日期", "时间")),
)  # fmt: skip
_ENDS = ("以下空白", "以下无正文")
_TOTAL = re.compile(f"(?:{'|'.join(_TOTALS)})[：:]?")
_NOTE = re.compile(
    "|".join(
        (
            f"(?:{'|'.join(_NOTES)})" + r"(?:[（(][^）)]*[）)])?[：:].*",
            f"[（(]?(?:{'|'.join(_ENDS)})[）)]?",
            r"第\d+页.*",
            r"共\d+[人所页条行校名个].*",
        )
    )
)
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_NUMBERING = re.compile(rf"[(（]?(\d{{1,3}})[)）]?|[{_STEMS}]|[a-z]", re.IGNORECASE)
_BEGINNING = re.compile(
    "|".join(f"(?:{one.pattern})" for one in (_TOTAL, _NOTE, _NUMBERING)), re.IGNORECASE
)
_LEAST_NUMBERED = 3


def reason_of(cells: Sequence[str], header: Sequence[str], *, is_merged: bool) -> PassReason | None:
    """Why a row is no data, as far as its words and its form tell; None where they do not.

    Args:
        cells: of the row, as texts; a blank one is empty.
        header: the names of the columns.
        is_merged: whether the row is one merged cell.
    """
    filled = [(index, cell) for index, cell in enumerate(cells) if cell]
    if not filled:
        return PassReason.UNFILLED
    at, first = filled[0]
    words = plain(first)
    if _TOTAL.fullmatch(words):
        return PassReason.TOTAL
    if _NOTE.fullmatch(words):
        return PassReason.NOTE
    if len(filled) > 1 and all(
        index < len(header) and plain(cell) == plain(header[index]) for index, cell in filled
    ):
        return PassReason.HEADER
    if len(filled) >= _LEAST_NUMBERED and _counts([cell for _, cell in filled]):
        return PassReason.NUMBERING
    if len(filled) == 1 and (is_merged or at == 0) and not words.isdigit():
        return PassReason.SECTION
    return None


def may_begin(cell: str, name: str) -> bool:
    """Whether a row may be a note or a total, by its first text alone.

    Args:
        cell: its first text.
        name: of the column, without differences (see `plain`).
    """
    words = plain(cell)
    return words == name or _BEGINNING.fullmatch(words) is not None


def _counts(cells: Sequence[str]) -> bool:
    """Whether cells number the columns: 1, 2, 3 …, perhaps behind 甲, 乙 or A, B."""
    found = [_NUMBERING.fullmatch(cell) for cell in cells]
    if not all(found):
        return False
    numbers = [int(one[1]) for one in found if one and one[1]]
    letters = [one[0].upper() for one in found if one and not one[1]]
    return numbers == [*range(1, len(numbers) + 1)] and (
        letters in ([*_STEMS[: len(letters)]], [chr(ord("A") + n) for n in range(len(letters))])
    )
