"""Places in an ordered list: the types of sort fields, in Python and in SQL."""

from datetime import date, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin


def plain_type(annotation: Any) -> Any:
    """`T` of an optional `T`, without its constraints."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(a for a in get_args(annotation) if a is not type(None))
    return get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation


def sql_type(kind: Any) -> str:
    """The SQL type that a cursor's value of type `kind` is compared as."""
    for python, sql in ((datetime, "timestamptz"), (date, "date"), (bool, "boolean")):
        if kind is python:
            return sql
    if kind is int:
        return "bigint"
    return "text" if isinstance(kind, type) and issubclass(kind, str) else "numeric"


def typed(kind: Any, value: str) -> Any:
    """A cursor's text as a value of type `kind`."""
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, str):
        return value
    return int(value) if kind is int else kind(value)
