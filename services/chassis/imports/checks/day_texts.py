"""Days as people and spreadsheets write them: the year first, with four digits.

`2024/9/1`, `2024.9.1`, `2024年9月1日` and `20240901` say one day. Everything that may be another
one elsewhere, or is no whole day, is a fault with words of its own.
"""

import re
from datetime import date, timedelta
from typing import Any

from services.chassis.core.text import Text
from services.chassis.core.visible_text import visible_code
from services.chassis.imports.declaration.spec import Words
from services.chassis.imports.xlsx.typed_cells import DateFormatted

_YEAR, _MONTH, _DAYS = "年", "月", "[日号]"
_DAY = re.compile(
    r"(?P<year>\d{4})(?:(?P<between>[-/.])(?P<m1>\d{1,2})(?P=between)(?P<d1>\d{1,2})"
    rf"|{_YEAR}(?P<m2>\d{{1,2}}){_MONTH}(?P<d2>\d{{1,2}}){_DAYS}|(?P<m3>\d{{2}})(?P<d3>\d{{2}}))"
    r"(?:[ T]?0?0:00(?::00(?:\.0+)?)?)?",
    re.ASCII,
)
_INCOMPLETE = re.compile(
    rf"(?:1[89]|2[01])\d{{2}}(?:{_YEAR}|[-/.]\d{{1,2}}|{_YEAR}\d{{1,2}}{_MONTH}?|\d{{2}})?",
    re.ASCII,
)
_YEAR_LAST = re.compile(
    r"\d{1,2}[-/.]\d{1,2}[-/.]\d{1,4}"
    rf"|\d{{2}}{_YEAR}\d{{1,2}}{_MONTH}\d{{1,2}}{_DAYS}",
    re.ASCII,
)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?", re.ASCII)
# Days whose serial numbers are the years from 1900 to 2100, as CSV has them from a spreadsheet.
_SERIALS_OF_YEARS = (date(1905, 3, 14), date(1905, 9, 30))
_ORIGIN = date(1899, 12, 30)

INCOMPLETE = Words(
    "date.incomplete",
    Text(
        "“{value}”不是完整日期：请写到日，如 1958-01-01",
        "“{value}” is not a whole date. Enter a whole date, such as 1958-01-01",
    ),
)
OVER_NUMBER = Words(
    "date.format_over_number",
    Text(
        "单元格的内容是数字 {value}，只是设成了日期格式：请填写完整日期，如 1958-01-01",
        "The cell holds the number {value} under a date format. Enter a whole date, such as "
        "1958-01-01",
    ),
)
_YEAR_SHOWN = Words(
    "date.format_over_number",
    Text(
        "“{value}”多半是设成了日期格式的年份 {year}：请填写完整日期，如 {year}-01-01；"
        "如确为这一天，请写作 {day}",
        "“{value}” is probably the year {year} under a date format. Enter a whole date, such as "
        "{year}-01-01; if it is that day, write {day}",
    ),
)
_YEAR_FIRST = Words(
    "date.year_first",
    Text(
        "“{value}”可能有几种读法：请把四位数的年份写在前面，如 2024-09-01",
        "“{value}” can be read in several ways. Begin with a year of four digits, as in 2024-09-01",
    ),
)
_NO_SUCH_DAY = Words(
    "date_from_datetime_parsing",
    Text("没有 {value} 这一天", "{value} is not a day of the calendar"),
)
_IS_NUMBER = Words(
    "date.number",
    Text(
        "应为日期 YYYY-MM-DD，而不是数字 {value}：请填写完整日期，或把单元格设为日期格式",
        "Must be a date YYYY-MM-DD, not the number {value}. Enter a whole date, or format the cell "
        "as a date",
    ),
)


class UnreadableDay(ValueError):
    """A cell that is no whole, certain day.

    Attributes:
        words: what to say.
        params: for the words.
    """

    def __init__(self, words: Words, **params: str) -> None:
        super().__init__(words.code)
        self.words, self.params = words, params


def day_of(cell: Any) -> Any:
    """A cell with its day as `YYYY-MM-DD`; as it is where the schema has to say what it is.

    Raises:
        UnreadableDay: it is a number, a part of a date, or one that can be read in several ways.
    """
    if isinstance(cell, DateFormatted):
        raise UnreadableDay(OVER_NUMBER, value=cell.value)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        cell = str(cell)
    if not isinstance(cell, str):
        return cell
    text = visible_code(cell)
    if _YEAR in text:
        text = "".join(text.split())
    if found := _DAY.fullmatch(text):
        return _day_in(found, text)
    for pattern, words in ((_INCOMPLETE, INCOMPLETE), (_NUMBER, _IS_NUMBER)):
        if pattern.fullmatch(text):
            raise UnreadableDay(words, value=text)
    if _YEAR_LAST.fullmatch(text):
        raise UnreadableDay(_YEAR_FIRST, value=text)
    return text


def _day_in(found: re.Match[str], text: str) -> str:
    month, day = (found[f"{name}1"] or found[f"{name}2"] or found[f"{name}3"] for name in "md")
    try:
        read = date(int(found["year"]), int(month), int(day))
    except ValueError:
        raise UnreadableDay(_NO_SUCH_DAY, value=text) from None
    first, last = _SERIALS_OF_YEARS
    if found["between"] == "/" and first <= read <= last:
        year = str((read - _ORIGIN) // timedelta(1))
        raise UnreadableDay(_YEAR_SHOWN, value=text, year=year, day=read.isoformat())
    return read.isoformat()
