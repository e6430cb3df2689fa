"""Validator processes: forked where possible, replaced when killed, gone when closed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psutil
import pytest

from services.chassis.imports.validators import processes
from services.chassis.imports.validators.processes import (
    ValidatorDied,
    ValidatorProcess,
    ValidatorStarter,
)
from services.chassis.queue.stored_problem import Refused

# Of a file that is not there: the answer is a fault, and the process goes on.
_TASK = {
    "do": "split",
    "file": {"resource": "staff", "path": "/nowhere/x.upload", "key": "00" * 32},
    "layout": {},
}


def started() -> set[int]:
    """Validators, and what forks them, that run for this process."""
    return {
        process.pid
        for process in psutil.Process().children(recursive=True)
        if process.status() != psutil.STATUS_ZOMBIE
        and any("validators.validator" in word for word in process.cmdline())
    }


async def replies(process: ValidatorProcess) -> bool:
    """Whether it answers a task."""
    with pytest.raises((ValidatorDied, Refused)) as caught:
        await anext(process.ask(_TASK))
    return "ended" not in str(caught.value)


async def none_left(before: set[int]) -> bool:
    """Whether all that were not there before end within some seconds."""
    for _ in range(100):
        if started() <= before:
            return True
        await asyncio.sleep(0.1)
    return False


@pytest.fixture(params=["forked", "started one by one"])
async def starter(
    request: Any, monkeypatch: pytest.MonkeyPatch, client: httpx.AsyncClient
) -> AsyncIterator[ValidatorStarter]:
    """A starter, with forks and as on a system without."""
    assert client  # its service has the environment that validators need
    if request.param == "started one by one":
        monkeypatch.setattr(processes, "_CAN_FORK", False)
    before = started()
    one = ValidatorStarter("schools")
    yield one
    await one.close()
    assert await none_left(before)


async def test_validators_answer_and_end(starter: ValidatorStarter) -> None:
    first, second = await starter.start(), await starter.start()
    assert [await replies(first), await replies(second), await replies(first)] == [True] * 3
    await first.end()
    assert not await replies(first)
    assert await replies(second)
    await second.end()


async def test_validators_end_with_the_pipe_of_their_service(starter: ValidatorStarter) -> None:
    first = await starter.start()
    first._tasks.close()  # as when the service dies; that nothing is left is seen at the end
    await starter.close()


async def test_a_killed_starter_is_replaced_and_its_validators_go_on(
    starter: ValidatorStarter,
) -> None:
    first = await starter.start()
    loaded = starter._loaded
    if loaded is not None:
        loaded.kill()
    second = await starter.start()
    assert [await replies(first), await replies(second)] == [True, True]
    for process in (first, second):
        await process.end()


async def test_a_killed_validator_is_known_to_be_gone(starter: ValidatorStarter) -> None:
    first = await starter.start()
    psutil.Process(first._pid).kill()
    with pytest.raises(ValidatorDied, match="ended before its answer"):
        await anext(first.ask(_TASK))
    await first.end()
