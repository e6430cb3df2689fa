#!/usr/bin/env python3
"""Commands for people: `python3 dev.py demo`, `up`, `test`, `lint` and the other commands.

Standard library only: it runs on a machine that has only Python and pip. Each command installs
its requirements (see `deploy/local/install.py`) and continues with the Python of `.venv`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from deploy.local import install
from deploy.local.install import LOCK, PYTHON, ROOT, WINDOWS, fail, say

RUNTIME_LOCK = ROOT / "requirements-runtime.lock"

USAGE = """\
用法 / usage: python3 dev.py COMMAND [ARGUMENTS]

  demo [--schools FILE] [--json]   完整办理一个考核年度 / run a complete appraisal year
  up [--sample] [--data DIR]       启动平台，Ctrl-C 停止 / start the platform, Ctrl-C stops it
  test [PYTEST ARGUMENTS]          代码检查和全部测试；带参数时只运行 pytest
                                   checks and all tests; with arguments, only pytest
  test --quick                     代码检查、规则和每项功能的一条主线
                                   checks, rules and one path through every feature
  lint                             代码检查 / ruff, mypy, import contracts and licences
  sizes [--json]                   文件和函数的行数 / lines of files and functions
  bench NAME [--rows N] [--quick] [--json]   性能测试 / a benchmark of tests/bench
  fuzz [--minutes N] [--json]      按接口文档自动生成请求，检查全部接口
                                   call all operations with generated requests
  lock [--keep | PACKAGE]          升级并锁定依赖版本；--keep 只锁定新增的依赖，或只升级一个软件包
                                   lock the newest dependencies; --keep only adds new ones,
                                   PACKAGE upgrades one
  audit [PIP-AUDIT ARGUMENTS]      检查依赖的已知漏洞 / known vulnerabilities of the dependencies
  sbom [--output FILE]             软件物料清单 / software bill of materials (CycloneDX)
"""

# One more than a small machine has cores, because tests that kill processes mostly wait. Neighbours
# stay in one process, so that what a module shares is made once.
WORKERS = ["-n", "3", "--dist", "worksteal"]
SLOW = ["--report-slow", "15"]
QUICK = ["-m", "quick"]
CHECKS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "lint-imports": ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
    "licences": ["-m", "tools.licences"],
}


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the caller may use an older one
        found = sys.version.split()[0]
        fail(
            f"需要 Python 3.11 或更高版本，当前为 {found}", f"Python 3.11+ required, found {found}"
        )
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if command in ("help", "-h", "--help"):
        print(USAGE, end="")
        return 0
    if command not in COMMANDS:
        print(USAGE, end="", file=sys.stderr)
        return 2
    return COMMANDS[command](rest)


def demo(rest: list[str]) -> int:
    """Run a complete year with the sample county or with the given schools."""
    return hand_over("-m", "deploy.local", "demo", *rest)


def up(rest: list[str]) -> int:
    """Start the platform."""
    return hand_over("-m", "deploy.local", "up", *rest)


def bench(rest: list[str]) -> int:
    """Run one benchmark."""
    return hand_over("-m", "tests.bench", *rest)


def fuzz(rest: list[str]) -> int:
    """Call every operation as every role with generated requests."""
    return hand_over("-m", "tests.fuzz", *rest)


def test(rest: list[str]) -> int:
    """Run the checks and every test, the quick ones, or only pytest with the given arguments."""
    os.chdir(ROOT)
    quick = rest == ["--quick"]
    if rest and not quick:
        return hand_over("-m", "pytest", *rest)
    if lint([]) != 0:
        return 1
    return hand_over("-m", "pytest", *WORKERS, *SLOW, *(QUICK if quick else []))


def lint(_rest: list[str]) -> int:
    """Run all checks, two at a time, even after one has failed, to show all faults at once."""
    install.prepare()
    failed = []
    with ThreadPoolExecutor(2) as pool:
        for name, done in zip(CHECKS, pool.map(run_check, CHECKS.values()), strict=True):
            print(done.stdout, end="", flush=True)
            if done.returncode != 0:
                failed.append(name)
    for name in failed:
        say(f"检查未通过：{name}", f"check failed: {name}")
    return 1 if failed else 0


def run_check(words: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a check and keep its output."""
    return subprocess.run(
        [str(PYTHON), *words],
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def sizes(rest: list[str]) -> int:
    """Count the lines of files and functions."""
    return hand_over("-m", "tools.sizes", *rest)


def audit(rest: list[str]) -> int:
    """Ask a vulnerability service about the locked dependencies."""
    return hand_over("-m", "tools.audit", *rest)


def sbom(rest: list[str]) -> int:
    """Write the software bill of materials."""
    return hand_over("-m", "tools.sbom", *rest)


def lock(rest: list[str]) -> int:
    """Lock compatible versions, with hashes for every system and no index address.

    Without arguments the newest ones, with `--keep` the locked ones and what is new in
    `pyproject.toml`, with the name of a package the newest one of it. Only wheels, and only what
    has been public for a week: a release that was tampered with is mostly withdrawn by then.
    Containers install the runtime lock: the same versions without development tools and without
    the embedded PostgreSQL.
    """
    if rest in (["-h"], ["--help"]):
        print(USAGE, end="")
        return 0
    if len(rest) > 1 or (rest and rest[0].startswith("-") and rest != ["--keep"]):
        print(USAGE, end="", file=sys.stderr)
        return 2
    options = "pip compile --quiet --universal --python-version 3.11 --generate-hashes"
    options += " --no-emit-index-url --no-emit-find-links --no-header --no-annotate"
    options += f" --only-binary :all: --exclude-newer {_a_week_ago()}"
    if rest != ["--keep"]:
        options += f" --upgrade-package {rest[0]}" if rest else " --upgrade"
    options += " -o"
    project = "pyproject.toml"
    install.uv(options, LOCK, project, "--all-extras", every_index=False)
    install.uv(options, RUNTIME_LOCK, project, "--constraint", LOCK, every_index=False)
    install.uv(options, install.BOOTSTRAP_LOCK, "-", given="uv\n", every_index=False)
    say("已更新三个锁定文件", "all three lock files are up to date")
    return 0


def _a_week_ago() -> str:
    return (date.today() - timedelta(days=7)).isoformat()  # noqa: DTZ011


COMMANDS = {
    "demo": demo,
    "up": up,
    "test": test,
    "lint": lint,
    "bench": bench,
    "fuzz": fuzz,
    "sizes": sizes,
    "lock": lock,
    "audit": audit,
    "sbom": sbom,
}


def hand_over(*arguments: str) -> int:
    """Replace this process with the Python of `.venv`, which then receives every signal itself.

    `-P` prevents modules in the caller's folder from shadowing the project's.
    """
    install.prepare()
    words = [str(PYTHON), "-P", *arguments]
    if not WINDOWS:
        os.execv(words[0], words)  # noqa: S606
    try:
        return subprocess.call(words)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
