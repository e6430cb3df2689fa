"""Batches of new records: all or none are created, and all faults are reported."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

import orjson
from pydantic import BaseModel, Field, create_model
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from services.chassis.core.errors import AppError, Conflict, Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.db import raw
from services.chassis.schemas.strict_bodies import STRICT

MAX_BATCH = 1000


class BatchConflict(Conflict):
    """Some of the new records conflict with stored data or with each other."""

    code = "platform.batch_conflict"
    title = Text("部分数据与现有数据冲突", "Conflicts with stored data")
    detail = Text(
        "共 {count} 处冲突，见 errors；全部未写入。",
        "{count} conflict(s), see errors; nothing was stored.",
    )


class BatchWritten(BaseModel):
    """The result of a batch (批量结果)."""

    created: int = Field(description="Number of new records (新增)", examples=[84])


def batch_of(item: type[BaseModel]) -> Any:
    """The body of a batch: a list of bodies of the single route."""
    about = f"At most {MAX_BATCH} records; all are created, or none (批量)"
    return create_model(
        f"{item.__name__}Batch",
        __config__=STRICT,
        __doc__=f"Many at once: {item.__doc__}",
        items=(list[item], Field(min_length=1, max_length=MAX_BATCH, description=about)),  # type: ignore[valid-type]
    )


def require_faultless(found: Sequence[tuple[int, AppError]]) -> None:
    """Refuse a batch with every fault of its items.

    Args:
        found: what is wrong with an item, by its position.

    Raises:
        Invalid: some are wrong; the faults name them, and those that are taken, too.
        BatchConflict: nothing is wrong but that some are taken.
    """
    if not found:
        return
    faults = [
        fault
        for position, error in sorted(found, key=itemgetter(0))
        for fault in _faults_of(error, f"/items/{position}")
    ]
    if any(isinstance(error, Invalid) for _, error in found):
        raise Invalid(faults)
    raise BatchConflict(faults=faults, count=len(faults))


async def insert_all(
    session: AsyncSession,
    model: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    taken: Callable[[int], AppError],
) -> BatchWritten:
    """Insert all rows by one statement, or none.

    Args:
        session: the request's transaction.
        model: of the table.
        rows: values by column, the same columns in each.
        taken: the problem of an item whose place somebody else has taken since it was checked.

    Raises:
        BatchConflict: some are taken; the transaction is to be rolled back.
    """
    table: Table = model.__table__  # type: ignore[attr-defined]
    names = ", ".join(rows[0])
    connection = await raw(session)
    created = await connection.fetch(
        _INSERT.format(table=f"{table.schema}.{table.name}", names=names),
        orjson.dumps(rows, default=_as_text).decode(),
    )
    made = {row["position"] for row in created}
    require_faultless([(n, taken(n)) for n in range(len(rows)) if n not in made])
    return BatchWritten(created=len(rows))


# Ids generated here identify the positions, because a key may occur twice.
_INSERT = """
with item as materialized (
    select uuidv7() as item_id, ordinality - 1 as position, {names}
    from json_populate_recordset(null::{table}, $1::text::json) with ordinality
), made as (
    insert into {table} (id, {names}) select item_id, {names} from item order by position
    on conflict do nothing returning id
)
select position from item join made on made.id = item_id
"""


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError


def _faults_of(error: AppError, pointer: str) -> list[Fault]:
    if not error.faults:
        return [Fault(pointer, error.code, error.detail, error.params)]
    return [replace(fault, pointer=pointer + fault.pointer) for fault in error.faults]
