"""Fields of tables and schemas: those that every row has, and a short way to describe one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel


class RowRead(SQLModel):
    """Id, version and times of a row as read: first base of a resource's read schema."""

    id: UUID = Field(description="Opaque id")
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
    created_at: datetime
    updated_at: datetime


def described(title: str, description: str, example: Any, **more: Any) -> Any:
    """A field with everything that files, templates and the API document show of it.

    Args:
        title: Chinese name, also the header of its column.
        description: in English.
        example: a value.
        more: further arguments of `Field`, such as `max_length`.
    """
    examples = {"examples": [example]}
    return Field(title=title, description=description, schema_extra=examples, **more)
