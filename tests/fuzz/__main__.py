"""`dev.py fuzz [--minutes N] [--roles A,B] [--json]`: call every operation as every role.

schemathesis generates requests from the OpenAPI document, good ones and bad ones, against a
platform made for it. The exit status is 1 when an answer was a 5xx, or its status, media type,
headers or content were not documented.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict

from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret
from tests.bench.report import Report, at_most
from tests.fuzz.running import Outcome, run_as
from tests.fuzz.world import ROLES, make_world
from tests.support.platform import whole_platform

PHASES = ("examples", "coverage", "fuzzing")
MINUTES = 10.0
# More than fit into the time, which is the limit.
_EXAMPLES = 100
# Shorter, and reading the document takes most of it.
_LEAST_SECONDS = 15
_SHOWN = 3000


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
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    if chosen.json:
        found = {"findings": [asdict(finding) for finding in findings]}
        print(json.dumps(report.as_json() | found, ensure_ascii=False))
    else:
        for finding in findings:
            print(f"\n{finding.role}  {finding.operation}  {finding.title}")
            print(finding.details[:_SHOWN])
        report.print()
    return 0 if all(check.holds for check in report.checks) else 1


def fuzz(roles: Sequence[str], seconds: float) -> list[Outcome]:
    """What calling as each role came to, each for its share of the time."""
    share = max(_LEAST_SECONDS, round(seconds / len(roles)))
    os.environ["JUNHENG_ENVIRONMENT"] = "development"
    with whole_platform() as platform:
        password = read_secret(platform.options.secrets, BOOTSTRAP_PASSWORD)
        world = make_world(platform.options.url("gateway"), password)
        outcomes = []
        for role in roles:
            outcomes.append(run_as(world, role, share, PHASES, _EXAMPLES))
            found = len(outcomes[-1].findings)
            print(f"{role}: {outcomes[-1].cases} requests, {found} findings", file=sys.stderr)
    return outcomes


def _report(outcomes: Sequence[Outcome]) -> Report:
    rows = [asdict(outcome) | {"findings": len(outcome.findings)} for outcome in outcomes]
    found = sum(len(outcome.findings) for outcome in outcomes)
    return Report("fuzz", rows, [at_most("5xx and undocumented answers", found, 0, "")])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
