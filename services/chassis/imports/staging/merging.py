"""Merges the rows of a part into the table: one INSERT and one UPDATE.

When a unique value is taken (by a concurrent write, or because two rows swap their values), the
part is halved until the rows that cannot be applied are isolated.
"""

from collections.abc import Sequence

import asyncpg

from services.chassis.core.text import Text
from services.chassis.database.db import Conn, as_service, savepoint
from services.chassis.imports.declaration.spec import Words
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.failed_parts import Blame, add_judged
from services.chassis.imports.staging.reports import drop_reports, report_adopted, set_aside

# A row may be created by somebody else in the meantime: match again, then give up.
_TRIES = 3
_LAST_ROW, _LAST_ENTRY = 2**62, 3000
TAKEN = Words(
    "import.taken",
    Text(
        "{value} 已被占用，或已被他人修改"
        "（可能属于您范围以外的记录；两行互换唯一值时请分两次导入）",
        "{value} is taken, or was changed meanwhile (by a row outside your scope perhaps; "
        "import two rows that swap a unique value in two steps)",
    ),
)
_TAKEN_ERRORS = (asyncpg.UniqueViolationError, asyncpg.InsufficientPrivilegeError)


class Merge:
    """The statements that apply the changed rows of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        spec, target, changed = run.spec, run.spec.target, run.staging_tables.changed
        columns = [*run.fixed_columns, *spec.columns, *spec.computed]
        kinds = ["text", *spec.within.values()]
        values = [f"${i}::{kind}" for i, kind in enumerate(kinds, 1)]
        values += [f"s.{name}" for name in spec.columns]
        values += [run.staging_tables.fill(sql) for sql in spec.computed.values()]
        part, first, last, without = (f"${len(run.fixed) + i}" for i in (1, 2, 3, 4))
        chosen = (
            f"s._part = {part} and s._row between {first} and {last} "
            f"and s._row <> all ({without}::bigint[])"
        )
        self._insert = (
            f"insert into {target} ({', '.join(columns)}) select {', '.join(values)} "
            f"from {changed} s where {chosen} and s._id is null"
        )
        assigned = [f"{name} = {run.new_value(name)}" for name in run.changing]
        assigned += [
            f"{name} = {run.staging_tables.fill(sql)}" for name, sql in spec.recomputed.items()
        ]
        assigned += ["version = t.version + 1", "updated_at = now()"]
        self._changes_any = (
            f"select exists (select from {changed} where _part = $1 and _id is not null)"
        )
        self._update = (
            f"update {target} t set {', '.join(assigned)} from {changed} s "
            f"where {chosen} and t.id = s._id and {run.of_file}"
        )
        self._adopt = (
            f"update {changed} s set _id = t.id from {target} t where s._part = {part} "
            f"and s._id is null and {run.of_file} and {run.same_key} and {run.seen}"
        )

    async def apply(self, connection: Conn, part: int, *, without: Sequence[int] = ()) -> list[int]:
        """Apply a part, and return the numbers of rows that cannot be applied.

        Args:
            connection: has the caller's context.
            part: its number.
            without: rows that are left out.
        """
        for _ in range(_TRIES):
            try:
                async with savepoint(connection):
                    await self._apply(connection, part, 0, _LAST_ROW, without)
                return []
            except _TAKEN_ERRORS:
                async with as_service(connection):
                    await connection.execute(self._adopt, *self._run.fixed, part)
                    await report_adopted(connection, self._run, part)
                    await set_aside(connection, self._run, part)
        return await self._apply_halves(connection, part, without)

    async def _apply(
        self, connection: Conn, part: int, first: int, last: int, without: Sequence[int]
    ) -> None:
        args = (*self._run.fixed, part, first, last, [*without])
        await connection.execute(self._insert, *args)
        if await connection.fetchval(self._changes_any, part):
            await connection.execute(self._update, *args)

    async def _apply_halves(self, connection: Conn, part: int, without: Sequence[int]) -> list[int]:
        rows = await connection.fetch(
            f"select _row from {self._run.staging_tables.changed} where _part = $1 order by _row",
            part,
        )
        left_out = set(without)
        pending: list[Sequence[int]] = [[r["_row"] for r in rows if r["_row"] not in left_out]]
        refused: list[int] = []
        while pending:
            numbers = pending.pop()
            try:
                async with savepoint(connection):
                    await self._apply(connection, part, numbers[0], numbers[-1], without)
            except _TAKEN_ERRORS:
                if len(numbers) == 1:
                    refused += numbers
                else:
                    half = len(numbers) // 2
                    pending += [numbers[half:], numbers[:half]]
        return refused


async def refuse(connection: Conn, run: Run, part: int, rows: Sequence[int]) -> None:
    """Record rows that could not be applied as faulty, and remove them from `changed`."""
    if not rows:
        return
    field = run.spec.key[0]
    async with as_service(connection):
        await connection.execute(
            _REFUSED.format(key=run.key_text, changed=run.staging_tables.changed),
            run.job,
            part,
            run.bureau,
            field,
            TAKEN.code,
            *TAKEN.message,
            rows,
            run.most_listed,
        )
        await connection.execute(
            f"delete from {run.staging_tables.changed} "
            "where _part = $1 and _row = any($2::bigint[])",
            part,
            rows,
        )
        refused = "s._part = $1 and s._row = any($2::bigint[])"
        await drop_reports(connection, run, refused, part, rows)
        judged = {Blame(field, TAKEN.code): set(rows)}
        await add_judged(connection, run.job, part, judged, {TAKEN.code: len(rows)})


_REFUSED = f"""
insert into import_fault (job_id, row, entry, part, bureau_code, field, code, message_zh,
    message_en, params)
select $1, s._row, {_LAST_ENTRY}, $2, $3, $4, $5, $6, $7, jsonb_build_object('value', {{key}})
from {{changed}} s where s._part = $2 and s._row = any($8::bigint[])
order by s._row
limit greatest(0, $9 - (select count(*) from import_fault where job_id = $1))
"""
