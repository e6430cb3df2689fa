"""What imports and exports have in common: work at the server that ends, well or not."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from client.problems import Problem
from client.text import Text

_STORAGE_FULL = "platform.storage_full"
_WAITS_FOR_ROOM = Text("等待服务器磁盘空间", "waits for room on the server")
_WAITS = Text("等待服务恢复", "waits for the server")
_COMPLETED = "completed"
_ENDED = frozenset({_COMPLETED, "failed", "cancelled"})


class Answer(BaseModel):
    """Something that the platform tells; what a newer one adds is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Job(Answer):
    """Work at the server, as it stood when it was read."""

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
        """Whether nothing more will become of it, unless a dry run is committed."""
        return self.state in _ENDED

    @property
    def is_completed(self) -> bool:
        """Whether it has ended well; some rows of an import may have failed all the same."""
        return self.state == _COMPLETED

    @property
    def waiting(self) -> Text | None:
        """What it waits for, in words, when the server meets an outage: it goes on by itself."""
        if self.waits_for is None or self.has_ended:
            return None
        return _WAITS_FOR_ROOM if self.waits_for == _STORAGE_FULL else _WAITS

    @property
    def refusal(self) -> Problem | None:
        """Why it failed."""
        return Problem(int(self.problem.get("status", 0)), self.problem) if self.problem else None
