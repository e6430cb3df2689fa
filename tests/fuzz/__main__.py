"""`dev.py fuzz [--minutes N] [--roles A,B] [--json]`: call every operation as every role.

schemathesis generates requests from the OpenAPI document, good ones and bad ones, against a
platform made for it. The exit status is 1 when an answer was a 5xx, or its status, media type,
headers or content were not documented.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret
from tests.bench.report import Report, at_most
from tests.fuzz.running import Outcome, Plan, run_as
from tests.fuzz.scenario import ROLES, Scenario, make_scenario
from tests.support.platform import whole_platform

MINUTES = 10.0
# Every operation a few times; then what the role may do, service by service, as time allows.
_FEW, _MANY = 3, 100
_ALL_PHASES = ("examples", "coverage", "fuzzing")
_SERVICES = ("^/(v1|oauth|[.]well-known)", "^/schools/", "^/appraisal/", "^/accountability/")
# Shorter, and reading the document takes most of it.
_LEAST_SECONDS = 5


def main(arguments: list[str]) -> int:
    """Run all roles or some, one after the other, and show what was found."""
    parser = argparse.ArgumentParser(prog="dev.py fuzz")
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, help="总时长 / how long, all roles together"
    )
    parser.add_argument("--roles", default=",".join(ROLES), help="角色 / roles, comma-separated")
    parser.add_argument("--json", action="store_true", help="一个 JSON 对象 / one JSON object")
    chosen = parser.parse_args(arguments)
    roles = chosen.roles.split(",")
    if unknown := sorted(set(roles) - set(ROLES)):
        parser.error(f"unknown roles: {', '.join(unknown)}")
    outcomes = fuzz(roles, chosen.minutes * 60)
    report = _report(outcomes)
    if chosen.json:
        found = {"outcomes": [asdict(outcome) for outcome in outcomes]}
        print(json.dumps(report.as_json() | found, ensure_ascii=False))
    else:
        for outcome in outcomes:
            if outcome.findings:
                print(outcome.role, *outcome.findings, outcome.details, sep="\n")
        report.print()
    return 0 if all(check.holds for check in report.checks) else 1


def fuzz(roles: Sequence[str], seconds: float) -> list[Outcome]:
    """What calling as each role came to, each for its share of the time."""
    share = max(_LEAST_SECONDS, round(seconds / len(roles) / (len(_SERVICES) + 1)))
    os.environ["JUNHENG_ENVIRONMENT"] = "development"
    with whole_platform() as platform:
        password = read_secret(platform.options.secrets, BOOTSTRAP_PASSWORD)
        scenario = make_scenario(platform.options.url("gateway"), password)
        outcomes: list[Outcome] = []
        for role in roles:
            outcomes += _passes(scenario, role, share)
            mine = [one for one in outcomes if one.role == role]
            print(
                f"{role}: {sum(one.cases for one in mine)} requests, "
                f"{sum(len(one.findings) for one in mine)} findings",
                file=sys.stderr,
            )
    return outcomes


def _passes(scenario: Scenario, role: str, seconds: int) -> Iterator[Outcome]:
    yield run_as(scenario, role, Plan(("fuzzing",), _FEW, seconds))
    for paths in _SERVICES:
        yield run_as(scenario, role, Plan(_ALL_PHASES, _MANY, seconds, paths, is_own=True))


def _report(outcomes: Sequence[Outcome]) -> Report:
    rows = [
        {
            "role": outcome.role,
            "part": outcome.paths or "all",
            "operations": outcome.operations,
            "successful": outcome.accepted,
            "requests": outcome.cases,
            "findings": len(outcome.findings),
        }
        for outcome in outcomes
    ]
    found = sum(len(outcome.findings) for outcome in outcomes)
    return Report("fuzz", rows, [at_most("5xx and undocumented answers", found, 0, "")])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
