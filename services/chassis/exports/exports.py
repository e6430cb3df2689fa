"""Exports of a service within one process: lists, and the folder of the files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.settings import FileSettings
from services.chassis.core.text import Text
from services.chassis.database.db import Conn, Database
from services.chassis.exports.kind import EXPORTS, ExportState
from services.chassis.exports.spec import Exportable
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.files.file_keys import new_key, unwrap_key, wrap_key
from services.chassis.files.held_files import settle
from services.chassis.operations.discarding import drop_files
from services.chassis.operations.kind import End
from services.chassis.operations.operations import Operations, Summary
from services.chassis.operations.store import Job

_UNKNOWN = Text("没有这个列表；可导出：{known}", "No such list; can be exported: {known}")


class Exports(Operations):
    """The exports of one service."""

    kind = EXPORTS

    def __init__(
        self, exportables: Sequence[Exportable], database: Database, settings: FileSettings
    ) -> None:
        super().__init__(database, settings, Path(settings.data_dir) / "exports")
        self._exportables = {one.resource: one for one in exportables}

    def exportable(self, resource: str) -> Exportable:
        """How a list is exported.

        Raises:
            Invalid: there is no such list.
        """
        if resource not in self._exportables:
            known = {"known": ", ".join(self._exportables)}
            raise Invalid([Fault("/resource", "export.resource_unknown", _UNKNOWN, known)])
        return self._exportables[resource]

    def columns_of_claim(self) -> dict[str, Any]:
        """Each run writes a file of its own, under a key of its own."""
        return {"file_key": wrap_key(new_key(), self.settings.files_key_bytes), "bytes": 0}

    async def summary(self, connection: Conn, job: Job, end: End) -> Summary:
        """Rows, length and digest of a complete file."""
        del connection
        columns = dict(end.values)
        return Summary(columns, {"format": job["format"], "rows": columns.get("rows")})

    async def ended(self, connection: Conn, job: Job, end: End, summary: Summary) -> None:
        """Keep the room of a complete file; nothing is kept of any other."""
        if end.state == ExportState.COMPLETED:
            await settle(connection, job["id"], summary.columns["bytes"])
        else:
            await drop_files(connection, self, [job["id"]])

    async def forget(self, connection: Conn, operation_ids: Sequence[UUID]) -> None:
        """Nothing but the row belongs to an export."""

    async def clear(self) -> None:
        """A killed run leaves nothing but its file, which the next one deletes."""

    def file(self, job: Any) -> EncryptedFile:
        """The file of a job's last run."""
        key = unwrap_key(job["file_key"], self.settings.files_key_bytes)
        return EncryptedFile(self._path(job, job["run"]), key)

    def delete_earlier_files(self, job: Any) -> None:
        """Delete the files of runs before this one, which were killed or superseded."""
        for run in range(1, job["run"]):
            self._path(job, run).unlink(missing_ok=True)

    def _path(self, job: Any, run: int) -> Path:
        return self.folder / f"{job['id']}.{run}"
