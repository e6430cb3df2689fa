"""The system account that runs PostgreSQL, which refuses to run as root."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.errors import SetupError

CANDIDATES = ("junheng", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user and a group; without them, processes run as the caller."""

    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict[str, Any]:
        """Arguments of `subprocess` that start a program as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Make the account the owner of a file or folder."""
        if sys.platform != "win32" and self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can enter a folder, which includes every folder above it."""
        return self.uid is None or self._can_run("/bin/sh", "-c", 'cd "$0"', str(folder))

    def can_run(self, program: Path) -> bool:
        """Whether the account can run a program at its location."""
        return self.uid is None or self._can_run(str(program), "--version")

    def _can_run(self, *words: str) -> bool:
        try:
            done = subprocess.run(
                words, cwd="/", capture_output=True, check=False, **self.popen_options()
            )
        except OSError:
            return False
        return done.returncode == 0


def server_account(data: Path) -> Account:
    """The account that runs the server on `data`: its owner, or for root a system account.

    Raises:
        SetupError: root finds no suitable account.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return Account()
    import pwd  # not on Windows

    if data.exists():
        return Account(data.stat().st_uid, data.stat().st_gid)
    entries = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in CANDIDATES:
        if name in entries:
            return Account(entries[name].pw_uid, entries[name].pw_gid)
    raise SetupError(
        f"PostgreSQL 不能以 root 运行，请新建以下账户之一：{'、'.join(CANDIDATES)}",
        f"PostgreSQL refuses to run as root; create one of the accounts {', '.join(CANDIDATES)}",
    )
