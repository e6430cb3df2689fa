"""What a process needs for exports: the lists, and the folder of the files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.settings import FileSettings
from services.chassis.core.text import Text
from services.chassis.database.db import Database
from services.chassis.exports.spec import Exportable
from services.chassis.exports.store import ENDED
from services.chassis.files.encrypted_files import Spool, unwrap_key
from services.chassis.files.held_files import Quota
from services.chassis.queue.operations import job_lookout

_UNKNOWN = Text("没有这个列表;可导出:{known}", "No such list; can be exported: {known}")


class Exports:
    """The exports of one service, as one process works on them."""

    def __init__(
        self, exportables: Sequence[Exportable], database: Database, settings: FileSettings
    ) -> None:
        self._exportables = {one.resource: one for one in exportables}
        self.database, self.settings = database, settings
        self._folder = Path(settings.data_dir) / "exports"
        self.quota = Quota(database, settings)
        self.lookout = job_lookout(database, "export_job", ENDED)

    def exportable(self, resource: str) -> Exportable:
        """How a list is exported.

        Raises:
            Invalid: there is no such list.
        """
        if resource not in self._exportables:
            known = {"known": ", ".join(self._exportables)}
            raise Invalid([Fault("/resource", "export.resource_unknown", _UNKNOWN, known)])
        return self._exportables[resource]

    def file(self, job: Any) -> Spool:
        """The file of a job's last run: no two runs write the same one."""
        key = unwrap_key(job["file_key"], self.settings.files_key_bytes)
        return Spool(self._path(job["id"], job["run"]), key)

    def delete_earlier_files(self, job: Any) -> None:
        """Remove what was written by runs before this one: they were killed, or have lost it."""
        for run in range(1, job["run"]):
            self._path(job["id"], run).unlink(missing_ok=True)

    def delete_files(self, export_id: UUID) -> None:
        """Remove what any run of an export has written."""
        for path in self._folder.glob(f"{export_id}.*"):
            path.unlink(missing_ok=True)

    def _path(self, export_id: UUID, run: int) -> Path:
        return self._folder / f"{export_id}.{run}"
