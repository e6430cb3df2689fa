"""Rules between fields of which some are in the file and the others in the stored row."""

from typing import Any

import orjson

from services.chassis.database.db import Conn
from services.chassis.imports.checks.rules import broken_rule
from services.chassis.imports.staging.comparison import Run
from services.chassis.schemas.fields import Rule

_BATCH = 2000
_ENTRY = 2000


async def judge_beside_stored(connection: Conn, run: Run) -> None:
    """Check changed rows, completed by the stored ones, against rules between fields."""
    for number, rule in enumerate(run.spec.row.rules_between):
        if rule.is_set_based:
            continue
        missing = set(rule.fields) if run.has_gaps else run.absent & set(rule.fields)
        if (missing and missing != set(rule.fields)) or run.has_gaps:
            await _judge(connection, run, rule, _ENTRY + number)


async def _judge(connection: Conn, run: Run, rule: Rule, entry: int) -> None:
    values = ", ".join(f"{_value(run, name)} as {name}" for name in rule.fields)
    bits = run.bits(rule.fields)
    cursor = await connection.cursor(
        f"select s._row, s._part, {values} from {run.staging_tables.changed} s "
        f"join {run.spec.target} t on t.id = s._id "
        f"where s._absent & {bits} not in (0, {bits}) order by s._row"
    )
    room = run.most_listed
    while rows := await cursor.fetch(_BATCH):
        faulty = []
        for row in rows:
            for fault in broken_rule(rule, {name: row[name] for name in rule.fields}):
                params = orjson.dumps(fault.params, default=str).decode()
                faulty.append((row["_part"], row["_row"], fault.code, *fault.message, params))
        if faulty:
            columns = list(map(list, zip(*faulty, strict=True)))
            await _note(connection, run, rule.fields[0], columns[:3])
            await _list(connection, run, rule.fields[0], entry, [one[:room] for one in columns])
            room = max(room - len(faulty), 0)


async def _note(connection: Conn, run: Run, field: str, columns: list[list[Any]]) -> None:
    """Record the faulty rows."""
    await connection.execute(
        f"insert into {run.staging_tables.faulty} (_part, _row, field, code) "
        "select part, row, $1, code "
        "from unnest($2::integer[], $3::bigint[], $4::text[]) as f (part, row, code)",
        field,
        *columns,
    )


async def _list(
    connection: Conn, run: Run, field: str, entry: int, columns: list[list[Any]]
) -> None:
    """Store their faults with their texts."""
    await connection.execute(
        "insert into import_fault (job_id, row, entry, part, bureau_code, field, code, "
        "message_zh, message_en, params) select $1, f.row, $2, f.part, $3, $4, f.code, f.zh, "
        "f.en, f.params::jsonb from unnest($5::integer[], $6::bigint[], $7::text[], $8::text[], "
        "$9::text[], $10::text[]) as f (part, row, code, zh, en, params)",
        run.job,
        entry,
        run.bureau,
        field,
        *columns,
    )


def _value(run: Run, name: str) -> str:
    if not run.has_gaps:
        return f"t.{name}" if name in run.absent else f"s.{name}"
    return f"case when s._absent & {run.bits([name])} = 0 then s.{name} else t.{name} end"
