"""`dev.py bench NAME [--rows N] [--quick] [--json]`: run the benchmark `tests/bench/NAME.py`.

A benchmark is a module with a function `run() -> Report`, which may take the number of rows, and
with `QUICK`: the values of its constants for a run of at most three minutes, and of `rows`.
Standard output carries the tables or the JSON object only; the exit status is 1 when a check
does not hold.
"""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from tests.bench.report import Report

NOT_BENCHMARKS = {"__init__", "__main__", "report"}


def benchmarks() -> list[str]:
    """The names of all benchmarks."""
    names = {file.stem for file in Path(__file__).parent.glob("*.py")} - NOT_BENCHMARKS
    return sorted(name for name in names if not name.startswith("_"))


def main(arguments: list[str]) -> int:
    """Run one benchmark and show what it found."""
    parser = argparse.ArgumentParser(prog="dev.py bench")
    parser.add_argument("name", choices=benchmarks())
    parser.add_argument("--json", action="store_true", help="一个 JSON 对象 / one JSON object")
    parser.add_argument("--rows", type=int, help="行数 / how many rows, where there is a choice")
    parser.add_argument("--quick", action="store_true", help="三分钟以内 / within three minutes")
    chosen = parser.parse_args(arguments)
    module = import_module(f"tests.bench.{chosen.name}")
    options = {"rows": chosen.rows} if chosen.rows else {}
    if chosen.quick:
        options = _made_quick(module) | options
    report: Report = module.run(**options)
    if chosen.json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        report.print()
    return 0 if all(check.holds for check in report.checks) else 1


def _made_quick(module: ModuleType) -> dict[str, int]:
    """Give the constants of a benchmark their values for a quick run; the arguments of `run`."""
    options = {}
    for name, value in module.QUICK.items():
        if name == "rows":
            options[name] = value
        else:
            setattr(module, name, value)
    return options


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
