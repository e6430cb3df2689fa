"""Temporary folders, removed with the process that created them, even after a crash.

They lie in the data folder, not in the system's: a workbook in the making takes hundreds of
megabytes, and the system's folder may be a small one in memory. A crash leaves its folder behind,
but not its lock; the next process deletes it.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import structlog

from services.chassis.core.file_lock import FileLock

log = structlog.get_logger()

_LOCK, _ROOT_LOCK = ".lock", "making"
_POLL_SECONDS = 0.01


@contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """A folder below `root` of one's own, removed with all that is in it on leaving."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = root / uuid4().hex
    lock = FileLock(folder.with_suffix(_LOCK))
    with _alone(root):
        lock.acquire()
        folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        lock.path.unlink(missing_ok=True)


def clear_leftovers(root: Path) -> None:
    """Remove the folders below `root` whose makers are gone; what cannot be removed stays."""
    if not root.exists():
        return
    try:
        with _alone(root):
            for path in root.glob(f"*{_LOCK}"):
                _clear(FileLock(path))
    except OSError as error:  # a full disk, say: no reason for a service not to start
        log.warning("leftovers not cleared", path=str(root), error=repr(error))


def _clear(lock: FileLock) -> None:
    if lock.acquire():
        shutil.rmtree(lock.path.with_suffix(""), ignore_errors=True)
        lock.release()
        lock.path.unlink(missing_ok=True)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Keeps making and clearing apart: a folder whose lock is not taken yet looks left over."""
    lock = FileLock(root / _ROOT_LOCK)
    while not lock.acquire():
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()
