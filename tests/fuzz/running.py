"""Runs schemathesis against a platform as one role, and reads its report."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fuzz.world import KEYS, World

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
_HOOKS = Path(__file__).with_name("hooks.py")
# `"1"` is the ETag of many rows; `*` of all.
_ETAGS = ["*", '"1"', '"2"']
# Ends every session of the role, its own too.
_NOT_CALLED = ("/v1/me/password",)
# What is left over the time given: reading the document, and the last request.
_GRACE_SECONDS = 120


@dataclass(frozen=True)
class Outcome:
    """What a run as one role came to.

    Attributes:
        role: who called.
        paths: a pattern of the addresses called; empty for all.
        operations: how many were called.
        cases: how many requests.
        accepted: operations that answered a request with success.
        findings: which checks failed at which operations.
        details: the requests and answers of the findings, as schemathesis shows them.
    """

    role: str
    paths: str
    operations: int
    cases: int
    accepted: int
    findings: list[str]
    details: str


def run_as(
    world: World,
    role: str,
    seconds: int,
    phases: Sequence[str],
    examples: int,
    *,
    paths: str = "",
    is_repeatable: bool = False,
) -> Outcome:
    """Call operations as a role, for some time.

    Args:
        world: the platform.
        role: who calls.
        seconds: when to stop.
        phases: of schemathesis: `examples`, `coverage`, `fuzzing`, `stateful`.
        examples: requests of an operation in a phase, at most.
        paths: a pattern of the addresses to call; all without it.
        is_repeatable: whether each run generates the same requests.

    Raises:
        RuntimeError: schemathesis did not come to a report.
    """
    with tempfile.TemporaryDirectory(prefix="junheng-fuzz-") as folder:
        config, report = Path(folder) / "schemathesis.toml", Path(folder) / "report.json"
        config.write_text(_config(world), "utf-8")
        words = [
            *(sys.executable, "-P", "-m", "schemathesis.cli", "--no-color"),
            *("--config-file", config, "run", f"{world.url}/openapi.json"),
            *("--header", f"Authorization: Bearer {world.token(role)}"),
            *("--checks", ",".join(CHECKS), "--phases", ",".join(phases)),
            *("--max-time", seconds, "--max-examples", examples),
            *("--continue-on-failure", "--no-shrink", "--warnings", "off"),
            *("--generation-database", "none"),
            *("--report", "json", "--report-json-path", report),
            *(word for path in _NOT_CALLED for word in ("--exclude-path", path)),
            *(("--include-path-regex", paths) if paths else ()),
            *(("--generation-deterministic",) if is_repeatable else ()),
        ]
        done = subprocess.run(
            [str(word) for word in words],
            capture_output=True,
            text=True,
            timeout=seconds + _GRACE_SECONDS,
            check=False,
        )
        if not report.exists():
            raise RuntimeError(f"schemathesis ended with {done.returncode}:\n{done.stdout}")
        return _outcome(role, paths, json.loads(report.read_text("utf-8")), done.stdout)


def _config(world: World) -> str:
    lines = [f"hooks = {json.dumps(str(_HOOKS))}", "[dictionaries]"]
    bound = {f"path.{name}": name for name in world.values}
    bound |= {f"body.{name}": name for name in world.values if name in KEYS}
    bound["header.If-Match"] = "etags"
    for name, values in (world.values | {"etags": _ETAGS}).items():
        lines.append(f"{name} = {{ values = {json.dumps(values, ensure_ascii=False)} }}")
    lines.append("[parameters]")
    for place, name in bound.items():
        lines.append(f'"{place}" = {{ dictionary = "{name}", probability = 0.7 }}')
    return "\n".join(lines) + "\n"


def _outcome(role: str, paths: str, report: dict[str, Any], shown: str) -> Outcome:
    rates = report["valid_rates"].values()
    return Outcome(
        role,
        paths,
        report["operations"]["tested"],
        report["test_cases"]["generated"],
        sum(any(phase["accepted"] for phase in phases.values()) for phases in rates),
        [json.dumps(one) for one in (*report["failures"], *report["errors"])],
        shown.partition("=== FAILURES ===")[2].partition("=== SUMMARY ===")[0],
    )
