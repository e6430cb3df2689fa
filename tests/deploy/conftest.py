import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest


def make_folder() -> Path:
    """A folder that every account can pass, with the characters that break careless programs."""
    folder = Path(tempfile.mkdtemp(prefix="均衡 数据 "))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def folder() -> Iterator[Path]:
    made = make_folder()
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def module_folder() -> Iterator[Path]:
    made = make_folder()
    yield made
    shutil.rmtree(made)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether the condition comes true in time."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def processes_on(folder: Path) -> list[psutil.Process]:
    """Every process but this one that was started with the folder in its words or environment."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), *process.environ().values()]
            ended = process.status() == psutil.STATUS_ZOMBIE
        except psutil.Error:
            continue
        if process.pid != os.getpid() and not ended and any(str(folder) in word for word in words):
            found.append(process)
    return found


def is_running(pid: int) -> bool:
    """Whether the process lives; one that nobody has collected yet does not."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
