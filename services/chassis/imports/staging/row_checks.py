"""Classification of each staged row: repeated, unchanged, changed, new, or against a rule.

Each check is one statement over all rows. Rows to apply are copied into the table `changed`; rows
that equal the stored ones cost no more than the comparison. Statements that read stored rows run
in the caller's context, under row security. Checks that need rows which the caller cannot see (a
staff number that is taken) run as the service itself, and their faults reveal nothing.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from services.chassis.core.text import Text
from services.chassis.database.db import Conn, Database
from services.chassis.imports.declaration.spec import Unique, Words
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.merging import TAKEN
from services.chassis.imports.staging.staging_tables import analyze_staging
from services.chassis.imports.staging.stored_rules import judge_beside_stored

REPEATED = Words(
    "import.duplicate_in_file", Text("与第 {first} 行重复：{value}", "Repeats row {first}: {value}")
)
_EXISTS = Words("import.exists", Text("{value} 已存在", "{value} exists already"))
_MISSING = Words("missing", Text("必填", "Required"))
# The order of one row's faults: those of its cells, as they were found, come first.
_AFTER_CELLS = 1000


class Judge:
    """Judges the staged rows of one run."""

    def __init__(self, database: Database, run: Run, first_rows: Sequence[int]) -> None:
        self._database, self._run, self._first_rows = database, run, first_rows
        self._entry = _AFTER_CELLS

    async def judge(self) -> None:
        """Record the faults of rows in comparison with others; `settling` counts them."""
        async with self._database.connection(None) as connection:
            await analyze_staging(connection, self._run.staging_tables.changed)
        # Both read all rows, and nothing that the other one writes.
        await asyncio.gather(self._judge_unseen(), self._judge_beside_stored())
        # After those: what a faulty row would have given up is still taken.
        async with self._database.connection(self._run.caller) as connection:
            for unique in self._uniques:
                await self._find_taken(connection, unique)
        async with self._database.connection(None) as connection:
            await self._find_taken_unseen(connection)

    @property
    def _uniques(self) -> list[Unique]:
        """The unique columns of which the caller may know what is taken."""
        reported = self._run.reported.field if self._run.reported else None
        return [unique for unique in self._run.spec.uniques if unique.field != reported]

    async def _judge_unseen(self) -> None:
        """Run the checks of the service itself: rows of the file, rows hidden from the caller."""
        run = self._run
        async with self._database.connection(None) as connection:
            await self._find_repeated(connection, run.staging_tables.keys, run.spec.key, REPEATED)
            for unique in run.spec.uniques:
                changed, columns = run.staging_tables.changed, (unique.column,)
                await self._find_repeated(
                    connection, changed, columns, unique.repeated, unique.field
                )
            await self._check(connection, as_service=True)

    async def _judge_beside_stored(self) -> None:
        """Check against the stored rows that the caller sees."""
        run = self._run
        async with self._database.connection(run.caller) as connection:
            if run.operation == "insert":
                await self._find_existing(connection)
            await self._find_missing(connection)
            await self._find_later(connection)
            await self._check(connection, as_service=False)
            await judge_beside_stored(connection, run)

    async def _check(self, connection: Conn, *, as_service: bool) -> None:
        for check in self._run.spec.checks:
            if check.as_service == as_service:
                caller = self._run.caller
                visible = check.visible(caller) if check.visible else "true"
                sql = self._run.fill(check.sql, visible=visible)
                args = self._run.fixed[: _arguments(sql)]
                words = check.words_for(caller)
                await self._add(connection, check.field, words, _valued(sql, check.params), args)

    async def _find_later(self, connection: Conn) -> None:
        """Note the faults of rows that are new."""
        run = self._run
        await connection.execute(
            "with found as materialized (select s._row as row, s._part as part, f.at, f.it "
            f"from {run.staging_tables.changed} s, jsonb_array_elements(s._later::jsonb) "
            "with ordinality as f (it, at) where s._later is not null and s._id is null), "
            f"noted as (insert into {run.staging_tables.faulty} (_part, _row, field, code) "
            "select part, row, it->>'field', it->>'code' from found) "
            "insert into import_fault (job_id, row, entry, part, bureau_code, field, code, "
            "message_zh, message_en, params) select $1, row, at, part, $2, it->>'field', "
            "it->>'code', it->>'zh', it->>'en', it->'params' from found "
            f"order by row, at limit {run.most_listed}",
            run.job,
            run.bureau,
        )

    async def _find_repeated(
        self, connection: Conn, table: str, columns: Sequence[str], words: Words, field: str = ""
    ) -> None:
        """Rows that have the same value as an earlier one; only the first stands."""
        names = ", ".join(columns)
        value = self._run.key_text
        await self._add(
            connection,
            field or columns[0],
            words,
            f"with twice as (select {names} from {table} where {columns[-1]} is not null "
            f"group by {names} having count(*) > 1) "
            f"select row, jsonb_build_object('first', first, 'value', value) as params "
            f"from (select s._row as row, {value} as value, min(s._row) over "
            f"(partition by {names}) as first from {table} s join twice using ({names})) r "
            "where row > first",
        )

    async def _find_existing(self, connection: Conn) -> None:
        run = self._run
        await self._add(
            connection,
            run.spec.key[0],
            _EXISTS,
            _valued(
                f"select s._row as row, {run.key_text} as value "
                f"from {run.staging_tables.changed} s "
                "where s._id is not null"
            ),
        )

    async def _find_missing(self, connection: Conn) -> None:
        """New rows without a field that they need."""
        run = self._run
        lacking = run.spec.required if run.has_gaps else run.absent & {*run.spec.required}
        for name in lacking:
            await self._add(
                connection,
                name,
                _MISSING,
                f"select s._row as row, '{{}}'::jsonb as params "
                f"from {run.staging_tables.changed} s "
                f"where s._id is null and s._absent & {run.bits([name])} <> 0",
            )

    async def _find_taken(self, connection: Conn, unique: Unique) -> None:
        """Values that a stored row has and the file does not change."""
        run, column = self._run, unique.column
        owner = ", ".join(f"t.{name}" for name in run.spec.key)
        await self._add(
            connection,
            unique.field,
            unique.taken,
            _valued(
                f"select s._row as row, concat_ws(' ', {owner}) as value "
                f"from {run.staging_tables.changed} s join {run.spec.target} t "
                f"on {run.of_file} and {run.seen} and t.{column} = s.{column} "
                "and t.id is distinct from s._id "
                f"where not exists (select from {run.staging_tables.changed} o where o._id = t.id "
                f"and o.{column} is distinct from t.{column} and o.{column} is not null "
                f"and not exists (select from {run.staging_tables.faulty} f where f._row = o._row))"
            ),
            run.fixed,
        )

    async def _find_taken_unseen(self, connection: Conn) -> None:
        """Keys and values of rows that the caller cannot see."""
        run = self._run
        of_key = run.same_key if run.spec.is_key_global else f"{run.of_file} and {run.same_key}"
        conflicts = [(run.spec.key[0], of_key, "s._id is null")]
        conflicts += [
            (unique.field, f"{run.of_file} and t.{unique.column} = s.{unique.column}", "true")
            for unique in self._uniques
        ]
        if run.sees_bureau and run.seen == "true":
            conflicts = conflicts[:1] if run.spec.is_key_global else []
        elif run.sees_bureau:  # few rows: all but those are looked at in the caller's name
            conflicts = [
                (name, f"{on} and not ({run.seen})", where) for name, on, where in conflicts
            ]
        for field, condition, where in conflicts:
            sql = (
                f"select s._row as row, {run.key_text} as value "
                f"from {run.staging_tables.changed} s "
                f"join {run.spec.target} t on {condition} and t.id is distinct from s._id "
                f"where {where} "
                f"and not exists (select from {run.staging_tables.faulty} f where f._row = s._row) "
                f"and not exists (select from {run.staging_tables.changed} o where o._id = t.id)"
            )
            args = run.fixed[: _arguments(condition)]
            await self._add(connection, field, TAKEN, _valued(sql), args)

    async def _add(
        self,
        connection: Conn,
        field: str,
        words: Words,
        sql: str,
        args: Sequence[Any] = (),
    ) -> None:
        """Record a fault of every row that `sql` selects, with `params` for its text.

        The first of them are listed in words; the rest count.
        """
        self._entry += 1
        run = self._run
        job, bureau, firsts = (f"${len(args) + i}" for i in (1, 2, 3))
        name, code, zh, en = (f"${len(args) + i}::text" for i in (4, 5, 6, 7))
        await connection.execute(
            "with found as materialized (select f.row, f.params, "
            f"width_bucket(f.row, {firsts}::bigint[]) - 1 as part from ({sql}) f), "
            f"noted as (insert into {run.staging_tables.faulty} (_part, _row, field, code) "
            f"select part, row, {name}, {code} from found) "
            "insert into import_fault (job_id, row, entry, part, bureau_code, field, code, "
            f"message_zh, message_en, params) select {job}::uuid, row, {self._entry}, part, "
            f"{bureau}::text, {name}, {code}, {zh}, {en}, params from found "
            f"order by row limit {run.most_listed}",
            *args,
            run.job,
            run.bureau,
            self._first_rows,
            field,
            words.code,
            *words.message,
        )


def _arguments(sql: str) -> int:
    """How many arguments a statement has."""
    return max((int(number) for number in re.findall(r"\$(\d)", sql)), default=0)


def _valued(sql: str, names: Sequence[str] = ("value",)) -> str:
    """A selection of `row` and the columns that the words name as one of `row` and `params`."""
    pairs = ", ".join(f"'{name}', {name}" for name in names)
    return f"select row, jsonb_build_object({pairs}) as params from ({sql}) v"
