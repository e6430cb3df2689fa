"""Jobs on the server: the common part of imports and exports."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from client.problems import Problem
from client.text import Text

_STORAGE_FULL = "platform.storage_full"
_WAITS_FOR_ROOM = Text("等待服务器磁盘空间", "waiting for disk space on the server")
_WAITS = Text("等待服务恢复", "waiting for the server")
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
    waits_for: str | None = None
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
    def waiting(self) -> Text | None:
        """Why the job waits during an outage of the server; it resumes automatically."""
        if self.waits_for is None or self.has_ended:
            return None
        return _WAITS_FOR_ROOM if self.waits_for == _STORAGE_FULL else _WAITS

    @property
    def refusal(self) -> Problem | None:
        """The problem with which the job failed, None otherwise."""
        return Problem(int(self.problem.get("status", 0)), self.problem) if self.problem else None
