"""What a process needs for imports: the resources, the folder of the files, the validators."""

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
from services.chassis.database.db import Database
from services.chassis.files.encrypted_files import Spool, unwrap_key
from services.chassis.files.held_files import Quota
from services.chassis.imports.queries import ImportLists
from services.chassis.imports.spec import ImportSpec
from services.chassis.imports.store import ENDED, State
from services.chassis.imports.tasks import FileTask, Validation
from services.chassis.imports.templates.templates import Templates
from services.chassis.imports.validators import SMALL_BYTES, InProcesses, InThreads, usual_size
from services.chassis.queue.operations import job_lookout

log = structlog.get_logger()

_UPLOAD, _LOCK = ".upload", ".lock"


class ResourceUnknown(NotFound):
    """This service imports no such resource."""

    code = "import.resource_unknown"
    title = Text("不能导入的资源", "Not importable")
    detail = Text("本服务可导入:{known}。", "This service imports: {known}.")


class FileUnreadable(AppError):
    """The upload is gone or out of sight, or was encrypted under another `files_key`."""

    status = 410
    code = "import.file_unreadable"
    title = Text("文件已无法读取", "The file cannot be read any more")
    detail = Text(
        "上传的文件已不在服务器上,或其密钥已更换;请重新导入。若再次失败,请管理员检查各进程的"
        " JUNHENG_DATA_DIR 与 files_key 是否一致。",
        "The uploaded file is not on the server any more, or its key was replaced: import it "
        "again. If that fails, too, tell whoever runs this server to see that all processes share "
        "one JUNHENG_DATA_DIR and one files_key.",
    )


class Imports:
    """The imports of one service, as one process works on them."""

    def __init__(
        self, specs: Sequence[ImportSpec], database: Database, settings: FileSettings
    ) -> None:
        self.specs = {spec.resource: spec for spec in specs}
        self.database, self.settings = database, settings
        self.lists = ImportLists(specs)
        self.folder = Path(settings.data_dir) / database.name / "imports"
        self.quota = Quota(database, settings)
        self.templates = Templates(self.specs)
        self.validation = Validation(self.specs)
        self.lookout = job_lookout(database, "import_job", (*ENDED, State.OPEN))
        self._warming: asyncio.Task[None] | None = None
        self.in_threads = InThreads(self.validation, database)
        self.in_processes = InProcesses(database.name, settings.import_processes or usual_size())

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
        """Refuse a file whose length tells already that it is too large.

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

    def delete_files(self, job_id: UUID) -> None:
        """Remove everything that is kept of a job on disk."""
        for path in self.folder.glob(f"{job_id}.*"):
            Spool(path, b"").delete()

    def delete_rewritten(self, job_id: UUID) -> None:
        """Remove what the upload of a job was unpacked or rewritten to, or was going to be."""
        for path in self.folder.glob(f"{job_id}.*"):
            if path.suffix not in (_UPLOAD, _LOCK):
                Spool(path, b"").delete()

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
