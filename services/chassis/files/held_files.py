"""Storage quotas of accounts and bureaus; bytes are recorded before they are written.

An entry belongs to a job and says how many bytes it has, or may still write. It is made in a
transaction of its own, so that no two requests count on the same room, and goes with the files.
"""

import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg

from services.chassis.core.errors import AppError, StorageFull
from services.chassis.core.settings import FileSettings
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, Database

_ACCOUNT = Text("本账号", "this account")
_BUREAU = Text("本局各账号", "all accounts of this bureau")
# So much more is entered than a file of unknown length needs just now.
_AHEAD_BYTES = 1 << 20
# How long the size of the database stays known.
_SIZE_SECONDS = 5.0


class QuotaExceeded(AppError):
    """The account, or its bureau, holds as much as it may."""

    status = 507
    code = "platform.quota_exceeded"
    title = Text("存储额度不足", "Quota exceeded")
    detail = Text(
        "{whose_zh}的导入与导出文件合计不得超过 {limit} 字节，现已占用 {held} 字节；"
        "请删除不再需要的文件（DELETE …/content），或等待其到期。",
        "Files of imports and exports of {whose_en} may have {limit} bytes together, and have "
        "{held}: remove what is no longer needed (DELETE …/content), or wait until it expires.",
    )


class Quota:
    """The room on one service's disk.

    Args:
        database: of the service.
        settings: with the limits.
    """

    def __init__(self, database: Database, settings: FileSettings) -> None:
        self._database, self._settings = database, settings
        self._size, self._size_known_at = 0, -_SIZE_SECONDS

    async def hold(
        self, caller: Caller, job_id: UUID, needed: int, wanted: int | None = None
    ) -> int:
        """Enter what a job needs, and as much as there is of what it wants; how much that is.

        Raises:
            QuotaExceeded: the account or its bureau would hold too much.
            StorageFull: the disk would.
        """
        bureau = caller.bureau or ""
        async with self._database.connection(None) as connection:
            await connection.execute(_LOCK, bureau)
            held = await connection.fetchrow(_HELD, bureau, caller.subject, job_id)
            assert held is not None
            room = min(max(needed, wanted or 0), self._left(held, needed))
            await connection.execute(_HOLD, job_id, bureau, caller.subject, max(room, needed))
        return max(room, needed)

    def _left(self, held: asyncpg.Record, needed: int) -> int:
        """The remaining quota of a job; bytes that it already holds are never refused."""
        settings, own = self._settings, int(held["own"])
        left = [own + self.free_bytes()]
        for whose, limit, others in (
            (_ACCOUNT, settings.max_account_bytes, int(held["of_account"])),
            (_BUREAU, settings.max_bureau_bytes, int(held["of_bureau"])),
        ):
            left.append(limit - others)
            if left[-1] < needed and own < needed:
                raise QuotaExceeded(whose_zh=whose.zh, whose_en=whose.en, limit=limit, held=others)
        if left[0] < needed and own < needed:
            raise StorageFull
        return min(left)

    async def release(self, job_id: UUID) -> None:
        """Take a job out whose files are gone."""
        async with self._database.connection(None) as connection:
            await release(connection, [job_id])

    def free_bytes(self) -> int:
        """Bytes that may still be written to the disk of the files."""
        folder = Path(self._settings.data_dir).absolute()
        while not folder.exists():
            folder = folder.parent
        return shutil.disk_usage(folder).free - self._settings.min_free_bytes

    def require_disk(self) -> None:
        """Refuse to begin what will need the disk of the files when it is full.

        Raises:
            StorageFull: it is.
        """
        if self.free_bytes() <= 0:
            raise StorageFull

    async def require_database(self) -> None:
        """Refuse to fill a database that has its size already.

        Raises:
            StorageFull: it has.
        """
        limit = self._settings.max_database_bytes
        if limit and await self._database_size() >= limit:
            raise StorageFull

    async def _database_size(self) -> int:
        now = time.monotonic()
        if now - self._size_known_at >= _SIZE_SECONDS:
            async with self._database.connection(None) as connection:
                self._size = await connection.fetchval(_SIZE)
            self._size_known_at = now
        return self._size

    def room(self, caller: Caller, job_id: UUID) -> "Room":
        """Room for a file of a job that is about to be written."""
        return Room(self, caller, job_id)


class Room:
    """Room for one file while it is written.

    Args:
        quota: of the service.
        caller: whose file it is.
        job_id: what it belongs to.
    """

    def __init__(self, quota: Quota, caller: Caller, job_id: UUID) -> None:
        self._quota, self._caller, self._job_id = quota, caller, job_id
        self._held = 0

    async def expect(self, size: int | None) -> None:
        """Make room for a file whose length is known, before anything of it comes.

        Raises:
            QuotaExceeded: the account or its bureau would hold too much.
            StorageFull: the disk would.
        """
        if size is not None and size > self._held:
            self._held = await self._quota.hold(self._caller, self._job_id, size)

    async def grow(self, size: int) -> None:
        """Make room for a file that comes to this length now, and perhaps to a greater one.

        Raises:
            QuotaExceeded: the account or its bureau would hold too much.
            StorageFull: the disk would.
        """
        if size > self._held:
            wanted = size + max(_AHEAD_BYTES, size // 4)
            self._held = await self._quota.hold(self._caller, self._job_id, size, wanted)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[None]:
        """For a file that is gone on leaving."""
        try:
            yield
        finally:
            await self.give_back()

    async def give_back(self) -> None:
        """Nothing of the file is there any more."""
        if self._held:
            self._held = 0
            await self._quota.release(self._job_id)


_LOCK = "select pg_advisory_xact_lock(hashtext($1 || '/files'))"
_HELD = """
select coalesce(sum(bytes) filter (where subject = $2 and job_id <> $3), 0)::bigint as of_account,
    coalesce(sum(bytes) filter (where job_id <> $3), 0)::bigint as of_bureau,
    coalesce(sum(bytes) filter (where job_id = $3), 0)::bigint as own
from held_file where bureau_code = $1
"""
_HOLD = """
insert into held_file (job_id, bureau_code, subject, bytes) values ($1, $2, $3, $4)
on conflict (job_id) do update set bytes = excluded.bytes
"""
_SIZE = "select pg_database_size(current_database())"


async def settle(connection: Conn, job_id: UUID, size: int) -> None:
    """Enter how much a job really holds, now that it writes no more for the time being.

    `connection` acts as the service itself, here and below.
    """
    await connection.execute("update held_file set bytes = $2 where job_id = $1", job_id, size)


async def release(connection: Conn, job_ids: Sequence[UUID]) -> None:
    """Take jobs out whose files are gone."""
    await connection.execute("delete from held_file where job_id = any($1)", job_ids)


async def release_orphans(connection: Conn) -> None:
    """Take out what no job has, or has any more: its process died, or it was only looked at."""
    await connection.execute(_ORPHANS)


_ORPHANS = """
delete from held_file h where created_at < now() - interval '1 day'
    and not exists (select from import_job where id = h.job_id and not is_expired)
    and not exists (select from export_job where id = h.job_id and not is_expired)
"""
