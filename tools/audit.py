"""Audit: asks a vulnerability service about the locked dependencies.

Status 0: no known vulnerability. 1: at least one. 2: the service did not answer, so that
nothing is known; pip-audit itself gives 1 for this case, too.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.locked import LOCK

FOUND, UNKNOWN = 1, 2
# The lock names every dependency with hashes: pip-audit needs to resolve and install nothing.
_OPTIONS = ["--requirement", str(LOCK), "--disable-pip", "--progress-spinner", "off"]


def audit(arguments: list[str]) -> int:
    """Run pip-audit with these further arguments, print what it finds and return the status."""
    with tempfile.TemporaryDirectory(prefix="junheng-audit-") as folder:
        report = Path(folder) / "report.json"
        output = ["--format", "json", "--output", str(report)]
        command = [sys.executable, "-P", "-m", "pip_audit", *_OPTIONS, *output, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not report.is_file():  # written last: without it, nothing was found out
            print(done.stderr, end="", file=sys.stderr)
            _say("漏洞服务没有应答，结果未知", "no answer from the service: result unknown")
            return UNKNOWN
        return _judge(json.loads(report.read_text("utf-8"))["dependencies"])


def _judge(dependencies: list[dict[str, Any]]) -> int:
    skipped = [one for one in dependencies if "skip_reason" in one]
    for one in skipped:
        print(f"{one['name']}: {one['skip_reason']}", file=sys.stderr)
    found = [(one, vulnerability) for one in dependencies for vulnerability in one.get("vulns", [])]
    for one, vulnerability in found:
        fixed = ", ".join(vulnerability["fix_versions"]) or "-"
        print(f"{one['name']} {one['version']}: {vulnerability['id']}, fixed in {fixed}")
    audited = len(dependencies) - len(skipped)
    _say(
        f"已检查 {audited} 个依赖，发现 {len(found)} 个已知漏洞",
        f"{audited} dependencies audited, {len(found)} known vulnerabilities",
    )
    if found:
        return FOUND
    return UNKNOWN if skipped else 0


def _say(chinese: str, english: str) -> None:
    print(f"{chinese}\n{english}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(audit(sys.argv[1:]))
