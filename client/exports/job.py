"""The state of an export, and the exception for one that did not complete."""

from datetime import datetime

from client.job import Job
from client.problems import JunhengError
from client.resources import exports_at


class ExportJob(Job):
    """An export, as of the time it was read.

    Attributes:
        service: service that runs it.
        rows: number of rows, None until the file is complete.
        bytes: size of the file so far.
        sha256: digest of the file, None until it is complete.
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
    """An export failed or was cancelled.

    Attributes:
        job: the export.
        problem: reason of the failure, None if it was cancelled.
    """

    def __init__(self, job: ExportJob) -> None:
        self.job, self.problem = job, job.refusal
        super().__init__(f"export {job.id}: {self.problem or job.state}")


class FileDamaged(JunhengError):
    """The downloaded file differs from the file of the export."""
