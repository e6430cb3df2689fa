"""Heads of the audit trails when last found intact, recorded out of the server's reach.

A database administrator can truncate a trail together with its seals, and the rest still
verifies. Only a head recorded elsewhere, here with the auditor, reveals the truncation.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from client.problems import JunhengError


class HeadsFileUnusable(JunhengError):
    """The file of recorded heads cannot be read, parsed or written."""


class AuditHeads:
    """The file of recorded heads by platform and service; it need not exist."""

    def __init__(self, path: Path, platform: str) -> None:
        self.path, self._platform = path, platform.rstrip("/")

    def read(self) -> dict[str, str]:
        """The recorded head of each service's trail; services without one are absent.

        Raises:
            HeadsFileUnusable: the file exists but cannot be read or parsed.
        """
        return self._all().get(self._platform, {})

    def record(self, heads: Mapping[str, str]) -> None:
        """Replace the heads of these services; a crash leaves the old or the new file.

        Raises:
            HeadsFileUnusable: the file cannot be written.
        """
        everything = self._all()
        everything[self._platform] = everything.get(self._platform, {}) | dict(heads)
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")
            fresh.replace(self.path)
        except OSError as error:
            raise HeadsFileUnusable(str(error)) from error

    def _all(self) -> dict[str, dict[str, str]]:
        if not self.path.exists():
            return {}
        try:
            found: dict[str, dict[str, str]] = json.loads(self.path.read_text(encoding="utf-8"))
            return {platform: dict(heads) for platform, heads in found.items()}
        except (ValueError, TypeError, AttributeError, OSError) as error:
            raise HeadsFileUnusable(f"{self.path}: {error}") from error
