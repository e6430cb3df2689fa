"""Pydantic's findings in the words of the API: pointer, stable code, Chinese and English."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text

_TEXTS: dict[str, Text] = {
    "missing": Text("必填", "Required"),
    "extra_forbidden": Text("未知的字段", "Unknown field"),
    "json_invalid": Text("不是合法的 JSON", "Not valid JSON"),
    "model_attributes_type": Text("应为对象", "Must be an object"),
    "dict_type": Text("应为对象", "Must be an object"),
    "list_type": Text("应为数组", "Must be a list"),
    "string_type": Text("应为文本", "Must be text"),
    "string_too_short": Text("至少 {min_length} 个字符", "At least {min_length} character(s)"),
    "string_too_long": Text("最多 {max_length} 个字符", "At most {max_length} characters"),
    "string_pattern_mismatch": Text("格式不符", "Does not have the expected form"),
    "enum": Text("应为其中之一：{expected}", "Must be one of {expected}"),
    "literal_error": Text("应为其中之一：{expected}", "Must be one of {expected}"),
    "int_parsing": Text("应为整数", "Must be a whole number"),
    "int_type": Text("应为整数", "Must be a whole number"),
    "int_parsing_size": Text("数字过大", "Too large a number"),
    "int_from_float": Text("应为整数", "Must be a whole number"),
    "decimal_parsing": Text("应为数字，例如 86.5", "Must be a plain decimal number, such as 86.5"),
    "decimal_type": Text("应为数字", "Must be a number"),
    "decimal_max_places": Text("最多 {decimal_places} 位小数", "At most {decimal_places} decimals"),
    "decimal_max_digits": Text("最多 {max_digits} 位数字", "At most {max_digits} digits"),
    "finite_number": Text("应为有限的数", "Must be a finite number"),
    "float_parsing": Text("应为数字", "Must be a number"),
    "bool_type": Text("应为 true 或 false", "Must be true or false"),
    "bool_parsing": Text("应为 true 或 false", "Must be true or false"),
    "greater_than_equal": Text("不小于 {ge}", "At least {ge}"),
    "less_than_equal": Text("不大于 {le}", "At most {le}"),
    "greater_than": Text("应大于 {gt}", "Greater than {gt}"),
    "less_than": Text("应小于 {lt}", "Less than {lt}"),
    "date_parsing": Text("应为日期 YYYY-MM-DD", "Must be a date YYYY-MM-DD"),
    "date_from_datetime_parsing": Text("应为日期 YYYY-MM-DD", "Must be a date YYYY-MM-DD"),
    "date_from_datetime_inexact": Text("应为日期，不含时刻", "Must be a date without a time"),
    "date_type": Text("应为日期 YYYY-MM-DD", "Must be a date YYYY-MM-DD"),
    "datetime_parsing": Text("应为带时区的时间", "Must be a time with offset"),
    "timezone_aware": Text("时间须带时区", "The time needs an offset"),
    "uuid_parsing": Text("应为 UUID", "Must be a UUID"),
    "too_short": Text("至少 {min_length} 项", "At least {min_length} item(s)"),
    "too_long": Text("最多 {max_length} 项", "At most {max_length} items"),
}
# Descriptions of patterns, because people do not read regular expressions.
FORMS: dict[str, Text] = {
    r"^[0-9]{10}$": Text("应为 10 位数字", "Must be 10 digits"),
    r"^[0-9]{6}$": Text("应为 6 位数字", "Must be 6 digits"),
    r"^[0-9a-f]{64}$": Text("应为 64 位十六进制数字", "Must be 64 hexadecimal digits"),
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$": Text(
        "应为 1–32 个字母、数字、_ 或 -，以字母或数字开头",
        "Must be 1 to 32 letters, digits, _ or -, the first a letter or digit",
    ),
    r"^[a-z][a-z0-9_-]{0,31}$": Text(
        "应为 1–32 个小写字母、数字、_ 或 -，以字母开头",
        "Must be 1 to 32 lower-case letters, digits, _ or -, the first a letter",
    ),
    r"^[a-z0-9][a-z0-9-]{2,63}$": Text(
        "应为 3–64 个小写字母、数字或 -，以字母或数字开头",
        "Must be 3 to 64 lower-case letters, digits or -, the first a letter or digit",
    ),
    r"^[a-z0-9][a-z0-9._@-]{1,63}$": Text(
        "应为 2–64 个字母、数字或 . _ @ -，以字母或数字开头",
        "Must be 2 to 64 letters, digits or . _ @ -, the first a letter or digit",
    ),
    r"^[\w.:〔〕（）()\[\]-]{1,32}$": Text(
        "应为 1–32 个文字、数字、括号或 _ . : -，不含空格",
        "Must be 1 to 32 letters, digits, brackets or _ . : -, without spaces",
    ),
    r"^[\w.:〔〕（）()\[\]-]{1,80}$": Text(
        "应为 1–80 个文字、数字、括号或 _ . : -，不含空格",
        "Must be 1 to 80 letters, digits, brackets or _ . : -, without spaces",
    ),
}
# In the context of an error of a whole model: the field that a form marks.
BLAMED = "blamed_field"
_QUOTED = re.compile(r"'([^']*)'")
_FALLBACK = Text("值不符合要求", "Not an acceptable value")
Schema = TypeVar("Schema", bound=BaseModel)


def invalid_value(
    code: str, message: Text, *, blames: str | None = None, **params: Any
) -> PydanticCustomError:
    """The exception of a validator: a stable code, with both texts in its context.

    Args:
        code: stable.
        message: its words.
        blames: of a validator of a whole model, the field to blame, which a form marks.
        params: of the words.
    """
    context = {"zh": message.zh, "en": message.en} | ({BLAMED: blames} if blames else {})
    return PydanticCustomError(code, "{en}", context | params)


def blaming(error: PydanticCustomError, field: str) -> PydanticCustomError:
    """The error of a whole model with the field that is to blame."""
    context = (error.context or {}) | {BLAMED: field}
    return PydanticCustomError(error.type, error.message_template, context)


def validated(schema: type[Schema], values: Mapping[str, Any]) -> Schema:
    """The values of a row that is to be changed, checked as if it were created.

    Raises:
        Invalid: they break a rule of `schema`.
    """
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        raise Invalid(faults_of(error.errors())) from error


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Every finding of one validation as a fault of the API."""
    return [_fault(error) for error in errors]


def _fault(error: Mapping[str, Any]) -> Fault:
    location = error["loc"]
    parts = location[1:] if location and location[0] in ("body", "query", "path") else location
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)
    context = {
        key: value if isinstance(value, int | float | str | list) else str(value)
        for key, value in (error.get("ctx") or {}).items()
    }
    if field := context.pop(BLAMED, None):
        pointer += f"/{field}"
    if "expected" in context:
        words = str(context["expected"])
        context["allowed"] = _QUOTED.findall(words) or words.split(", ")
    text = Text(str(context.pop("zh")), str(context.pop("en"))) if "zh" in context else None
    code = error["type"]
    if code in ("too_short", "too_long") and isinstance(error.get("input"), str):
        code = f"string_{code}"  # the length of an optional text, which pydantic counts in items
    form = FORMS.get(str(context.get("pattern")))
    return Fault(pointer, code, text or form or _TEXTS.get(code, _FALLBACK), context)
