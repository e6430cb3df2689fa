"""Brings the rows of a part into the table: one INSERT and one UPDATE.

When a unique value turns out to be taken (somebody else wrote meanwhile, or two rows swap their
values), the part is halved until the rows that cannot be applied stand alone.
"""

from collections.abc import Sequence

import asyncpg

from services.chassis.db import Conn, as_service, savepoint
from services.chassis.imports.run import Run

# A row that somebody else has created meanwhile is not new any more: look again, then give up.
_TRIES = 3
_LAST_ROW = 2**62
_TAKEN = (asyncpg.UniqueViolationError, asyncpg.InsufficientPrivilegeError)


class Merge:
    """The statements that apply the changed rows of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        spec, target, changed = run.spec, run.spec.target, run.stages.changed
        columns = [*run.fixed_columns, *spec.columns, *spec.computed]
        kinds = ["text", *spec.within.values()]
        values = [f"${i}::{kind}" for i, kind in enumerate(kinds, 1)]
        values += [f"s.{name}" for name in spec.columns]
        values += [run.stages.fill(sql) for sql in spec.computed.values()]
        part, first, last = (f"${len(run.fixed) + i}" for i in (1, 2, 3))
        chosen = f"s._part = {part} and s._row between {first} and {last}"
        self._insert = (
            f"insert into {target} ({', '.join(columns)}) select {', '.join(values)} "
            f"from {changed} s where {chosen} and s._id is null "
            f"order by {', '.join(f's.{name}' for name in spec.key)}"
        )
        assigned = [f"{name} = {run.new_value(name)}" for name in run.changing]
        assigned += [f"{name} = {run.stages.fill(sql)}" for name, sql in spec.recomputed.items()]
        assigned += ["version = t.version + 1", "updated_at = now()"]
        self._update = (
            f"update {target} t set {', '.join(assigned)} from {changed} s "
            f"where {chosen} and t.id = s._id and {run.of_file}"
        )
        self._adopt = (
            f"update {changed} s set _id = t.id from {target} t where s._part = {part} "
            f"and s._id is null and {run.of_file} and {run.same_key}"
        )

    async def apply(self, connection: Conn, part: int) -> list[int]:
        """Apply a part in the caller's transaction; the rows that cannot be applied."""
        for _ in range(_TRIES):
            try:
                async with savepoint(connection):
                    await self._apply(connection, part, 0, _LAST_ROW)
                return []
            except _TAKEN:
                async with as_service(connection):
                    await connection.execute(self._adopt, *self._run.fixed, part)
        return await self._apply_halves(connection, part)

    async def _apply(self, connection: Conn, part: int, first: int, last: int) -> None:
        await connection.execute(self._insert, *self._run.fixed, part, first, last)
        await connection.execute(self._update, *self._run.fixed, part, first, last)

    async def _apply_halves(self, connection: Conn, part: int) -> list[int]:
        rows = await connection.fetch(
            f"select _row from {self._run.stages.changed} where _part = $1 order by _row", part
        )
        pending: list[Sequence[int]] = [[row["_row"] for row in rows]]
        refused = []
        while pending:
            numbers = pending.pop()
            try:
                async with savepoint(connection):
                    await self._apply(connection, part, numbers[0], numbers[-1])
            except _TAKEN:
                if len(numbers) == 1:
                    refused += numbers
                else:
                    half = len(numbers) // 2
                    pending += [numbers[half:], numbers[:half]]
        return refused
