"""A file that is stored in one transaction, into a table that PostgreSQL takes for empty."""

import asyncpg
import pytest

from services.chassis.imports.formats import splitting
from tests.schools.county import County, csv_of, person
from tests.support.importing import counts

KNOWN = "select reltuples from pg_class where oid = 'schools.staff'::regclass"


async def test_the_planner_is_told_what_nobody_else_sees_yet(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without it, a million rows do not end: each part searches all that the others have stored."""
    await admin.execute("update pg_class set reltuples = 0 where oid = 'schools.staff'::regclass")
    monkeypatch.setattr(splitting, "PART_BYTES", 400)
    rows = [person(f"B{n}", county.one, n) for n in range(60)]
    job = await county.load("staff", csv_of(rows))
    assert counts(job) == (60, 0, 0, 0)
    assert await admin.fetchval(KNOWN) > 0


async def test_half_of_a_file_in_one_transaction_are_changes(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splitting, "PART_BYTES", 400)
    await county.load("staff", csv_of([person(f"C{n}", county.one, n) for n in range(0, 60, 2)]))
    rows = [person(f"C{n}", county.one, n, duty="校长") for n in range(60)]
    assert counts(await county.load("staff", csv_of(rows))) == (30, 30, 0, 0)
    assert {row["duty"] for row in await county.all("/v1/staff")} == {"校长"}
