"""Whatever is killed under `up`, and however often: the platform answers again."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local.readiness import is_ready
from deploy.local.secrets import BOOTSTRAP_PASSWORD, SERVICES, read_secret
from tests.deploy.conftest import wait_until
from tests.deploy.running_up import Up, own_environment

KILLS = 4
ANSWERING_SECONDS = 120


@pytest.fixture(scope="module")
def up(module_folder: Path) -> Iterator[Up]:
    running = Up(module_folder, own_environment())
    yield running
    assert running.end(signal.SIGINT) == 0, running.errors.read_text("utf-8")


def below(up: Up) -> list[psutil.Process]:
    """Every process that the platform consists of."""
    return psutil.Process(up.process.pid).children(recursive=True)


def service(up: Up, name: str) -> psutil.Process:
    return next(one for one in below(up) if one.cmdline()[-2:] == ["deploy.local.service", name])


def loader(up: Up) -> psutil.Process:
    return next(one for one in below(up) if "deploy.local.loader" in one.cmdline())


def guard(up: Up) -> psutil.Process:
    return next(one for one in below(up) if "deploy.local.guard" in one.cmdline())


def postmaster(up: Up) -> psutil.Process:
    (found,) = guard(up).children()
    return found


def backend(up: Up) -> psutil.Process:
    """A process of PostgreSQL that serves a connection."""
    served = [one for one in postmaster(up).children() if "junheng_" in " ".join(one.cmdline())]
    return served[0]


def checkpointer(up: Up) -> psutil.Process:
    found = [one for one in postmaster(up).children() if "checkpointer" in " ".join(one.cmdline())]
    return found[0]


def find(up: Up, which: Callable[[Up], psutil.Process]) -> psutil.Process:
    """A process, which may be about to be started again just now."""
    give_up = time.monotonic() + ANSWERING_SECONDS
    while True:
        try:
            return which(up)
        except (StopIteration, ValueError, IndexError, psutil.Error):
            assert time.monotonic() < give_up, "it is not there"
            time.sleep(0.05)


def kill(up: Up, *which: Callable[[Up], psutil.Process]) -> None:
    """Kill processes with -9, and wait until the platform answers again."""
    pids = [find(up, one).pid for one in which]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for one in which:
        assert wait_until(lambda: find(up, one).pid not in pids, ANSWERING_SECONDS)  # noqa: B023
    assert wait_until(lambda: answers(up), ANSWERING_SECONDS), up.errors.read_text("utf-8")
    assert up.process.poll() is None


def answers(up: Up) -> bool:
    """Whether every service is ready, and somebody can log in and read through the gateway."""
    if not all(is_ready(up.url(name)) for name in SERVICES):
        return False
    data = Path(up.errors.parent / "data")
    password = read_secret(data / "secrets", BOOTSTRAP_PASSWORD)
    with httpx.Client(base_url=up.url("gateway"), trust_env=False, timeout=30) as client:
        login = client.post("/v1/login", json={"username": "sysadmin", "password": password})
        if login.status_code != 200:
            return False
        headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
        return client.get("/schools/v1/bureaus", headers=headers).status_code == 200


def test_services_that_are_killed_again_and_again(up: Up) -> None:
    for _ in range(KILLS):
        kill(up, *(partial(service, name=name) for name in SERVICES))
    said = up.errors.read_text("utf-8")
    for name in SERVICES:
        assert said.count(f"{name} ended unexpectedly (status -9)") == KILLS
        assert f"{name} is running again" in said


@pytest.mark.parametrize("which", [backend, checkpointer])
def test_a_process_of_postgresql_that_is_killed(
    up: Up, which: Callable[[Up], psutil.Process]
) -> None:
    """PostgreSQL starts its other processes anew by itself; the services connect again."""
    for _ in range(KILLS - 1):
        kill(up, which)


@pytest.mark.parametrize("which", [postmaster, guard])
def test_a_database_that_is_killed_again_and_again(
    up: Up, which: Callable[[Up], psutil.Process]
) -> None:
    for _ in range(2):
        kill(up, which)
    assert wait_until(lambda: "postgres is running again" in up.errors.read_text("utf-8"))


def test_everything_at_once(up: Up) -> None:
    services = [find(up, partial(service, name=name)) for name in SERVICES]
    victims = [find(up, loader), find(up, postmaster), *services]
    for victim in victims:
        victim.kill()
    assert wait_until(lambda: answers(up), ANSWERING_SECONDS), up.errors.read_text("utf-8")


def test_services_outlive_the_process_that_forked_them(up: Up) -> None:
    pids = {find(up, partial(service, name=name)).pid for name in SERVICES}
    find(up, loader).kill()
    time.sleep(1)  # several looks of the supervisor
    assert answers(up)
    assert all(psutil.pid_exists(pid) for pid in pids)
    os.kill(min(pids), signal.SIGKILL)
    assert wait_until(lambda: not psutil.pid_exists(min(pids)))
    assert wait_until(lambda: answers(up), ANSWERING_SECONDS), up.errors.read_text("utf-8")


def test_a_platform_that_nobody_can_be_told_of_is_looked_after_all_the_same(folder: Path) -> None:
    """Standard error is on a full disk."""
    running = Up(folder, own_environment(), errors_to=Path("/dev/full"))
    for _ in range(2):
        pid = find(running, partial(service, name="schools")).pid
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: is_ready(running.url("schools")), ANSWERING_SECONDS)
    assert running.end(signal.SIGINT) == 0
