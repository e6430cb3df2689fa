"""Report of what an import reads of a file and what it does not, with words for its notices."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.chassis.core.safe_text import cleaned, storable
from services.chassis.core.text import Language, Text
from services.chassis.imports.formats.workbooks import Sheets
from services.chassis.imports.headers.layout import Layout
from services.chassis.imports.headers.notes import PassReason

# Row numbers that are listed of each kind; all are counted.
FIRST_PLACES = 20
_LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")
_OTHER_SHEETS = Text(
    "只读取了工作表“{sheet}”；{others} 也有数据，未读取：请用 sheet 选项逐一导入",
    "Only the sheet “{sheet}” is read. {others} hold data, too: import each with the option "
    "`sheet`",
)
_HIDDEN = Text(
    "{rows} 行在工作表中被隐藏或筛选，也已读取：第 {places} 行",
    "{rows} row(s) are hidden or filtered in the sheet and are read, too: {places}",
)
_NAMES = {
    PassReason.SECTION: Text("分节", "section"),
    PassReason.TOTAL: Text("合计", "total"),
    PassReason.NOTE: Text("说明", "note"),
    PassReason.HEADER: Text("重复的表头", "repeated header"),
    PassReason.NUMBERING: Text("列号", "column numbers"),
    PassReason.UNFILLED: Text("未填写", "not filled in"),
}
_PASSED = Text("{rows} 行不是数据，未读取", "{rows} row(s) are no data and are not read")
_COLUMNS = Text("{rows} 列不是字段，未读取：{columns}", "{rows} column(s) are not read: {columns}")


def report_of(
    sheets: Sheets | None, layout: Layout, rows_of_header: Sequence[int], unknown: Sequence[str]
) -> dict[str, Any]:
    """The report on a file, as far as its layout is known.

    Args:
        sheets: of a workbook.
        layout: of the file.
        rows_of_header: first and last row of its header; none of NDJSON.
        unknown: the columns that are passed over because the caller wants that.
    """
    columns = [
        column
        for column, field in zip(layout.header, layout.fields, strict=True)
        if field is None and column
    ]
    hidden = sheets.hidden if sheets else []
    report = {
        "sheet": sheets.read if sheets else None,
        "other_sheets": [one._asdict() for one in sheets.others] if sheets else [],
        "header_rows": [*dict.fromkeys(rows_of_header)],
        "hidden_rows": {"count": len(hidden), "first": hidden[:FIRST_PLACES]},
        "columns_passed_over": columns,
        "rows_passed_over": [],
    }
    notices = [*_notices(sheets, hidden), *_notice_of_columns(unknown)]
    found: dict[str, Any] = storable(report)
    return found | {"notices": notices}


def _notice_of_columns(unknown: Sequence[str]) -> list[dict[str, Any]]:
    if not unknown:
        return []
    return [notice("import.columns_passed_over", _COLUMNS, len(unknown), columns=unknown)]


def _notices(sheets: Sheets | None, hidden: Sequence[int]) -> list[dict[str, Any]]:
    notices = []
    if sheets and (others := [one.name for one in sheets.others if one.has_header]):
        named = [f"“{name}”" for name in others]
        notices.append(
            notice("import.other_sheets", _OTHER_SHEETS, 0, sheet=sheets.read, others=named)
        )
    if hidden:
        notices.append(
            notice("import.hidden_rows", _HIDDEN, len(hidden), places=[*map(str, hidden)])
        )
    return notices


def report_on_rows(
    rows: Mapping[Any, Sequence[int]], counts: Mapping[Any, int] | None = None
) -> dict[str, Any]:
    """The report on rows that are passed over, with the notice about them.

    Args:
        rows: their numbers by the reason, or the first of them.
        counts: how many there are.
    """
    counts = counts or {reason: len(numbers) for reason, numbers in rows.items()}
    if not counts:
        return {"rows_passed_over": [], "notices": []}
    listed = [
        {"reason": reason, "count": counts[reason], "first": [*numbers[:FIRST_PLACES]]}
        for reason, numbers in rows.items()
    ]
    zh, en = [], []
    for reason, numbers in rows.items():
        name, count, first = _NAMES[PassReason(reason)], counts[reason], numbers[:FIRST_PLACES]
        more = "…" * (count > len(first))
        zh.append(f"{name.zh} {count}（第 {'、'.join(map(str, first))}{more} 行）")
        en.append(f"{name.en}: {count} (row {', '.join(map(str, first))}{more})")
    words = Text(f"{_PASSED.zh}：{'；'.join(zh)}", f"{_PASSED.en}: {'; '.join(en)}")
    total = sum(counts.values())
    return {
        "rows_passed_over": listed,
        "notices": [notice("import.rows_passed_over", words, total)],
    }


def notice(code: str, words: Text, rows: int, **params: str | Sequence[str]) -> dict[str, Any]:
    """A notice as it is kept with the import, in both languages."""
    zh, en = (
        words.render(language, rows=rows, **{k: _in(language, v) for k, v in params.items()})
        for language in _LANGUAGES
    )
    return {"code": code, "zh": zh, "en": en, "rows": rows}


def _in(language: Language, value: str | Sequence[str]) -> str:
    """A value for a message: names of a list as the language separates them, the first ones."""
    if isinstance(value, str):
        return cleaned(value)
    shown = ("、" if language == "zh-CN" else ", ").join(map(cleaned, value[:FIRST_PLACES]))
    return f"{shown}…" if len(value) > FIRST_PLACES else shown
