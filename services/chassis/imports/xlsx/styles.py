"""Which formats show a number as a date: nothing else distinguishes dates from numbers."""

import re

from services.chassis.imports.declaration.file_problems import WorkbookDamaged
from services.chassis.imports.xlsx.package import Package

_MOST_BYTES, _MOST_FORMATS = 1 << 25, 10_000
# 27 to 36 and 50 to 58 are the dates of Chinese and other East Asian editions.
_BUILT_IN = frozenset(map(str, [*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)]))
# Literal characters: quoted, escaped, filled or skipped; colours, conditions, languages.
_LITERAL = re.compile(r'"[^"]*"|[\\_*].|\[[^\]]*\]')
_DATE = re.compile("[ymdhs]|aaa", re.IGNORECASE)
_STYLES = ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs")


def date_styles(package: Package, part: str | None) -> frozenset[str]:
    """The numbers of the cell styles that show dates or times, as cells have them.

    Raises:
        WorkbookDamaged: there are more formats than a workbook can have.
    """
    if part is None:
        return frozenset()
    dates, found = set(_BUILT_IN), set()
    inside, number = "", 0
    for name, attributes in package.tags(part, _MOST_BYTES):
        if name in _STYLES:
            inside = name
        elif name == "numFmt" and inside == "":
            dates.discard(own := attributes.get("numFmtId", ""))
            if is_date_format(attributes.get("formatCode", "")):
                dates.add(own)
        elif name == "xf" and inside == "cellXfs":
            if attributes.get("numFmtId", "0") in dates:
                found.add(str(number))
            number += 1
        if len(dates) > _MOST_FORMATS:
            raise WorkbookDamaged
    return frozenset(found)


def is_date_format(code: str) -> bool:
    """Whether a format such as `yyyy"年"m"月"d"日"` shows a date or a time of day.

    An elapsed time (`[h]:mm`) is neither.
    """
    first = _LITERAL.sub("", code).partition(";")[0]
    return bool(_DATE.search(first)) and not re.search(r"\[[hms]+\]", code, re.IGNORECASE)
