"""Installs the project's requirements once: uv, `.venv` and the locked dependencies.

Standard library only, in syntax that an older Python can parse, so that `dev.py` can report the
required version.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from deploy.local.indexes import PYTHON_WITH_PIP, uv_settings

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
TOOLS = ROOT / ".dev" / "tools"
LOCK = ROOT / "requirements.lock"
BOOTSTRAP_LOCK = ROOT / "requirements-bootstrap.lock"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def prepare() -> None:
    """Install exactly the locked packages and the project in `.venv`, unless it is up to date."""
    stamp, wanted = VENV / "stamp", fingerprint(LOCK, Path(__file__))
    if PYTHON.exists() and stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    say("正在准备依赖……", "preparing dependencies…")
    stamp.unlink(missing_ok=True)
    uv("venv --quiet --no-project --allow-existing --python", PYTHON_WITH_PIP, VENV)
    uv("pip sync --quiet --require-hashes --compile-bytecode --python", PYTHON, LOCK)
    make_importable()
    stamp.write_text(wanted, "utf-8")


# Also through a symbolic link, such as one in a folder of PATH.
_LAUNCHER = """\
#!/bin/sh
program=$0
while [ -L "$program" ]; do
    link=$(readlink "$program")
    case $link in
        /*) program=$link ;;
        *) program=${program%/*}/$link ;;
    esac
done
exec "${program%/*}/python" -P -m client.cli "$@"
"""


def make_importable() -> None:
    """Put the project on the path of `.venv`, and the command `junheng` next to its Python.

    The path is relative, so it works with any characters and after the folder has moved.
    """
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = VENV / ("Lib/site-packages" if WINDOWS else f"lib/{version}/site-packages")
    (packages / "junheng.pth").write_text(os.path.relpath(ROOT, packages) + "\n", "utf-8")
    if WINDOWS:
        launcher = PYTHON.with_name("junheng.cmd")
        launcher.write_text('@"%~dp0python.exe" -P -m client.cli %*\n', "utf-8")
    else:
        launcher = PYTHON.with_name("junheng")
        launcher.write_text(_LAUNCHER, "utf-8")
        launcher.chmod(0o755)


def uv(options: str, *words: object, given: str | None = None, every_index: bool = True) -> None:
    """Run uv with pip's settings.

    For locking, only the default index is used: another one may have only some files of a release
    and would return only some of its hashes.
    """
    settings = uv_settings()
    if not every_index:
        for name in ("UV_INDEX", "UV_FIND_LINKS", "UV_INDEX_STRATEGY"):
            settings.pop(name, None)
    environment = {**os.environ, **settings, "UV_PYTHON_DOWNLOADS": "never"}
    run([uv_program(), *options.split(), *words], environment, given)


def uv_program() -> Path:
    """The program uv; if missing, pip installs it from its own hashed lock."""
    program = TOOLS / "bin" / ("uv.exe" if WINDOWS else "uv")
    stamp, wanted = TOOLS / "stamp", fingerprint(BOOTSTRAP_LOCK)
    if program.exists() and stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return program
    if subprocess.call([PYTHON_WITH_PIP, "-c", "import pip"], stderr=subprocess.DEVNULL) != 0:
        fail(f"{PYTHON_WITH_PIP} 没有 pip，请先安装", f"{PYTHON_WITH_PIP} has no pip: install it")
    shutil.rmtree(str(TOOLS), ignore_errors=True)
    options = ["-m", "pip", "install", "-qq", "--no-user", "--require-hashes"]
    run([PYTHON_WITH_PIP, *options, "-r", BOOTSTRAP_LOCK, "--target", TOOLS], dict(os.environ))
    stamp.write_text(wanted, "utf-8")
    return program


def fingerprint(*files: Path) -> str:
    """A digest that changes with the files, with this Python and with the folder."""
    digest = hashlib.sha256(f"{sys.version}\n{sys.base_prefix}\n{ROOT}".encode())
    for file in files:
        if not file.is_file():
            fail(f"缺少文件 {file}", f"{file} is missing")
        digest.update(file.read_bytes())
    return digest.hexdigest()


def run(words: list[object], environment: dict[str, str], given: str | None = None) -> None:
    """Run one step of the set-up, or exit with a clear message."""
    command = [str(word) for word in words]
    done = subprocess.run(
        command, env=environment, input=given, encoding="utf-8", cwd=str(ROOT), check=False
    )
    if done.returncode != 0:
        step, status = " ".join(command), done.returncode
        fail(f"准备失败（状态 {status}）：{step}", f"set-up failed (status {status}): {step}")


def say(chinese: str, english: str) -> None:
    """Print a message on standard error; standard output is for the command's own result."""
    print(f"{chinese}\n{english}", file=sys.stderr, flush=True)


def fail(chinese: str, english: str) -> NoReturn:
    """Print an error message and exit."""
    say(chinese, english)
    raise SystemExit(1)
