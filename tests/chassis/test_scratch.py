import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from services.chassis.core.temp_dirs import clear_leftovers, scratch_folder
from services.chassis.core.threads import in_thread

_KILLED = """
import os, signal, sys
from pathlib import Path
from services.chassis.core.temp_dirs import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("a row")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_folder_is_gone_afterwards(tmp_path: Path) -> None:
    root = tmp_path / "data" / "tmp"
    with pytest.raises(RuntimeError), scratch_folder(root) as folder:  # noqa: PT012
        (folder / "file").write_text("x")
        assert folder.stat().st_mode & 0o077 == 0
        raise RuntimeError
    assert [path.name for path in root.iterdir()] == ["making"]


def test_only_what_a_dead_process_has_left_is_cleared_away(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False)
    [left] = tmp_path.glob("*/half")
    with scratch_folder(tmp_path) as folder:
        (folder / "mine").write_text("x")
        clear_leftovers(tmp_path)
        assert (folder / "mine").exists()
        assert not left.parent.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["making"]


def test_there_may_be_nothing_to_clear(tmp_path: Path) -> None:
    clear_leftovers(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


async def test_a_cancelled_caller_waits_for_its_thread() -> None:
    began, ended = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        time.sleep(0.1)
        ended.set()

    waiting = asyncio.create_task(in_thread(work))
    while not began.is_set():
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended.is_set()


async def test_a_thread_gives_its_result_or_its_fault() -> None:
    assert await in_thread(sum, [1, 2]) == 3
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 1, 0)
