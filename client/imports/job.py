"""An import as the platform tells of it, and the exception of one that came to nothing."""

from datetime import datetime

from pydantic import Field

from client.job import Answer, Job
from client.problems import JunhengError
from client.resources import resource_of

_OPEN = "open"


class ImportProgress(Answer):
    """What has become of the rows so far; all that is said of rows of the file adds up to `rows`.

    `removed` and `kept` count stored rows that the file lacks. Of a dry run: what would become of
    them.
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
        """Rows that are stored as the file has them."""
        return self.created + self.updated + self.unchanged


class FaultCounts(Answer):
    """How many faults the rows have: all, those that can be listed, and by code.

    When they are not complete, each row was checked by itself only: nothing would be stored anyway.
    """

    count: int = 0
    listed: int = 0
    by_code: dict[str, int] = Field(default_factory=dict)
    is_complete: bool = True


class ImportColumn(Answer):
    """A column of the file, and the field that it was taken for; none when it is passed over."""

    header: str
    field: str | None


class ImportNotice(Answer):
    """What to know of an import although no row is faulty."""

    code: str
    message: str
    rows: int


class ImportJob(Job):
    """An import, as it stood when it was read."""

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
        return f"{resource_of(self.resource).imports}/{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for its file."""
        return self.state == _OPEN

    @property
    def seconds(self) -> float | None:
        """How long it took, from when it began to when it ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class ImportFailed(JunhengError):
    """An import has ended without being completed: it failed, or was called off.

    Attributes:
        job: the import; `progress` tells what is stored all the same.
        problem: why it failed, None when it was called off.
    """

    def __init__(self, job: ImportJob) -> None:
        self.job, self.problem = job, job.refusal
        super().__init__(f"import {job.id}: {self.problem or job.state}")
