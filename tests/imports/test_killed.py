"""Imports whose service, validators and database are killed at random end as undisturbed ones."""

import asyncio
import random
from typing import Any, NamedTuple

from tests.imports.killing import FAULTY_EVERY, ROWS, STORED, KillWorld, Sender, kill_world
from tests.support.importing import counts

KILLS = 30
MODES = {"valid_rows": True, "all_or_nothing": False}  # mode → whether the file has faults


class End(NamedTuple):
    """What an import leaves behind."""

    counts: tuple[int, int, int, int]
    faults: list[tuple[Any, ...]]
    table: list[tuple[Any, ...]]


async def test_thirty_kills_leave_the_table_of_an_undisturbed_run() -> None:
    async with kill_world() as world:
        bureau = random.randrange(700_000, 800_000)
        expected = {}
        for mode, is_faulty in MODES.items():
            expected[mode] = await run(world, bureau := bureau + 1, mode, is_disturbed=False)
            failed = (ROWS - 1) // FAULTY_EVERY if is_faulty else 0
            assert len(expected[mode].faults) == failed
            assert sum(expected[mode].counts) == ROWS
            assert expected[mode].counts[2] > STORED // 2, "some rows change nothing"
        turn = 0
        while world.kills < KILLS:
            mode = [*MODES][turn % 2]
            end = await run(world, bureau := bureau + 1, mode, is_disturbed=True)
            assert end == expected[mode]
            turn += 1
        assert turn > 3, "not all of them in one import"
        assert await world.left_over() == []


async def run(world: KillWorld, bureau: int, mode: str, *, is_disturbed: bool) -> End:
    """Import a county's file, killing meanwhile; what there is in the end."""
    sender = Sender(world, str(bureau))
    await sender.prepare()
    await sender.send(sender.stored())
    content = sender.file(is_faulty=MODES[mode])
    sending = asyncio.create_task(sender.send(content, mode=mode))
    if is_disturbed:
        await kill_until(world, sending)
    job = await sending
    assert job["state"] == "completed", job["problem"]
    return End(counts(job), await sender.faults(job), await world.snapshot(sender.bureau))


async def kill_until(world: KillWorld, sending: "asyncio.Task[Any]") -> None:
    """Kill something every now and then for as long as the import runs, at most six times."""
    for _ in range(min(6, KILLS - world.kills)):
        await asyncio.wait({sending}, timeout=random.uniform(0.05, 1.5))
        if sending.done():
            return
        await asyncio.to_thread(world.kill, random.choice(["service", "validator", "postgres"]))
