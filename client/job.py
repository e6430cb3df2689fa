"""Jobs on the server: the common part of imports and exports."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from client.problems import Problem

_COMPLETED = "completed"
_ENDED = frozenset({_COMPLETED, "failed", "cancelled"})


class Answer(BaseModel):
    """An answer of the platform; fields added by newer versions are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Job(Answer):
    """A job on the server, as of the time it was read."""

    id: str
    resource: str
    state: str
    problem: dict[str, Any] | None = None
    created_by: str = ""
    created_at: datetime
    is_expired: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether the job is in a final state; only committing a dry run leaves it again."""
        return self.state in _ENDED

    @property
    def is_completed(self) -> bool:
        """Whether the job succeeded; single rows of an import may still have failed."""
        return self.state == _COMPLETED

    @property
    def refusal(self) -> Problem | None:
        """The problem with which the job failed, None otherwise."""
        return Problem(int(self.problem.get("status", 0)), self.problem) if self.problem else None
