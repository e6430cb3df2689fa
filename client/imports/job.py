"""The state of an import, and the exception for one that did not complete."""

from datetime import datetime

from pydantic import Field

from client.job import Answer, Job
from client.problems import JunhengError
from client.resources import imported_resource

_OPEN = "open"


class ImportProgress(Answer):
    """Row counts so far. The counts of rows of the file add up to `rows`.

    `removed` and `kept` count stored rows that are not in the file. For a dry run: expected counts.
    """

    bytes: int = 0
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    unprocessed: int = 0
    removed: int = 0
    kept: dict[str, int] = Field(default_factory=dict)

    @property
    def applied(self) -> int:
        """Rows that are stored as in the file."""
        return self.created + self.updated + self.unchanged


class FaultCounts(Answer):
    """Numbers of row faults: in total, listed, and by code.

    Incomplete numbers mean that the rows were checked one by one only: nothing will be stored.
    """

    count: int = 0
    listed: int = 0
    by_code: dict[str, int] = Field(default_factory=dict)
    is_complete: bool = True


class ImportColumn(Answer):
    """A column of the file and its field, None for an ignored column."""

    header: str
    field: str | None


class ImportNotice(Answer):
    """A notice about an import that is not a fault."""

    code: str
    message: str
    rows: int


class ImportJob(Job):
    """An import, as of the time it was read."""

    operation: str
    mode: str
    dry_run: bool
    file_name: str | None = None
    size: int | None = None
    received: int = 0
    format: str | None = None
    encoding: str | None = None
    columns: list[ImportColumn] = Field(default_factory=list)
    progress: ImportProgress = ImportProgress()
    notices: list[ImportNotice] = Field(default_factory=list)
    faults: FaultCounts = FaultCounts()
    rows_per_second: float | None = None
    estimated_end_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def path(self) -> str:
        """Its address."""
        return f"{imported_resource(self.resource).imports}/{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for its file."""
        return self.state == _OPEN

    @property
    def seconds(self) -> float | None:
        """Seconds from its start to its end, None before the end."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class ImportFailed(JunhengError):
    """An import failed or was cancelled.

    Attributes:
        job: the import; `progress` counts rows that are stored nevertheless.
        problem: reason of the failure, None if it was cancelled.
    """

    def __init__(self, job: ImportJob) -> None:
        self.job, self.problem = job, job.refusal
        super().__init__(f"import {job.id}: {self.problem or job.state}")
