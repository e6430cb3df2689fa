"""One row in every protected table: of bureau A, its school A and its person A.

Values are the same wherever a column has the same name or type, so that the sources of all lists
find rows to join.
"""

import asyncpg

from tests.architecture.processes import PROCESSES

BUREAU, SCHOOL, PERSON, TEXT = "620901", "2162090001", "A1", "x"
ROW = "01890000-0000-7000-8000-000000000001"
_NAMED = {
    "bureau_code": BUREAU, "school_code": SCHOOL, "base_school_code": SCHOOL, "staff_no": PERSON,
    "result": "excellent", "effect": "cap", "state": "decided", "fault_codes": "{}", "kept": "{}",
    "codes": "{}",
}  # fmt: skip
_TYPED = {
    "uuid": ROW, "jsonb": "[]", "bool": "true", "date": "2026-01-01", "timestamptz": "2026-01-01",
    "text": TEXT, "varchar": TEXT, "bytea": "k1:x", "xid8": "1",
    "int8multirange": "{}",
}  # fmt: skip
_CHECKS = """
select conrelid::regclass::text as table, conname as name from pg_constraint
where contype = 'c' and coninhcount = 0 and connamespace = any($1::regnamespace[])
"""
_COLUMNS = """
select c.table_name as table, array_agg(c.column_name::text order by ordinal_position) as names,
    array_agg(c.udt_name::text order by ordinal_position) as types
from information_schema.columns c join pg_class k on k.relname = c.table_name
    and k.relnamespace = c.table_schema::regnamespace and k.relkind in ('r', 'p')
    and not k.relispartition and k.relrowsecurity
where c.table_schema = $1 and is_generated = 'NEVER' and identity_generation is null
group by 1
"""


async def seed(database_url: str) -> None:
    """Put a row into every protected table of a database, whatever its constraints say."""
    admin = await asyncpg.connect(database_url)
    await admin.execute("set session_replication_role = replica")
    for check in await admin.fetch(_CHECKS, list(PROCESSES)):
        await admin.execute(f"alter table {check['table']} drop constraint {check['name']}")
    for process in PROCESSES:
        for table in await admin.fetch(_COLUMNS, process):
            values = [
                _NAMED.get(name) or _TYPED.get(kind) or ("{}" if kind.startswith("_") else "1")
                for name, kind in zip(table["names"], table["types"], strict=True)
            ]
            literals = ", ".join(f"'{value}'" for value in values)
            names = ", ".join(f'"{name}"' for name in table["names"])
            await admin.execute(
                f"insert into {process}.{table['table']} ({names}) values ({literals})"
            )
    await admin.close()
