"""Locked packages: names, versions and hashes from a lock file, and what is installed of them."""

import re
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
RUNTIME_LOCK = ROOT / "requirements-runtime.lock"

_PACKAGE = re.compile(r"^([\w.-]+)==([^\s;\\]+)(.*(?:\n    .*)*)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class LockedPackage:
    """One package of a lock file."""

    name: str
    version: str
    sha256: tuple[str, ...]

    def installed(self) -> Distribution | None:
        """Return its metadata; None when it is for another system than this one."""
        try:
            return distribution(self.name)
        except PackageNotFoundError:
            return None


def read_lock(path: Path) -> list[LockedPackage]:
    """Return the packages of a lock file, in its order."""
    return [
        LockedPackage(name, version, tuple(_HASH.findall(rest)))
        for name, version, rest in _PACKAGE.findall(path.read_text("utf-8"))
    ]
