"""Runs schemathesis against a platform as one role, and reads its report."""

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fuzz.document import part_of
from tests.fuzz.scenario import KEYS, Scenario

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# Requests without an answer are errors, answers against the document failures; either may lack.
_SECTIONS = re.compile(r"=+ (?:ERRORS|FAILURES) =+\n")
_HOOKS = Path(__file__).with_name("hooks.py")
# Long polls answer after 30 seconds at the latest.
_TIMEOUT_SECONDS = 60
# `"1"` is the ETag of many rows; `*` of all.
_ETAGS = ["*", '"1"', '"2"']
# Failed logins would lock the accounts that the fuzzer works with.
_NOT_IN_BODIES = {"username"}


@dataclass(frozen=True)
class Plan:
    """What a run calls, and how often.

    Attributes:
        phases: of schemathesis: `examples`, `coverage`, `fuzzing`, `stateful`.
        examples: requests of an operation in a phase, at most.
        seconds: when to stop; None for the end of all phases.
        paths: a pattern of the addresses to call; empty for all.
        is_own: whether only operations are called that the role has the scope for.
        is_repeatable: whether each run generates the same requests.
    """

    phases: tuple[str, ...]
    examples: int
    seconds: int | None = None
    paths: str = ""
    is_own: bool = False
    is_repeatable: bool = False


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
        details: the requests and answers of the findings, as schemathesis shows them; all that it
            shows when nothing was found.
    """

    role: str
    paths: str
    operations: int
    cases: int
    accepted: int
    findings: list[str]
    details: str


def run_as(scenario: Scenario, role: str, plan: Plan) -> Outcome:
    """Call operations as a role.

    Raises:
        RuntimeError: schemathesis did not come to a report.
    """
    whole = httpx.get(f"{scenario.url}/openapi.json", timeout=60).raise_for_status().json()
    document = part_of(
        whole, role, paths=plan.paths, is_own=plan.is_own, is_repeatable=plan.is_repeatable
    )
    with tempfile.TemporaryDirectory(prefix="junheng-fuzz-") as name:
        folder = Path(name)
        (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
        (folder / "schemathesis.toml").write_text(_config(scenario), "utf-8")
        words = [*_words(folder, scenario, scenario.token(role)), *_limits(plan)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        report = folder / "report.json"
        if not report.exists():
            raise RuntimeError(f"status {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return _outcome(role, plan.paths, json.loads(report.read_text("utf-8")), done.stdout)


def _words(folder: Path, scenario: Scenario, token: str) -> list[str]:
    return [
        *(sys.executable, "-P", "-m", "schemathesis.cli", "--no-color"),
        *("--config-file", f"{folder}/schemathesis.toml"),
        *("run", f"{folder}/openapi.json", "--url", scenario.url),
        *("--header", f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS)),
        *("--continue-on-failure", "--no-shrink", "--warnings", "off"),
        *("--report", "json", "--report-json-path", f"{folder}/report.json"),
    ]


def _limits(plan: Plan) -> list[str]:
    words = ["--phases", ",".join(plan.phases), "--max-examples", str(plan.examples)]
    if plan.seconds is not None:
        words += ["--max-time", str(plan.seconds)]
    once = ["--generation-deterministic"]
    return words + (once if plan.is_repeatable else ["--generation-database", "none"])


def _config(scenario: Scenario) -> str:
    lines = [f"hooks = {json.dumps(str(_HOOKS))}", f"request-timeout = {_TIMEOUT_SECONDS}"]
    lines += ["[cache]", "enabled = false", "[dictionaries]"]
    bound = {f"path.{name}": name for name in scenario.values}
    bound |= {f"body.{name}": name for name in scenario.values if name in KEYS - _NOT_IN_BODIES}
    bound["header.If-Match"] = "etags"
    for name, values in (scenario.values | {"etags": _ETAGS}).items():
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
        _SECTIONS.split(shown, maxsplit=1)[-1].partition("=== SUMMARY ===")[0],
    )
