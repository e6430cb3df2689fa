"""Imports that are driven step by step, and held in the middle of a run."""

import asyncio
from itertools import count
from typing import Any

import httpx
import pytest

from services.chassis.imports.engine.loading import Loader
from services.chassis.imports.engine.runner import ImportRun
from services.chassis.imports.engine.staging import Stager
from services.chassis.imports.formats import splitting
from tests.schools.county import County, csv_of, person
from tests.support.importing import Job, counts, ended, open_import
from tests.support.tokens import bearer

PART_ROWS = 5


def admin_of(county: County) -> dict[str, str]:
    """Somebody who administers the bureau."""
    return bearer("bureau_admin", bureau=county.bureau)


def people(county: County, number: int = 20, **changes: Any) -> bytes:
    """A file of so many people of the first school."""
    return csv_of([person(f"T{n:04}", county.one, n, **changes) for n in range(number)])


async def opened(county: County, resource: str = "staff", **options: Any) -> Job:
    """An import that waits for its file."""
    answer = await open_import(county.client, admin_of(county), resource, **options)
    assert answer.status_code == 202, answer.text
    job: Job = answer.json()
    return job


async def put(county: County, job: Job, content: Any, **headers: str) -> httpx.Response:
    """Send the file of an import, or a piece of it."""
    path = f"/v1/imports/{job['id']}/content"
    return await county.call("PUT", path, content=content, headers=headers)


async def begun(county: County, content: bytes, resource: str = "staff", **options: Any) -> Job:
    """An import whose file is there."""
    job = await opened(county, resource, **options)
    answer = await put(county, job, content)
    assert answer.status_code == 202, answer.text
    return job


async def read(county: County, job: Job) -> Job:
    """An import as it is now."""
    found: Job = await county.ok("GET", f"/v1/imports/{job['id']}")
    return found


async def end_of(county: County, job: Job) -> Job:
    """An import, once it has ended."""
    return await ended(county.client, admin_of(county), f"/v1/imports/{job['id']}")


def accounted(job: Job) -> tuple[str, tuple[int, int, int, int], int]:
    """How an import stands: state, counts, and how many rows are unprocessed."""
    return job["state"], counts(job), job["progress"]["unprocessed"]


def cut_small(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Have files cut into parts of `PART_ROWS` rows such as those of `content`."""
    longest = max(map(len, content.split(b"\n"))) + 1
    monkeypatch.setattr(splitting, "PART_BYTES", PART_ROWS * longest)


class Break:
    """Breaks one import off whenever it comes to a step of its run.

    Args:
        monkeypatch: undoes it.
        job: the import.
        step: a method of the run.
        after: how many times the step is taken before.
        times: how many times it breaks off.
        error: how.
    """

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        job: Job,
        step: str,
        *,
        after: int = 0,
        times: int = 1000,
        error: Exception | None = None,
    ) -> None:
        steps = count()
        owner, carry_on = _owner_of(step)

        async def break_off(run: Any, *args: Any) -> Any:
            mine = str(getattr(run, "_work", run).job["id"]) == job["id"]
            if mine and after <= next(steps) < after + times:
                raise error or RuntimeError(step)
            return await carry_on(run, *args)

        monkeypatch.setattr(owner, step, break_off)


def _owner_of(step: str) -> tuple[Any, Any]:
    owner = next(kind for kind in (ImportRun, Stager, Loader) if step in vars(kind))
    return owner, getattr(owner, step)


class Hold:
    """Holds one import whenever it comes to a step of its run, until it is let go.

    Args:
        monkeypatch: undoes it.
        job: the import.
        step: a method of the run.
        after: how many times the step is taken before.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, job: Job, step: str, *, after: int = 0
    ) -> None:
        self._after = after
        self._reached, self._let_go = asyncio.Event(), asyncio.Event()
        self._fails = False
        owner, carry_on = _owner_of(step)

        async def hold(run: Any, *args: Any) -> Any:
            if str(getattr(run, "_work", run).job["id"]) == job["id"]:
                await self._pass()
            return await carry_on(run, *args)

        monkeypatch.setattr(owner, step, hold)

    async def _pass(self) -> None:
        if self._after:
            self._after -= 1
            return
        self._reached.set()
        await self._let_go.wait()
        if self._fails:
            raise RuntimeError("held, and broken off")

    async def reached(self) -> None:
        """Wait until the import is held."""
        await asyncio.wait_for(self._reached.wait(), 20)

    def let_go(self) -> None:
        """Let it carry on."""
        self._let_go.set()

    def fail(self) -> None:
        """Let it break off."""
        self._fails = True
        self._let_go.set()
