"""What can be wrong with logs and disks, on a whole platform of real processes."""

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

import asyncpg

from deploy.local.cluster import SUPERUSER
from deploy.local.environment import DATABASE
from deploy.local.runner import Platform
from deploy.local.secrets import POSTGRES_PASSWORD, SERVICES, read_secret

# The server's answers while the disk is full; while PostgreSQL itself is down, 503.
FULL = frozenset({503, 507})
# More than twice what imports leave free (`JUNHENG_MIN_FREE_BYTES`).
_DISK = "1280m"
_BLOCK = bytes(1 << 20)


class WithClosedStderr(Platform):
    """A platform whose services are started with standard error closed."""

    program = ("tests.e2e.without_stderr", "closed")


class WithBrokenStderr(Platform):
    """A platform whose services write to a pipe that nobody reads any more."""

    program = ("tests.e2e.without_stderr", "broken")


class Trouble(ABC):
    """One kind of trouble.

    Attributes:
        answers: statuses that are an answer while it lasts, besides the right one.
        platform: what is started.
    """

    answers: ClassVar[frozenset[int]] = frozenset()
    platform: ClassVar[type[Platform]] = Platform

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder for the platform's data."""
        made = Path(tempfile.mkdtemp(prefix="junheng-trouble-"))
        made.chmod(0o711)
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    @abstractmethod
    def prepare(self, data: Path) -> None:
        """Before the platform starts."""

    @abstractmethod
    def begin(self, platform: Platform) -> None:
        """From now on there is trouble."""

    @abstractmethod
    def end(self, platform: Platform) -> None:
        """From now on all is well."""


class FullLogs(Trouble):
    """The disk of the logs is full, all the time."""

    def prepare(self, data: Path) -> None:
        (data / "logs").mkdir(parents=True)
        for name in SERVICES:
            (data / "logs" / f"{name}.log").symlink_to("/dev/full")

    def begin(self, platform: Platform) -> None:
        """It is so from the start."""

    def end(self, platform: Platform) -> None:
        """It stays so."""


class ClosedStderr(Trouble):
    """The services have no standard error, all the time."""

    platform: ClassVar[type[Platform]] = WithClosedStderr

    def prepare(self, data: Path) -> None:
        """Nothing to do."""

    def begin(self, platform: Platform) -> None:
        """It is so from the start."""

    def end(self, platform: Platform) -> None:
        """It stays so."""


class BrokenStderr(ClosedStderr):
    """The services write to a pipe that nobody reads any more, all the time."""

    platform = WithBrokenStderr


class RefusedWrites(Trouble):
    """Every write fails as on a full disk: PostgreSQL's by triggers, the services' by a limit.

    Works for every user on every Linux; nothing but the writes themselves is affected.
    """

    answers = FULL

    def prepare(self, data: Path) -> None:
        """Nothing to do."""

    def begin(self, platform: Platform) -> None:
        asyncio.run(_execute(platform, _REFUSE))
        self._limit(platform, 0)

    def end(self, platform: Platform) -> None:
        asyncio.run(_execute(platform, _ALLOW))
        self._limit(platform, resource.RLIM_INFINITY)

    def _limit(self, platform: Platform, size: int) -> None:
        for process in platform.services.values():
            hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))


class FullDisk(Trouble):
    """A small disk holds everything, and something else fills it to the last byte."""

    answers = FULL

    @contextmanager
    def folder(self) -> Iterator[Path]:
        with super().folder() as made:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=0711", "tmpfs", str(made)]
            subprocess.run(mount, check=True)
            try:
                yield made
            finally:
                subprocess.run(["umount", "--lazy", str(made)], check=True)

    def prepare(self, data: Path) -> None:
        """Nothing to do."""

    def begin(self, platform: Platform) -> None:
        with self._ballast(platform).open("wb", buffering=0) as file:
            for size in (len(_BLOCK), 4096):
                _fill(file.fileno(), _BLOCK[:size])

    def end(self, platform: Platform) -> None:
        self._ballast(platform).unlink()

    def _ballast(self, platform: Platform) -> Path:
        return platform.options.data / "ballast"


class FullForPostgres(FullDisk):
    """The same, and PostgreSQL ends, because it cannot go on with its log of changes."""

    def begin(self, platform: Platform) -> None:
        super().begin(platform)
        with suppress(*_ENDED):
            asyncio.run(_execute(platform, _WRITE_MUCH))


class UnstartablePostgres(Trouble):
    """PostgreSQL is killed, and does not start: what it begins with is not there."""

    answers = FULL

    def prepare(self, data: Path) -> None:
        """Nothing to do."""

    def begin(self, platform: Platform) -> None:
        data = self._data(platform)
        pid = int((data / "postmaster.pid").read_text("utf-8").split("\n")[0])
        (data / "global" / "pg_control").rename(data / "pg_control")
        os.kill(pid, signal.SIGKILL)

    def end(self, platform: Platform) -> None:
        data = self._data(platform)
        (data / "pg_control").rename(data / "global" / "pg_control")

    def _data(self, platform: Platform) -> Path:
        home = platform.options.data / "postgres"
        location = home / "location"
        return Path(location.read_text("utf-8").strip()) if location.exists() else home / "data"


def _fill(descriptor: int, block: bytes) -> None:
    while True:
        try:
            os.write(descriptor, block)
        except OSError:
            return


def can_mount() -> bool:
    """Whether this user may make a small disk."""
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
        try:
            done = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        except OSError:
            return False
        if done:
            subprocess.run(["umount", folder], check=True)
        return done


TROUBLES: list[type[Trouble]] = [FullLogs, ClosedStderr, BrokenStderr, RefusedWrites]
ENDS_POSTGRES: type[Trouble] = UnstartablePostgres
if can_mount():
    TROUBLES.append(FullDisk)
    ENDS_POSTGRES = FullForPostgres

# Deleting needs no room to speak of; all else is refused, as PostgreSQL says it.
_REFUSE = """
create function public.disk_is_full() returns trigger language plpgsql as
$$ begin raise exception 'could not extend file: No space left on device'
    using errcode = 'disk_full'; end $$;
do $$ declare one regclass; begin
    for one in select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('gateway', 'schools', 'appraisal', 'accountability')
        and c.relkind in ('r', 'p') and not c.relispartition
    loop
        execute format('create trigger disk_is_full before insert or update on %s '
            'for each statement execute function public.disk_is_full()', one);
    end loop; end $$;
"""
# As much as the server keeps of it by far.
_WRITE_MUCH = """
do $$ begin for i in 1..400 loop
    perform pg_logical_emit_message(false, 'test', repeat('x', 1000000));
end loop; end $$;
"""
_ENDED = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_ALLOW = "drop function public.disk_is_full() cascade"


async def _execute(platform: Platform, script: str) -> None:
    options = platform.options
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=options.ports["postgres"],
        user=SUPERUSER,
        password=read_secret(options.secrets, POSTGRES_PASSWORD),
        database=DATABASE,
    )
    await connection.execute(script)
    await connection.close()
