"""An export as the platform tells of it, and the exception of one that has no file."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from client.problems import JunhengError, Problem
from client.resources import exports_at

_COMPLETED = "completed"
_ENDED = frozenset({_COMPLETED, "failed", "cancelled"})


class ExportJob(BaseModel):
    """An export, as it stood when it was read.

    Attributes:
        service: where it is.
        rows: in the file, once it is complete.
        bytes: of the file so far.
        sha256: of the file, once it is complete.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    service: str
    id: str
    resource: str
    format: str
    compress: str
    state: str
    file_name: str
    rows: int | None = None
    bytes: int = 0
    sha256: str | None = None
    problem: dict[str, Any] | None = None
    created_by: str = ""
    created_at: datetime
    expires_at: datetime
    is_expired: bool = False

    @property
    def path(self) -> str:
        """Its address."""
        return f"{exports_at(self.service)}/{self.id}"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in _ENDED

    @property
    def is_completed(self) -> bool:
        """Whether there is a file, or was one until it expired."""
        return self.state == _COMPLETED

    @property
    def refusal(self) -> Problem | None:
        """Why it failed."""
        return Problem(int(self.problem.get("status", 0)), self.problem) if self.problem else None


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
