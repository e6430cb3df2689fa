"""Texts on the columns of a template, in one language."""

from typing import Any

from services.chassis.core.text import Language, Text
from services.chassis.imports.templates.columns import TemplateColumn
from services.chassis.schemas.codes import CodeList

_KEY = Text("必填，且用于识别同一行", "Required; rows are recognised by it")
_REQUIRED, _OPTIONAL = Text("必填", "Required"), Text("选填", "Optional")
_ALLOWED = Text("允许的值：{allowed}", "Allowed: {allowed}")
_EXAMPLE = Text("示例：{example}", "Example: {example}")
_BETWEEN = Text("、", ", ")
_DATE = Text("日期 YYYY-MM-DD", "A date YYYY-MM-DD")
_KINDS = {"integer": Text("整数", "A whole number"), "decimal": Text("数字", "A number")}
_RANGE = Text("{kind}，{lowest:g} 至 {highest:g}", "{kind} from {lowest:g} to {highest:g}")
_TEXT = Text("文本", "Text")
_LONGEST = Text("文本，最多 {longest} 个字", "Text of at most {longest} characters")


def need_of(column: TemplateColumn, language: Language) -> str:
    """Whether a column must be filled in."""
    if column.is_key:
        return _KEY.render(language)
    return (_REQUIRED if column.is_required else _OPTIONAL).render(language)


def allowed_in(column: TemplateColumn, language: Language) -> str:
    """The allowed values of its cells."""
    if column.codes:
        return _BETWEEN.render(language).join(_choice_names(column.codes, language))
    if column.kind == "date":
        return _DATE.render(language)
    if column.kind == "text":
        text = _LONGEST if column.longest else _TEXT
        return text.render(language, longest=column.longest)
    kind = _KINDS[column.kind].render(language)
    if column.lowest is None or column.highest is None:
        return kind
    return _RANGE.render(language, kind=kind, lowest=column.lowest, highest=column.highest)


def _choice_names(codes: CodeList, language: Language) -> list[str]:
    if language == "zh-CN":
        return [label.zh for label in codes.labels.values()]
    return [f"{code} ({label.en})" for code, label in codes.labels.items()]


def choices_of(column: TemplateColumn, language: Language) -> list[str]:
    """The choices of a coded cell: Chinese labels, or codes in other languages."""
    labels = column.codes.labels if column.codes else {}
    return [label.zh for label in labels.values()] if language == "zh-CN" else list(labels)


def example_of(column: TemplateColumn, language: Language) -> Any:
    """A cell as somebody would fill it in; None for one left empty."""
    if column.codes and column.example and language == "zh-CN":
        return column.codes.labels[column.example].zh
    return column.example


def comment_on(column: TemplateColumn, language: Language) -> str:
    """The comment on its header."""
    example = example_of(column, language)
    meaning = column.meaning.render(language)
    lines = [
        *([] if meaning == column.title.render(language) else [meaning]),
        need_of(column, language),
        _ALLOWED.render(language, allowed=allowed_in(column, language)),
        *([] if example is None else [_EXAMPLE.render(language, example=example)]),
    ]
    return "\n".join(lines)
