"""Cells of a field by its annotation: their type, their pattern, their digits."""

import re
from typing import Annotated, Any

from pydantic import StringConstraints, TypeAdapter
from pydantic.fields import FieldInfo

_FIXED = re.compile(r"\^\[0-9\]\{(\d+)\}\$")


def digits_of(info: FieldInfo) -> int:
    """How many digits each value has, where a pattern says so; 0 for any other field."""
    patterns = [
        mark.pattern
        for mark in marks_of(info)
        if isinstance(mark, StringConstraints) and mark.pattern
    ]
    fixed = _FIXED.fullmatch(str(patterns[0])) if patterns else None
    return int(fixed[1]) if fixed else 0


def marks_of(info: FieldInfo) -> list[Any]:
    """The marks of a field, also of an optional one."""
    marks, pending = [*info.metadata], [info.annotation]
    while pending:
        annotation: Any = pending.pop()
        marks += getattr(annotation, "__metadata__", ())
        pending += getattr(annotation, "__args__", ())
    return marks


def adapter_of(info: FieldInfo) -> TypeAdapter[Any]:
    """The validator of a field, for one value."""
    annotation: Any = info.annotation
    for mark in info.metadata:
        annotation = Annotated[annotation, mark]
    return TypeAdapter(annotation)


def takes(info: FieldInfo, kind: type) -> bool:
    """Whether the field is of this type, perhaps an optional one."""
    pending = [info.annotation]
    while pending:
        annotation = pending.pop()
        if annotation is kind:
            return True
        pending += getattr(annotation, "__args__", ())
    return False


# A pattern of nothing but ASCII classes, of which no cell needs escaping.
_SIMPLE = re.compile(r"\^((?:\[[A-Za-z0-9_-]+\](?:\{\d+(?:,\d+)?\})?)+)\$")


def whole_column(info: FieldInfo) -> re.Pattern[str] | None:
    """A pattern that fits all cells, joined by line ends, exactly if the schema accepts each.

    Only for a required text whose one constraint is a simple pattern.
    """
    patterns = [mark.pattern for mark in info.metadata if isinstance(mark, StringConstraints)]
    if info.annotation is not str or len(patterns) != 1 or not isinstance(patterns[0], str):
        return None
    simple = _SIMPLE.fullmatch(patterns[0])
    return re.compile(f"{simple[1]}(?:\n{simple[1]})*") if simple else None
