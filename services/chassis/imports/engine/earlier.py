"""Earlier imports as saved mappings: how columns and values of such a file were read last time.

An import keeps the options for reading its file, so a mapping is saved by being used: there is
nothing else to keep, to rename or to clear (docs/adr/0045-mappings-of-earlier-imports.md).
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.database.sql_conditions import Where
from services.chassis.imports.engine.kind import ImportState
from services.chassis.imports.engine.queries import ImportLists
from services.chassis.imports.engine.schemas import ReadingOptions
from services.chassis.schemas.fields import LocalTime

Options = TypeVar("Options", bound=ReadingOptions)
_UNKNOWN = Text(
    "没有这样的导入：{value}；应为同一资源、您可以查看的导入",
    "There is no such import: {value}. Name one of the same resource that you may see",
)
# Options that are taken over; the mappings entry by entry.
_MAPPINGS = ("column_mapping", "value_mapping")
_OTHERS = ("encoding", "delimiter", "sheet")
_HAS_MAPPING = (
    "(wishes->'column_mapping' <> '{{}}' or wishes->'value_mapping' <> '{{}}' "
    "or wishes->'ignore_unknown_columns' = 'true')"
)


class EarlierRead(BaseModel):
    """An earlier import of a file with the same header (先前的导入)."""

    id: UUID = Field(description="Id of the import, for `like` (标识)")
    file_name: str | None = Field(
        description="Name of its file (文件名)", examples=["教职工2025.xlsx"]
    )
    created_at: LocalTime = Field(description="When it was opened (时间)")
    column_mapping: dict[str, str | None] = Field(
        description="Field for each header of the file (列对应)",
        examples=[{"职工编号": "staff_no"}],
    )
    value_mapping: dict[str, dict[str, str | None]] = Field(
        description="For each field, values that words stand for (值对应)",
        examples=[{"school_type": {"完小": "211"}}],
    )
    ignore_unknown_columns: bool = Field(
        description="Whether columns that are no field were skipped (忽略未知列)", examples=[False]
    )


async def earlier_with_header(
    connection: Conn, lists: ImportLists, caller: Caller, resource: str, header: Sequence[str]
) -> EarlierRead | None:
    """The latest completed import of a file with this header that needed a mapping.

    Args:
        connection: in the caller's context.
        lists: of the service.
        caller: who asks.
        resource: that is imported.
        header: of the file; none of NDJSON.
    """
    if not header:
        return None
    where = _visible(lists, caller, resource)
    where.add("state = {}", ImportState.COMPLETED)
    where.add("layout->'header' = {}::text::jsonb", orjson.dumps([*header]).decode())
    where.add(_HAS_MAPPING)
    row = await connection.fetchrow(
        f"select id, file_name, created_at, wishes from import_job {where.sql()} "
        "order by created_at desc limit 1",
        *where.args,
    )
    if row is None:
        return None
    wishes = row["wishes"]
    return EarlierRead(
        id=row["id"],
        file_name=row["file_name"],
        created_at=row["created_at"],
        **{name: wishes[name] for name in (*_MAPPINGS, "ignore_unknown_columns")},
    )


async def as_earlier(
    connection: Conn, lists: ImportLists, caller: Caller, options: Options
) -> Options:
    """Options completed by those of the import that they name; what they say themselves outweighs.

    Raises:
        Invalid: there is no such import of the resource for the caller.
    """
    if options.like is None:
        return options
    where = _visible(lists, caller, options.resource)
    where.add("id = {}", options.like)
    wishes = await connection.fetchval(f"select wishes from import_job {where.sql()}", *where.args)
    if wishes is None:
        raise Invalid([Fault("/like", "import.unknown", _UNKNOWN, {"value": f"{options.like}"})])
    return options.model_copy(update=_taken_over(options, wishes))


def _visible(lists: ImportLists, caller: Caller, resource: str) -> Where:
    where = Where()
    lists.visible_to(caller, where)
    where.add("resource = {}", resource)
    return where


def _taken_over(options: ReadingOptions, wishes: dict[str, Any]) -> dict[str, Any]:
    columns = wishes["column_mapping"] | options.column_mapping
    fields = [*wishes["value_mapping"], *options.value_mapping]
    values = {
        name: wishes["value_mapping"].get(name, {}) | options.value_mapping.get(name, {})
        for name in fields
    }
    others = {name: wishes.get(name) for name in _OTHERS if name not in options.model_fields_set}
    ignores = options.ignore_unknown_columns or wishes["ignore_unknown_columns"]
    mapped = {"column_mapping": columns, "value_mapping": values}
    return {**mapped, "ignore_unknown_columns": ignores, **others}
