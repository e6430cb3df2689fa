"""Faults of cells whose value is not what it looks like: numbers, shortened numbers, formulas.

A spreadsheet changes what people type: it drops leading zeros, rounds after fifteen digits and
shows `6.2E+17`. Each of these is a fault that says how to repair the whole column at once.
"""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any, NamedTuple

from services.chassis.core.errors import Fault
from services.chassis.core.safe_text import LONGEST
from services.chassis.core.text import Text
from services.chassis.core.visible_text import named
from services.chassis.imports.declaration.spec import Words
from services.chassis.imports.xlsx.typed_cells import DateFormatted, ErrorCell, FormulaCell
from services.chassis.schemas.texts import SPREADSHEET_ERRORS

MISSING = Text("必填", "Required")
_NUMBER = Words(
    "import.number_in_text_column",
    Text(
        "这一列须为文本，单元格却是数字，前面的 0 或末几位可能已丢失："
        "请选中整列，用“数据→分列”并在第三步选“文本”，再核对位数",
        "This column must be text, but the cell is a number, whose leading zeros or last digits "
        "may be lost. Select the column, use Data → Text to Columns with the format Text, and "
        "check the digits",
    ),
)
_SHORTENED = Words(
    "import.shortened_number",
    Text(
        "表格软件把号码缩写成了 {value}，其余数字在此文件中已丢失："
        "请回到原表选中整列，用“数据→分列→文本”还原，再重新导出",
        "A spreadsheet shortened the number to {value}, and its other digits are lost in this "
        "file. In the original, select the column, choose Data → Text to Columns → Text, and "
        "export it again",
    ),
)
_DATE = Words(
    "import.date_in_text_column",
    Text(
        "这一列须为文本，单元格却是日期或时间：请把单元格格式设为文本后重新录入",
        "This column must be text, and the cell is a date or a time: format it as text and enter "
        "it again",
    ),
)
_BOOLEAN = Words(
    "import.boolean_cell", Text("单元格不能是 TRUE 或 FALSE", "The cell must not be TRUE or FALSE")
)
_ERROR = Words(
    "import.error_cell",
    Text("单元格是错误值 {value}，请改正", "The cell has the error {value}: correct it"),
)
_FORMULA = Words(
    "import.formula_cell",
    Text(
        "单元格是公式：请选中整列，复制后“选择性粘贴→数值”",
        "The cell is a formula. Copy the column and paste it as values",
    ),
)
# As pandas and Excel write large numbers; a person's or school's code never has this form.
_POWER = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+\d{1,3}")
_STRANGE = re.compile(r"[^0-9A-Za-z\u4e00-\u9fff]")


class CellKind(NamedTuple):
    """Kind of the cells of a column.

    Attributes:
        is_text: whether they are texts, which a spreadsheet might take for numbers.
        is_coded: whether they are codes of a list, or their labels.
        takes_booleans: whether they may be true or false.
        digits: how many digits each of them has; 0 where that is not fixed.
    """

    is_text: bool
    is_coded: bool
    takes_booleans: bool
    digits: int

    def is_whole_code(self, cell: Any) -> bool:
        """Whether a number has all digits of its code, so that none can be lost."""
        return type(cell) is int and self.digits > 0 and len(f"{cell}") == self.digits


def misfit_of(cell: Any, kind: CellKind) -> Words | None:
    """The fault of a cell whose type or form the schema would take for something else."""
    if type(cell) is str:
        if cell in SPREADSHEET_ERRORS:
            return _ERROR  # that is what CSV has
        if kind.is_text and ("E+" in cell or "e+" in cell) and _POWER.fullmatch(cell.strip()):
            return None if kind.is_coded else _SHORTENED
        return None
    if isinstance(cell, FormulaCell):
        return _FORMULA
    if isinstance(cell, ErrorCell):
        return _ERROR
    if isinstance(cell, bool):
        return None if kind.takes_booleans else _BOOLEAN
    if kind.is_text and not kind.is_coded:
        if isinstance(cell, int | float):
            return None if kind.is_whole_code(cell) else _NUMBER
        if isinstance(cell, date | time | DateFormatted):
            return _DATE
    return None


def params_of(words: Words, cell: Any) -> Mapping[str, str]:
    """The value that the words of a misfit name."""
    return {"value": str(cell).strip()} if words in (_ERROR, _SHORTENED) else {}


def explained(fault: Fault, cell: Any, *, quotes: bool) -> Fault:
    """A fault of a code's form with the value, and the character that does not belong there.

    Args:
        fault: of the cell.
        cell: as it stands in the file.
        quotes: whether the value may be shown.
    """
    if fault.code != "string_pattern_mismatch" or not quotes or not isinstance(cell, str):
        return fault
    value = cell.strip()[:LONGEST]
    strange = _STRANGE.search(value)
    zh, en = f"{fault.message.zh}；现为“{{value}}”", f"{fault.message.en}; it is “{{value}}”"
    params = {**fault.params, "value": value}
    if strange:
        zh, en = f"{zh}，含 {{character}}", f"{en} with {{character}}"
        params["character"] = named(strange[0])
    return Fault(fault.pointer, fault.code, Text(zh, en), params)
