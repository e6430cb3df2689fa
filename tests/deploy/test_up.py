import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.local.readiness import is_ready
from deploy.local.throwaway import throwaway_postgres
from tests.deploy.conftest import processes_on, wait_until
from tests.deploy.running_up import UP, Up, own_environment


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    return own_environment()


@pytest.fixture(scope="module")
def up(module_folder: Path, environment: dict[str, str]) -> Iterator[Up]:
    running = Up(module_folder, environment)
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGKILL)


def is_at_work(process: psutil.Process) -> bool:
    """Whether a process runs, and does not merely wait to be forgotten."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def paste(calls: str, folder: Path) -> list[str]:
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", calls], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()


def test_the_five_calls_work_as_they_are_printed(up: Up, module_folder: Path) -> None:
    calls = up.said.partition("ready to paste")[2].partition("按 Ctrl-C")[0]
    separated = "\necho\n".join(calls.strip().split("\n\n"))
    imported, schools, cycles = _answers(paste(separated, module_folder))
    assert imported["progress"]["rows"] == 1
    assert schools["total"] == 1
    assert cycles["data"] == []


def test_every_role_has_a_login(up: Up) -> None:
    roles = ["bureau_admin", "bureau_leader", "supervisor", "school_head", "school_officer"]
    roles += ["staff", "integration", "system_admin", "security_admin", "auditor"]
    assert [role for role in roles if f"  {role} " not in up.said] == []


def test_a_second_one_says_that_it_runs(
    up: Up, module_folder: Path, environment: dict[str, str]
) -> None:
    words = [*UP, "--data", str(module_folder / "data")]
    second = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert f"already running (process {up.process.pid})" in second.stderr
    assert "平台已在运行" in second.stderr


def test_a_killed_service_is_announced_and_started_again(
    up: Up, environment: dict[str, str]
) -> None:
    url = f"http://127.0.0.1:{environment['JUNHENG_SCHOOLS_PORT']}"
    children = psutil.Process(up.process.pid).children(recursive=True)
    schools = next(child for child in children if child.cmdline()[-1] == "schools")
    schools.kill()
    assert wait_until(lambda: "restarting schools" in up.errors.read_text())
    assert "schools ended unexpectedly (status -9)" in up.errors.read_text()
    assert wait_until(lambda: is_ready(url))


def test_killing_it_leaves_no_process(up: Up, module_folder: Path) -> None:
    platform = psutil.Process(up.process.pid).children(recursive=True)
    assert len(platform) > 6
    assert up.end(signal.SIGKILL) == -signal.SIGKILL
    assert wait_until(lambda: not any(map(is_at_work, platform)))
    assert not processes_on(module_folder)


def test_starts_again_on_the_same_data_and_ends_with_ctrl_c(
    up: Up, module_folder: Path, environment: dict[str, str]
) -> None:
    assert up.process.returncode == -signal.SIGKILL
    again = Up(module_folder, environment)
    calls = again.said.partition("ready to paste")[2].split("\n\n")
    (schools,) = _answers(paste(f"{calls[1]}\n{calls[3]}", module_folder))
    assert schools["total"] == 1
    assert again.end(signal.SIGINT) == 0
    assert not processes_on(module_folder)


def test_uses_an_existing_postgresql(folder: Path, environment: dict[str, str]) -> None:
    with throwaway_postgres() as server:
        running = Up(folder, environment | {"JUNHENG_DATABASE_URL": server.url("elsewhere")})
        assert not (folder / "data" / "postgres").exists()
        assert running.end(signal.SIGTERM) == 0
    assert not processes_on(folder)


def test_a_taken_port_is_named_with_its_setting(folder: Path, environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = {"JUNHENG_APPRAISAL_PORT": str(other.getsockname()[1])}
        refused = subprocess.run(
            [*UP, "--data", str(folder)],
            env=environment | taken,
            capture_output=True,
            text=True,
            check=False,
        )
    assert refused.returncode == 1
    assert "JUNHENG_APPRAISAL_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_used_is_named(
    folder: Path, environment: dict[str, str], place: str
) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "file").write_text("x", "utf-8")
    refused = subprocess.run(
        [*UP, "--data", str(folder / place)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert str(folder / place) in refused.stderr
    assert "--data" in refused.stderr
    assert "Traceback" not in refused.stderr


def _answers(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines if line]
