"""Processes of the tests, forked from one that has loaded the code: a start takes no time."""

import atexit
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from deploy.local.forks import Forks
from deploy.local.process import Child


@cache
def forks() -> Forks:
    """The loader of this run."""
    folder = tempfile.TemporaryDirectory(prefix="junheng-loader-")
    made = Forks(os.environ, Path(folder.name) / "loader.log")
    atexit.register(folder.cleanup)
    atexit.register(made.close)
    return made


def start(environment: Mapping[str, str], *words: str) -> Child:
    """Start a module with arguments; its output is discarded."""
    with open(os.devnull, "ab") as nowhere:
        return forks().module(*words)(environment, nowhere)
