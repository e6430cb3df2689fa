"""Synchronous imports: CSV or NDJSON in, every row validated, one set-based merge, all or nothing.

The row schema is the one that validates the API's own writes. Rows are staged with COPY in a
temporary table, checked there in bulk, and merged with one statement that skips unchanged rows.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from asyncpg import InsufficientPrivilegeError, UniqueViolationError
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from services.chassis.db import Conn
from services.chassis.errors import MAX_FAULTS, Fault, Invalid
from services.chassis.rows import Record, read_records
from services.chassis.text import Text
from services.chassis.validation import faults_of

_BATCH = 5000
# Each value may be a fault, and a fault takes more than a kilobyte.
_BATCH_VALUES = 100_000
_TAKEN = Text(
    "文件中的编号或唯一值已被其他记录占用(两行互换号码时请分两次导入)",
    "A key or unique value is taken by another row (import swapped numbers in two steps)",
)


class ImportReport(BaseModel):
    """What became of every row: created + updated + unchanged = rows (导入结果)."""

    rows: int = Field(description="Data rows in the file (数据行数)", examples=[4200])
    created: int = Field(description="New (新增)", examples=[4200])
    updated: int = Field(description="Changed (更新)", examples=[0])
    unchanged: int = Field(description="Already so (未变)", examples=[0])


@dataclass(frozen=True, slots=True)
class Check:
    """A rule over all staged rows: SQL that selects `row` and `value` of the bad ones."""

    field: str
    code: str
    message: Text
    sql: str


@dataclass(frozen=True)
class ImportSpec:
    """How one resource is imported.

    Attributes:
        resource: its name in messages.
        table: the target table.
        row: the schema of a row.
        key: columns of the natural key; `fixed` columns and these are unique in the table.
        columns: staged columns with their SQL types.
        fixed: columns with one value for the whole file (`bureau_code`, `cycle_id`), with types.
        values: a validated row as the values of `columns`, in order.
        checks: rules over all rows, in SQL over `staged` with the fixed columns as `$1`, `$2` …
        ignored: columns that do not count as a change (a ciphertext differs on each encryption).
    """

    resource: str
    table: str
    row: type[BaseModel]
    key: tuple[str, ...]
    columns: dict[str, str]
    fixed: dict[str, str]
    values: Callable[[Any], Sequence[Any]]
    checks: tuple[Check, ...] = ()
    ignored: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def adapter(self) -> TypeAdapter[list[Any]]:
        """Validates rows in batches."""
        return TypeAdapter(list[self.row])  # type: ignore[name-defined]

    @cached_property
    def headers(self) -> dict[str, str]:
        """Accepted column headers: the field's name and its Chinese title."""
        fields = self.row.model_fields.items()
        return {n: n for n, _ in fields} | {i.title: n for n, i in fields if i.title}


async def import_rows(
    connection: Conn, spec: ImportSpec, body: bytes, media_type: str, fixed: Sequence[Any]
) -> ImportReport:
    """Merge a whole file into the table, or refuse all of it.

    Args:
        connection: inside the request's transaction.
        spec: what is imported.
        body: the file.
        media_type: `text/csv` or `application/x-ndjson`.
        fixed: values of `spec.fixed`, in order.

    Raises:
        Invalid: with every faulty row (first 1,000), nothing stored.
    """
    staged = await asyncio.to_thread(_parse, spec, body, media_type)
    await _stage(connection, spec, staged)
    await _check(connection, spec, fixed)
    try:
        created, updated = await _merge(connection, spec, fixed)
    except (UniqueViolationError, InsufficientPrivilegeError) as error:
        # Taken by a row that the caller may not see (row security), or a unique value by another.
        raise Invalid([Fault("", "import.taken", _TAKEN, {})]) from error
    rows = len(staged)
    return ImportReport(
        rows=rows, created=created, updated=updated, unchanged=rows - created - updated
    )


def _parse(spec: ImportSpec, body: bytes, media_type: str) -> list[tuple[Any, ...]]:
    """The whole file, validated; in a thread, so that others are served meanwhile."""
    return list(_validated(spec, read_records(body, media_type, spec.headers)))


