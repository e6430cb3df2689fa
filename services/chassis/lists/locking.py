"""Rows locked for a change."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from services.chassis.core.errors import NotFound
from services.chassis.database.auth import Caller
from services.chassis.database.db import Row
from services.chassis.lists.row_scopes import RowScope

RowT = TypeVar("RowT", bound=Row)


async def lock_row(
    session: AsyncSession,
    caller: Caller,
    rows: RowScope,
    model: type[RowT],
    row_id: UUID,
    missing: type[NotFound] = NotFound,
) -> RowT:
    """A row that the caller sees, locked until the transaction ends.

    Args:
        session: of the request.
        caller: who changes the row.
        rows: who sees which rows of the table.
        model: of the table.
        row_id: id of the row.
        missing: the problem when the caller sees no such row.

    Raises:
        NotFound: `missing`.
    """
    statement: Any = select(model).where(col(model.id) == row_id, rows.criterion(caller, model))
    row: RowT | None = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    if row is None:
        raise missing(key=row_id)
    return row
