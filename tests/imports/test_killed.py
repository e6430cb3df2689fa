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


async def test_whenever_it_is_killed_an_import_says_what_it_has_stored() -> None:
    """With nobody working on it: what is stored is counted, and what is counted is stored."""
    async with kill_world() as world:
        loading, bureau = 0, random.randrange(800_000, 900_000)
        for turn in range(4):
            sender = Sender(world, str(bureau + turn))
            await sender.prepare()
            sending = asyncio.create_task(
                sender.send(sender.file(is_faulty=True), mode="valid_rows")
            )
            await until_stored(world, sender, random.randrange(1, ROWS // 2), sending)
            world.end()
            said, stored = await world.said_and_stored(sender.bureau)
            assert said["created"] == stored
            loading += 0 < stored < ROWS - (ROWS - 1) // FAULTY_EVERY
            world.start()
            job = await sending
            assert job["state"] == "completed", job["problem"]
            progress = job["progress"]
            done = sum(counts(job))
            assert (progress["rows"], done, progress["unprocessed"]) == (ROWS, ROWS, 0)
            assert progress["created"] == len(await world.snapshot(sender.bureau))
        assert loading, "some of them were killed in the midst of loading"


async def until_stored(
    world: KillWorld, sender: Sender, rows: int, sending: "asyncio.Task[Any]"
) -> None:
    """Wait until so many rows are stored, or more."""
    while len(await world.snapshot(sender.bureau)) < rows and not sending.done():
        await asyncio.sleep(0.005)


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
    assert (job["progress"]["rows"], job["progress"]["unprocessed"]) == (ROWS, 0)
    assert job["progress"]["bytes"] == len(content) - len(content.split(b"\n")[0]) - 1
    assert job["faults"]["count"] == counts(job)[3]
    return End(counts(job), await sender.faults(job), await world.snapshot(sender.bureau))


async def kill_until(world: KillWorld, sending: "asyncio.Task[Any]") -> None:
    """Kill something every now and then for as long as the import runs, at most six times."""
    for _ in range(min(6, KILLS - world.kills)):
        await asyncio.wait({sending}, timeout=random.uniform(0.05, 1.5))
        if sending.done():
            return
        await asyncio.to_thread(world.kill, random.choice(["service", "validator", "postgres"]))
