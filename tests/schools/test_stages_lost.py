"""PostgreSQL crashes between two transactions of a run that does not notice."""

from typing import Any

import asyncpg
import pytest

from services.chassis.imports.engine.loading import Loader
from services.chassis.imports.engine.runner import ImportRun
from services.chassis.imports.formats import splitting
from services.chassis.queue import worker
from tests.schools.county import County, csv_of, person
from tests.support.importing import counts

EMPTY = """
do $$ declare name text; begin
    for name in select oid::regclass from pg_class where relpersistence = 'u' loop
        execute 'truncate ' || name;
    end loop;
end $$
"""
STEPS = [
    (ImportRun, "_judge"),
    (Loader, "load_parts"),
    (Loader, "_load_part"),
    (Loader, "load_whole"),
    (ImportRun, "_end_dry_run"),
]


@pytest.mark.parametrize(("owner", "step"), STEPS)
async def test_no_row_is_lost_when_the_stages_are_emptied(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    step: str,
) -> None:
    carry_on = getattr(owner, step)
    emptied: list[bool] = []

    async def empty_then_carry_on(self: Any, *args: Any) -> None:
        if not emptied:
            emptied.append(True)
            await admin.execute(EMPTY)
        await carry_on(self, *args)

    monkeypatch.setattr(owner, step, empty_then_carry_on)
    monkeypatch.setattr(splitting, "PART_BYTES", 400)
    monkeypatch.setattr(worker, "FIRST_RETRY", worker.FIRST_RETRY / 10)
    mode = "all_or_nothing" if step == "load_whole" else "valid_rows"
    rows = [person(f"L{n}", county.one, n) for n in range(60)]
    rows.append(person("L1", county.two, 61))
    is_whole = mode == "all_or_nothing"
    job = await county.load(
        "staff",
        csv_of(rows[:60] if is_whole else rows),
        mode=mode,
        dry_run=step == "_end_dry_run",
    )
    assert emptied
    assert job["state"] == "completed", job["problem"]
    assert counts(job) == (60, 0, 0, 0 if is_whole else 1)
    stored = 0 if step == "_end_dry_run" else 60
    assert len(await county.all("/v1/staff")) == stored
