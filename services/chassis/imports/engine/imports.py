"""Imports of a service within one process: resources, files, validators."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from platform import node
from typing import Any
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag

from services.chassis.core.errors import AppError, BodyTooLarge, NotFound
from services.chassis.core.settings import FileSettings
from services.chassis.core.text import Text
from services.chassis.database.db import Conn, Database
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.files.file_keys import unwrap_key
from services.chassis.files.held_files import release_orphans
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.engine.kind import IMPORTS, ImportState
from services.chassis.imports.engine.queries import ImportLists
from services.chassis.imports.staging.counts import counted
from services.chassis.imports.staging.faults import cut_faults, drop_older_faults, fault_codes
from services.chassis.imports.staging.parts import forget_parts
from services.chassis.imports.staging.staging_tables import drop_staging, staging_left
from services.chassis.imports.validators.validation import FileTask, Validation
from services.chassis.imports.validators.validators import (
    SMALL_BYTES,
    InProcesses,
    InThreads,
    usual_size,
)
from services.chassis.operations.completion import as_json
from services.chassis.operations.discarding import discard
from services.chassis.operations.kind import End
from services.chassis.operations.operations import Operations, Summary
from services.chassis.operations.store import Job

log = structlog.get_logger()

_UPLOAD, _LOCK = ".upload", ".lock"
_IDLE_SECONDS = 3600
# Of a request that was killed before there was an import for its file, or of one that is over.
_LEFT_BEHIND = """
select id from unnest($1::uuid[]) as f (id) where not exists (
    select from import_job j where j.id = f.id and not is_expired)
