"""One row scope per table: what features declare is what row security in PostgreSQL holds."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from services.chassis.database.levels import LEVELS
from services.chassis.lists.row_scopes import RowScope
from services.chassis.runtime.row_scopes import shared_row_scopes
from tests.architecture.processes import PROCESSES, declaration_of
from tests.support.database import admin_url

# Tables without a row scope, and why. Their policies differ in what they let read and write, which
# a row scope cannot say; a test compares this with PostgreSQL.
_WITHOUT_SCOPE = {
    "change_log": "triggers write entries as the owner; all others write entries of access only",
}
_PROTECTED = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relkind in ('r', 'p') and c.relrowsecurity and not c.relispartition
"""
_POLICIES = """
select regexp_replace(policyname, '^declared_', '') as level, roles, cmd, qual, with_check
from pg_policies where schemaname = $1 and tablename = $2 and policyname ~ '^declared_' = $3
    and policyname <> 'owner'
order by 1
"""


def scopes_of(process: str) -> list[RowScope]:
    """Every scope that a service declares."""
    service = declaration_of(process)
    return [*service.row_scopes, *shared_row_scopes(service.import_specs())]


def joined(condition: str | None) -> list[str]:
    """What is joined by AND on the outermost level, in any order."""
    parts, depth = [""], 0
    for word in re.split(r"( AND |[()])", (condition or "").removeprefix("(").removesuffix(")")):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == " AND " and depth == 0:
            parts.append("")
        else:
            parts[-1] += word
    return sorted(parts)


SCOPES = [(process, scope) for process in PROCESSES for scope in scopes_of(process)]


@pytest.fixture
async def admin() -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(admin_url())
    yield connection
    await connection.close()


@pytest.mark.parametrize("process", PROCESSES)
async def test_every_protected_table_has_one_scope(
    process: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    declared = [scope.table for scope in scopes_of(process)]
    protected = {row["relname"] for row in await admin.fetch(_PROTECTED, process)}
    assert sorted(declared) == sorted(protected - _WITHOUT_SCOPE.keys())


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("table", _WITHOUT_SCOPE)
async def test_policies_without_a_scope_read_and_write_different_rows(
    process: str, table: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    policies = await admin.fetch(_POLICIES, process, table, False)
    writing = [one for one in policies if one["cmd"] != "SELECT"]
    assert writing
    assert all(one["qual"] != one["with_check"] for one in writing)


@pytest.mark.parametrize(("process", "scope"), SCOPES, ids=lambda it: getattr(it, "table", it))
async def test_the_policies_are_those_of_the_scope(
    process: str, scope: RowScope, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """The declared policies are created beside the real ones, and PostgreSQL's words compared."""
    transaction = admin.transaction()
    await transaction.start()
    try:
        for level, (condition, is_read_only) in scope.protection(process).items():
            assert level in LEVELS
            check = "" if is_read_only else f"with check ({condition})"
            command = "select" if is_read_only else "all"
            await admin.execute(
                f"create policy declared_{level} on {process}.{scope.table} for {command} "
                f"to junheng_{process}_{level} using ({condition}) {check}"
            )

        async def policies(*, declared: bool) -> list[dict[str, Any]]:
            rows = await admin.fetch(_POLICIES, process, scope.table, declared)
            texts = ("qual", "with_check")
            return [dict(row) | {name: joined(row[name]) for name in texts} for row in rows]

        assert await policies(declared=True) == await policies(declared=False)
    finally:
        await transaction.rollback()
