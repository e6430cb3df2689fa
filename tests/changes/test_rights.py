"""The log can be added to and read, never altered, by whoever logs in as the service."""

import asyncpg
import pytest

from services.chassis.database.row_security import LEVELS
from tests.changes.writers import act_for, add_school, code, logged_in

# An import is on record by what it does: its rows are followed, its beginning and end are entries
# of the audit. Its own rows only count along, and would put every faulty value into the log. What
# the log withholds is on record by the change that was the reason.
_NOT_FOLLOWED = frozenset(
    {
        *("import_job", "import_part", "import_fault", "export_job", "change_withheld"),
        # Files that are held, and texts of cases, which are never changed.
        *("held_file", "case_text"),
        # Its entries would show that there are cases to persons whom they name.
        "case_counter",
        # Its numbers must not be in the log; who reports and settles one is in the audit trail.
        "id_number_report",
    }
)
_FORBIDDEN = (
    "update change_log set actor = 'somebody'",
    "delete from change_log",
    "truncate change_log",
    "update change_seal set hash = ''",
    "delete from change_seal",
    "delete from change_floor",
    "update change_floor set position = 0",
    "drop table change_log_default",
    "select * from change_log_default",
    "insert into change_log_default (operation, resource, changes) values ('access', 'x', '{}')",
    "alter table school disable trigger log_update",
    "alter table change_log disable row level security",
)


_ACCESS = {"operation": "'access'", "resource": "'x'", "changes": "'{}'"}
_FORGED = {
    "id": "1",
    "position": "1",
    "at": "'2026-01-01'",
    "xid": "'1'",
    "old_key": "'x'",
    "actor": "'somebody'",
    "subject": "'somebody'",
    "client_kind": "'account'",
    "request_id": "'x'",
    "operation": "'update'",
}


def adding(bureau: str, level: str, **values: str) -> str:
    """A statement that adds an entry as far as a level may: for its bureau."""
    entry = _ACCESS | values
    if level not in ("platform", "service"):
        entry["bureau_code"] = f"'{bureau}'"
    return f"insert into change_log ({', '.join(entry)}) values ({', '.join(entry.values())})"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("column", _FORGED)
async def test_no_level_writes_a_change_nor_its_place(level: str, column: str, bureau: str) -> None:
    async with logged_in() as connection, connection.transaction():
        await act_for(connection, bureau, level)
        await connection.execute(adding(bureau, level))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await connection.execute(adding(bureau, level, **{column: _FORGED[column]}))


@pytest.mark.parametrize("level", [None, *LEVELS])
async def test_no_level_lets_the_triggers_write_for_it(level: str | None, bureau: str) -> None:
    async with logged_in() as connection, connection.transaction():
        if level:
            await act_for(connection, bureau, level)
        await connection.execute("create temporary table forged (id uuid, bureau_code text)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await connection.execute(
                    "create trigger forge after insert on forged referencing new table as new_rows "
                    "for each statement execute function log_change('schools', 'id', '', '')"
                )


async def test_no_entry_stands_before_the_first(
    admin: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    for position in (0, -1):
        with pytest.raises(asyncpg.CheckViolationError):
            await admin.execute(
                "insert into schools.change_log (position, operation, resource, changes) "
                "values ($1, 'access', 'x', '{}')",
                position,
            )


@pytest.mark.parametrize("level", [None, *LEVELS])
@pytest.mark.parametrize("statement", _FORBIDDEN)
async def test_no_level_can_alter_it(level: str | None, statement: str, bureau: str) -> None:
    async with logged_in() as connection, connection.transaction():
        if level:
            await act_for(connection, bureau, level)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await connection.execute(statement)


@pytest.mark.parametrize("level", [level for level in LEVELS if level != "service"])
@pytest.mark.parametrize(
    "statement",
    [
        "delete from change_withheld",
        "update change_withheld set seen_with = 'staff:read'",
        "insert into change_withheld (row_id, bureau_code, instead) values (uuidv7(), '1', '{}')",
    ],
)
async def test_only_the_service_itself_decides_what_is_withheld(
    level: str, statement: str, bureau: str
) -> None:
    async with logged_in() as connection, connection.transaction():
        await act_for(connection, bureau, level)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await connection.execute(statement)


async def test_every_month_is_closed(admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    partitions = await admin.fetch(
        "select relname, relacl::text as rights from pg_class join pg_inherits on inhrelid = oid "
        "where inhparent = 'schools.change_log'::regclass"
    )
    assert len(partitions) >= 4
    for partition in partitions:
        granted = (partition["rights"] or "").replace("junheng_schools_owner", "")
        assert "junheng" not in granted, partition["relname"]


@pytest.mark.parametrize(("level", "sees"), [("schools", 0), ("person", 0), ("bureau", 1)])
async def test_schools_and_persons_do_not_read_it(level: str, sees: int, bureau: str) -> None:
    async with logged_in() as connection:
        async with connection.transaction():
            await act_for(connection, bureau)
            await add_school(connection, bureau, 1)
        async with connection.transaction():
            await act_for(connection, bureau, level)
            assert await connection.fetchval("select count(*) from change_log") == sees


async def test_nobody_logs_for_another_bureau(bureau: str) -> None:
    async with logged_in() as connection, connection.transaction():
        await act_for(connection, bureau)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "insert into change_log (bureau_code, operation, resource, changes) "
                "values ('000000', 'access', 'x', '{}')"
            )


async def test_every_table_of_a_bureau_is_followed(
    admin: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    """A new table that holds a bureau's data must have its triggers."""
    forgotten = await admin.fetch(
        """
        select c.oid::regclass::text as name from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'bureau_code'
        where c.relkind = 'r' and not c.relispartition
            and c.relname <> all($1)
            and n.nspname in ('gateway', 'schools', 'appraisal', 'accountability')
            and 3 > (select count(*) from pg_trigger t join pg_proc p on p.oid = t.tgfoid
                where t.tgrelid = c.oid and p.proname = 'log_change' and t.tgenabled = 'O')
        """,
        _NOT_FOLLOWED,
    )
    assert [row["name"] for row in forgotten] == []


async def test_the_log_holds_what_the_login_did(bureau: str) -> None:
    async with logged_in() as connection, connection.transaction():
        await act_for(connection, bureau)
        await add_school(connection, bureau, 7)
        entry = await connection.fetchrow("select * from change_log")
        assert entry is not None
        assert entry["natural_key"] == code(bureau, 7)
        assert (entry["actor"], entry["subject"], entry["client_kind"]) == (
            "writer",
            "s",
            "account",
        )
        assert entry["request_id"] == "r-1"
