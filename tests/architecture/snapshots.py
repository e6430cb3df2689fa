"""The OpenAPI documents as last agreed; `python -m tests.architecture.snapshots` renews them."""

import difflib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "openapi"
_SHOWN = 60


def written(document: object) -> str:
    """A document as it stands in its file."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def path_of(process: str) -> Path:
    """The file of one process."""
    return FOLDER / f"{process}.json"


@cache
def agreed(process: str) -> dict[str, Any]:
    """The agreed document of a process.

    Tests read it when they are collected: building the four documents takes ten seconds, in every
    worker. That it is the one which the process serves is a test of its own.
    """
    document: dict[str, Any] = json.loads(path_of(process).read_text("utf-8"))
    return document


def difference(process: str, document: object) -> str:
    """How a document differs from the agreed one; empty when it does not."""
    path = path_of(process)
    before = path.read_text("utf-8") if path.exists() else ""
    lines = list(
        difflib.unified_diff(
            before.splitlines(), written(document).splitlines(), "agreed", "now", n=2, lineterm=""
        )
    )
    more = [f"… and {len(lines) - _SHOWN} lines more"] if len(lines) > _SHOWN else []
    return "\n".join(lines[:_SHOWN] + more)


def main() -> None:
    """Write every process's document."""
    os.environ["JUNHENG_ENVIRONMENT"] = "development"
    from tests.architecture.processes import PROCESSES, application

    FOLDER.mkdir(exist_ok=True)
    for process in PROCESSES:
        path_of(process).write_text(written(application(process).openapi()), "utf-8")


if __name__ == "__main__":
    main()