def _validated(spec: ImportSpec, records: Iterator[Record]) -> Iterator[tuple[Any, ...]]:
    """Staged tuples `(row number, …)` of all records.

    Raises:
        Invalid: at the end, if any row is faulty.
    """
    faults: list[Fault] = []
    batch: list[Record] = []
    values = 0

    def flush() -> Iterator[tuple[Any, ...]]:
        try:
            rows = spec.adapter.validate_python([record.values for record in batch])
        except ValidationError as error:
            faults.extend(_row_faults(error, batch))
            return
        for record, row in zip(batch, rows, strict=True):
            yield (record.number, *spec.values(row))

    for record in records:
        batch.append(record)
        values += len(record.values)
        if len(batch) == _BATCH or values > _BATCH_VALUES:
            yield from flush()
            batch.clear()
            values = 0
            if len(faults) > MAX_FAULTS:
                break
    yield from flush()
    if faults:
        raise Invalid(faults)


def _row_faults(error: ValidationError, batch: list[Record]) -> list[Fault]:
    faults = []
    for raised in error.errors():
        index, *rest = raised["loc"]
        number = batch[int(index)].number
        (fault,) = faults_of([{**raised, "loc": ("rows", number, *rest)}])
        faults.append(
            Fault(fault.pointer, fault.code, fault.message, fault.params | {"row": number})
        )
    return faults


async def _stage(connection: Conn, spec: ImportSpec, rows: list[tuple[Any, ...]]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in spec.columns.items())
    await connection.execute(
        f"create temporary table staged (_row integer, {columns}) on commit drop"
    )
    await connection.copy_records_to_table(
        "staged", schema_name="pg_temp", columns=["_row", *spec.columns], records=rows
    )
    await connection.execute("analyze staged")


async def _check(connection: Conn, spec: ImportSpec, fixed: Sequence[Any]) -> None:
    key = ", ".join(spec.key)
    faults = [
        Fault(
            f"/rows/{found['_row']}/{spec.key[0]}",
            "import.duplicate_in_file",
            Text("与第 {first} 行重复:{value}", "Repeats row {first}: {value}"),
            {"row": found["_row"], "first": found["first"], "value": found["value"]},
        )
        for found in await connection.fetch(
            f"select * from (select _row, min(_row) over (partition by {key}) as first, "
            f"{spec.key[0]}::text as value from staged) s where _row > first "
            f"order by _row limit {MAX_FAULTS}"
        )
    ]
    for check in spec.checks:
        args = fixed[: check.sql.count("$")] if "$" in check.sql else ()
        found_rows = await connection.fetch(
            f"select * from ({check.sql}) s order by 1 limit {MAX_FAULTS}", *args
        )
        faults += [
            Fault(
                f"/rows/{found['row']}/{check.field}",
                check.code,
                check.message,
                {"row": found["row"], "value": found["value"]},
            )
            for found in found_rows
        ]
    if faults:
        raise Invalid(sorted(faults, key=lambda fault: int(fault.params["row"])))


async def _merge(connection: Conn, spec: ImportSpec, fixed: Sequence[Any]) -> tuple[int, int]:
    """Insert new rows, update changed ones, leave equal ones alone; counts of the first two."""
    names = list(spec.columns)
    changing = [name for name in names if name not in spec.key]
    compared = [name for name in changing if name not in spec.ignored]
    placeholders = ", ".join(f"${i}::{kind}" for i, kind in enumerate(spec.fixed.values(), 1))
    conflict = ", ".join((*spec.fixed, *spec.key))
    assign = ", ".join(f"{name} = excluded.{name}" for name in changing)
    old = ", ".join(f"t.{name}" for name in compared)
    new = ", ".join(f"excluded.{name}" for name in compared)
    merged = await connection.fetchrow(
        f"with merged as (insert into {spec.table} as t ({', '.join((*spec.fixed, *names))}) "
        f"select {placeholders}, {', '.join(names)} from staged order by {', '.join(spec.key)} "
        f"on conflict ({conflict}) do update set {assign}, version = t.version + 1, "
        f"updated_at = now() where ({old}) is distinct from ({new}) "
        f"returning (xmax = 0) as is_new) "
        f"select count(*) filter (where is_new) as created, "
        f"count(*) filter (where not is_new) as updated from merged",
        *fixed,
    )
    assert merged is not None
    return merged["created"], merged["updated"]
