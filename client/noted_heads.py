"""The heads that trails had when last found intact, noted where their server cannot reach.

Whoever runs the database can cut a trail off at its end, seals and all, and what is left fits
together. It shows only against a head that was noted elsewhere: here, with the auditor.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from client.problems import JunhengError


class NotesUnusable(JunhengError):
    """The file of noted heads cannot be read, understood or written."""


class NotedHeads:
    """A file of noted heads, by platform and service; it need not exist."""

    def __init__(self, path: Path, platform: str) -> None:
        self.path, self._platform = path, platform.rstrip("/")

    def read(self) -> dict[str, str]:
        """The head of each service's trail; of none that was never noted.

        Raises:
            NotesUnusable: it is there and cannot be understood: nothing then says what was.
        """
        return self._all().get(self._platform, {})

    def note(self, heads: Mapping[str, str]) -> None:
        """Put these in place of what was noted; a crash leaves the one or the other.

        Raises:
            NotesUnusable: the file cannot be written.
        """
        everything = self._all()
        everything[self._platform] = everything.get(self._platform, {}) | dict(heads)
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")
            fresh.replace(self.path)
        except OSError as error:
            raise NotesUnusable(str(error)) from error

    def _all(self) -> dict[str, dict[str, str]]:
        if not self.path.exists():
            return {}
        try:
            found: dict[str, dict[str, str]] = json.loads(self.path.read_text(encoding="utf-8"))
            return {platform: dict(heads) for platform, heads in found.items()}
        except (ValueError, TypeError, AttributeError, OSError) as error:
            raise NotesUnusable(f"{self.path}: {error}") from error