"""


class ResourceUnknown(NotFound):
    """This service imports no such resource."""

    code = "import.resource_unknown"
    title = Text("不能导入的资源", "Not importable")
    detail = Text("本服务可导入：{known}。", "This service imports: {known}.")


class FileUnreadable(AppError):
    """The upload is gone or out of sight, or was encrypted under another `files_key`."""

    status = 410
    code = "import.file_unreadable"
    title = Text("文件已无法读取", "The file can no longer be read")
    detail = Text(
        "上传的文件已不在服务器上，或其密钥已更换；请重新导入。若再次失败，请管理员检查各进程的"
        " JUNHENG_DATA_DIR 与 files_key 是否一致。",
        "The uploaded file is no longer on the server, or its key was replaced. Import it again. "
        "If that fails too, ask your administrator to check that all processes share one "
        "JUNHENG_DATA_DIR and one files_key.",
    )


class Imports(Operations):
    """The imports of one service."""

    kind = IMPORTS

    def __init__(
        self, specs: Sequence[ImportSpec], database: Database, settings: FileSettings
    ) -> None:
        super().__init__(database, settings, Path(settings.data_dir) / database.name / "imports")
        self.specs = {spec.resource: spec for spec in specs}
        self.lists = ImportLists(specs)
        self.validation = Validation(self.specs)
        self._warming: asyncio.Task[None] | None = None
        self.in_threads = InThreads(self.validation, database)
        self.in_processes = InProcesses(database.name, settings.import_processes or usual_size())

    async def summary(self, connection: Conn, job: Job, end: End) -> Summary:
        """Counts of rows and faults, added up from the parts in the transaction that ends it."""
        listed = await cut_faults(connection, job["id"], self.settings.max_import_faults)
        given = dict(end.values)
        counts = given.pop("counts", None) or await counted(connection, job)
        detail = {**counts._asdict(), "removed": given.pop("removed", 0)}
        columns = {
            **detail,
            "faults_listed": listed,
            "kept": as_json({**given.pop("kept", {})}),
            "fault_codes": as_json(await fault_codes(connection, job["id"])),
        }
        return Summary(columns | given, detail)

    async def ended(self, connection: Conn, job: Job, end: End, summary: Summary) -> None:
        """Keep nothing of a cancelled import; keep listed faults of the newest imports alone."""
        if end.state == ImportState.CANCELLED:
            await discard(connection, self, [job["id"]])
        elif summary.columns["faults_listed"]:
            most = self.settings.max_account_faults
            await drop_older_faults(connection, job["subject"], job["id"], most)

    async def forget(self, connection: Conn, operation_ids: Sequence[UUID]) -> None:
        """Delete parts and faults of imports whose files are given up."""
        await forget_parts(connection, operation_ids)

    async def clear(self) -> None:
        """Drop the tables of runs that have ended, and files that belong to no import."""
        name = self.database.name
        async with self.database.connection(None) as connection:
            ended = await staging_left(connection, name)
        for job_id in ended:
            async with self.database.connection(None) as connection:
                await drop_staging(connection, name, job_id)
        idle = await asyncio.to_thread(self.idle_files, seconds=_IDLE_SECONDS)
        async with self.database.connection(None) as connection:
            left = await connection.fetch(_LEFT_BEHIND, [*idle])
            await release_orphans(connection)
        for row in left:
            self.delete_files(row["id"])

    def spec(self, resource: str) -> ImportSpec:
        """How a resource is imported.

        Raises:
            ResourceUnknown: it is not.
        """
        if resource not in self.specs:
            raise ResourceUnknown(known=", ".join(self.specs))
        return self.specs[resource]

    def file(self, job: Any) -> FileTask:
        """The file of a job.

        Raises:
            FileUnreadable: there is none, or nobody can read it.
        """
        key, path = self.key(job), self.path(job["id"])
        if not path.exists():
            log.error("file of an import is not here", path=str(path.absolute()), host=node())
            raise FileUnreadable
        return FileTask(resource=job["resource"], path=str(path), key=key.hex())

    def key(self, job: Any) -> bytes:
        """The key of a job's file.

        Raises:
            FileUnreadable: it was wrapped under another `files_key`.
        """
        try:
            return unwrap_key(job["file_key"], self.settings.files_key_bytes)
        except InvalidTag as error:
            log.error("file of an import is under another files_key", job=str(job["id"]))
            raise FileUnreadable from error

    def path(self, job_id: UUID) -> Path:
        """Where the upload of a job lies."""
        return self.folder / f"{job_id}{_UPLOAD}"

    def validators(self, size: int) -> InThreads | InProcesses:
        """Who validates a file of this size."""
        return self.in_threads if size <= SMALL_BYTES else self.in_processes

    def require_size(self, size: int | None) -> None:
        """Refuse a file whose declared length is too large.

        Raises:
            BodyTooLarge: it is over `max_import_bytes`.
        """
        if size is not None and size > self.settings.max_import_bytes:
            raise BodyTooLarge(limit=self.settings.max_import_bytes)

    def expect(self, size: int | None) -> None:
        """A file of this size will come: have a process ready to validate it by then."""
        runs_here = self.settings.jobs == "inline"
        if runs_here and (size is None or size > SMALL_BYTES) and self._warming is None:
            self._warming = asyncio.create_task(self.in_processes.warm_up())
            self._warming.add_done_callback(self._warmed)

    def _warmed(self, _task: Any) -> None:
        self._warming = None

    def delete_rewritten(self, job_id: UUID) -> None:
        """Remove what the upload of a job was unpacked or rewritten to, or was going to be."""
        for path in self.folder.glob(f"{job_id}.*"):
            if path.suffix not in (_UPLOAD, _LOCK):
                EncryptedFile(path, b"").delete()

    def idle_files(self, *, seconds: float) -> set[UUID]:
        """The jobs of whose files none has been written for so long."""
        before = time.time() - seconds
        found: dict[UUID, bool] = {}
        for path in self.folder.glob("*-*.*"):
            with suppress(FileNotFoundError):  # removed meanwhile
                job_id = UUID(path.name.partition(".")[0])
                found[job_id] = found.get(job_id, True) and path.stat().st_mtime < before
        return {job_id for job_id, is_idle in found.items() if is_idle}

    async def close(self) -> None:
        """End what was started."""
        await self.in_processes.close()
