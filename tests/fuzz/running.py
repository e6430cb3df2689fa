"""Runs schemathesis against a platform as one role, and reads its report."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fuzz.world import World

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
class Finding:
    """A way in which the platform does not do as it documents.

    Attributes:
        role: who called.
        operation: method and path.
        title: which check failed.
        details: what was sent and answered, as schemathesis reports it.
    """

    role: str
    operation: str
    title: str
    details: str


@dataclass(frozen=True)
class Outcome:
    """What a run as one role came to.

    Attributes:
        role: who called.
        operations: how many were called.
        cases: how many requests.
        accepted: operations that answered a request with success.
        findings: what did not conform.
    """

    role: str
    operations: int
    cases: int
    accepted: int
    findings: list[Finding]


def run_as(
    world: World,
    role: str,
    seconds: int,
    phases: Sequence[str],
    examples: int,
    *,
    is_repeatable: bool = False,
) -> Outcome:
    """Call every operation as a role, for some time.

    Args:
        world: the platform.
        role: who calls.
        seconds: when to stop.
        phases: of schemathesis: `examples`, `coverage`, `fuzzing`, `stateful`.
        examples: requests of an operation in a phase, at most.
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
        return _outcome(role, json.loads(report.read_text("utf-8")))


def _config(world: World) -> str:
    lines = [f"hooks = {json.dumps(str(_HOOKS))}", "[dictionaries]"]
    bound = {f"path.{name}": (name, values) for name, values in world.values.items()}
    bound["header.If-Match"] = ("etags", _ETAGS)
    for name, values in bound.values():
        lines.append(f"{name} = {{ values = {json.dumps(values, ensure_ascii=False)} }}")
    lines.append("[parameters]")
    for place, (name, _values) in bound.items():
        lines.append(f'"{place}" = {{ dictionary = "{name}", probability = 0.7 }}')
    return "\n".join(lines) + "\n"


def _outcome(role: str, report: dict[str, Any]) -> Outcome:
    rates = report["valid_rates"].values()
    accepted = sum(any(phase["accepted"] for phase in phases.values()) for phases in rates)
    return Outcome(
        role,
        report["operations"]["tested"],
        report["test_cases"]["generated"],
        accepted,
        [_finding(role, one) for one in (*report["failures"], *report["errors"])],
    )


def _finding(role: str, one: dict[str, Any]) -> Finding:
    return Finding(role, one.get("operation", ""), one.get("title", ""), json.dumps(one))
