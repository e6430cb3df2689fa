"""Many new records in one request: all of them or none, and every fault of every one at once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, Field, create_model
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.errors import AppError, Conflict, Fault, Invalid
from services.chassis.strict_bodies import STRICT
from services.chassis.text import Text

MAX_BATCH = 1000
Item = TypeVar("Item", bound=BaseModel)


class BatchConflict(Conflict):
    """Some of the new records contradict what is stored, or each other."""

    code = "platform.batch_conflict"
    title = Text("部分数据与现有数据冲突", "Some conflict with what is stored")
    detail = Text(
        "共 {count} 处冲突,见 errors;全部未写入。",
        "{count} conflict(s), see errors; nothing was written.",
    )


class BatchWritten(BaseModel):
    """What a batch did (批量结果)."""

    created: int = Field(description="New records (新增)", examples=[84])


def batch_of(item: type[BaseModel]) -> Any:
    """The body of a batch: a list of what the route for a single one takes."""
    about = f"All are created, or none; at most {MAX_BATCH} (批量)"
    return create_model(
        f"{item.__name__}Batch",
        __config__=STRICT,
        __doc__=f"Many at once: {item.__doc__}",
        items=(list[item], Field(min_length=1, max_length=MAX_BATCH, description=about)),  # type: ignore[valid-type]
    )


async def create_all(
    session: AsyncSession, items: Sequence[Item], create: Callable[[Item], Awaitable[Any]]
) -> BatchWritten:
    """Create one after the other as a request for each would, so that later ones may name earlier.

    Raises:
        Invalid: some are wrong; the faults tell which, and of conflicts, too.
        BatchConflict: nothing is wrong but that some are taken.
    """
    try:
        async with session.begin_nested():
            for item in items:
                await create(item)
    except (Invalid, Conflict):
        # A savepoint for each costs as much as its record: only to tell what is wrong.
        raise await _all_that_is_wrong(session, items, create) from None
    return BatchWritten(created=len(items))


async def _all_that_is_wrong(
    session: AsyncSession, items: Sequence[Item], create: Callable[[Item], Awaitable[Any]]
) -> AppError:
    faults: list[Fault] = []
    is_wrong = False
    for position, item in enumerate(items):
        try:
            async with session.begin_nested():
                await create(item)
        except (Invalid, Conflict) as error:
            is_wrong |= isinstance(error, Invalid)
            faults += _faults_of(error, f"/items/{position}")
    return Invalid(faults) if is_wrong else BatchConflict(faults=faults, count=len(faults))


def _faults_of(error: AppError, pointer: str) -> list[Fault]:
    if not error.faults:
        return [Fault(pointer, error.code, error.detail, error.params)]
    return [replace(fault, pointer=pointer + fault.pointer) for fault in error.faults]
