"""Creates a database cluster: UTF-8, the same text order on every system, one password."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.errors import SetupError
from deploy.local.account import Account
from deploy.local.binaries import program

SUPERUSER = "postgres"
OPTIONS = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)


def create_cluster(
    data: Path, binaries: Path, account: Account, password: str, *, sync: bool
) -> None:
    """Create the cluster under a temporary name, so that an incomplete one is never used.

    Raises:
        SetupError: contains the output of `initdb`.
    """
    unfinished = data.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    account.own(unfinished)
    password_file = _write_password(data.parent, account, password)
    words = [str(program(binaries, "initdb")), "-D", str(unfinished), "-U", SUPERUSER, *OPTIONS]
    words += [f"--pwfile={password_file}", *([] if sync else ["--no-sync"])]
    try:
        done = subprocess.run(
            words,
            cwd=data.parent,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **account.popen_options(),
        )
    finally:
        password_file.unlink()
    if done.returncode != 0:
        said = done.stderr.strip()
        raise SetupError(f"无法创建数据库：{said}", f"the database could not be created: {said}")
    unfinished.rename(data)


def _write_password(folder: Path, account: Account, password: str) -> Path:
    """Write the password to a file that only the account (and root) can read."""
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
        file.write(password)
    account.own(Path(file.name))
    return Path(file.name)
