"""Faulty rows of an import, stored with its parts: a set of rows for each kind of fault."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from services.chassis.database.db import Conn
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.staging.passed_rows import kept
from services.chassis.imports.staging.row_sets import pack, unpack

PART_COLUMNS = "number, start_byte, bytes, first_row, records"


class Blame(NamedTuple):
    """A kind of fault that rows have in comparison with other rows.

    Attributes:
        field: the field with the fault.
        code: of the fault.
    """

    field: str
    code: str


Judged = Mapping[Blame, set[int]]


class Failed(NamedTuple):
    """The faulty rows of a part.

    Attributes:
        part: their part.
        broken: rows that are faulty by themselves.
        judged: rows that are faulty in comparison with others.
        listed: rows whose faults are stored with their texts; in imports that are older than sets
            of rows, all faulty rows.
        passed: rows that are no data.
    """

    part: Part
    broken: set[int]
    judged: Judged
    listed: set[int]
    passed: set[int]

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Failed":
        """From the columns of `FAILED`."""
        part = Part(*[*row.values()][:5])
        judged = {
            Blame(one["field"], one["code"]): unpack(b64decode(one["rows"]), part)
            for one in row["judged"]
        }
        passed = set[int]().union(*kept(row["passed"], part).values())
        return cls(part, unpack(row["broken"], part), judged, set(row["listed"]), passed)

    @property
    def rows(self) -> set[int]:
        """All faulty rows."""
        return self.broken.union(self.listed, *self.judged.values())


FAILED = f"""
select {PART_COLUMNS}, broken, judged, passed, array(
    select distinct row from import_fault f where f.job_id = p.job_id
    and f.row between p.first_row and p.first_row + p.records - 1) as listed
from import_part p where job_id = $1
"""

_ADD = """
update import_part set failed = failed + $3, judged = $4, codes = (
    select jsonb_object_agg(code, n) from (
        select key as code, sum(value::bigint) as n from (
            select * from jsonb_each_text(codes) union all select * from jsonb_each_text($5)
        ) c group by 1
    ) s)
where job_id = $1 and number = $2
"""


async def add_judged(
    connection: Conn, job_id: UUID, number: int, judged: Judged, codes: Mapping[str, int]
) -> None:
    """Add rows that are faulty in comparison with others.

    Args:
        connection: acts as the service itself.
        job_id: the import.
        number: of the part.
        judged: the rows.
        codes: the number of faults by code.
    """
    row = await connection.fetchrow(f"{FAILED} and number = $2 for update", job_id, number)
    assert row is not None, "it is entered when it is staged"
    before = Failed.of(row)
    after = {**before.judged}
    for blame, rows in judged.items():
        after[blame] = after.get(blame, set()) | rows
    document = [
        {**blame._asdict(), "rows": b64encode(pack(rows, before.part)).decode()}
        for blame, rows in after.items()
    ]
    new = set[int]().union(*judged.values()) - before.broken.union(*before.judged.values())
    await connection.execute(_ADD, job_id, number, len(new), document, codes)


async def failed_parts(connection: Conn, job_id: UUID, where: str = "true") -> Sequence[Any]:
    """The columns of `Failed` of some parts, in order."""
    return await connection.fetch(f"{FAILED} and {where} order by number", job_id)
