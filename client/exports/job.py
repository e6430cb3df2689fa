"""An export as the platform tells of it, and the exception of one that has no file."""

from datetime import datetime

from client.job import Job
from client.problems import JunhengError
from client.resources import exports_at


class ExportJob(Job):
    """An export, as it stood when it was read.

    Attributes:
        service: where it is.
        rows: in the file, once it is complete.
        bytes: of the file so far.
        sha256: of the file, once it is complete.
    """

    service: str
    format: str
    compress: str
    file_name: str
    rows: int | None = None
    bytes: int = 0
    sha256: str | None = None
    expires_at: datetime

    @property
    def path(self) -> str:
        """Its address."""
        return f"{exports_at(self.service)}/{self.id}"


class ExportFailed(JunhengError):
    """An export has ended without a file: it failed, or was called off.

    Attributes:
        job: the export.
        problem: why it failed, None when it was called off.
    """

    def __init__(self, job: ExportJob) -> None:
        self.job, self.problem = job, job.refusal
        super().__init__(f"export {job.id}: {self.problem or job.state}")


class FileDamaged(JunhengError):
    """What has arrived is not the file of the export."""
