"""Sizes of files and functions: median, 95th percentile and the longest, against the limits."""

import argparse
import ast
import json
import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Migrations are written once and never read again; the tests are counted by themselves.
APPLICATION = ("client", "deploy", "gateway", "services", "tools")
TESTS = ("tests",)
_SHOWN = 5


@dataclass(frozen=True)
class Limits:
    """The most lines that the 95th percentile and the longest may have."""

    p95: int
    longest: int


FILES = Limits(p95=200, longest=400)
FUNCTIONS = Limits(p95=25, longest=60)


@dataclass(frozen=True)
class Sizes:
    """Lines of many files or functions."""

    count: int
    median: int
    p95: int
    longest: int
    longest_names: tuple[str, ...]

    def within(self, limits: Limits) -> bool:
        """Whether both limits hold."""
        return self.p95 <= limits.p95 and self.longest <= limits.longest


def sources(folders: Iterable[str], root: Path = ROOT) -> list[Path]:
    """Return the Python files of the folders that are not empty, without migrations."""
    return [
        file
        for folder in folders
        for file in sorted((root / folder).rglob("*.py"))
        if "migrations" not in file.parts and file.stat().st_size
    ]


def file_sizes(folders: Iterable[str], root: Path = ROOT) -> Sizes:
    """Return the sizes of the files of the folders."""
    return _sizes(
        (len(file.read_text("utf-8").splitlines()), str(file.relative_to(root)))
        for file in sources(folders, root)
    )


def function_sizes(folders: Iterable[str], root: Path = ROOT) -> Sizes:
    """Return the sizes of the functions of the folders, methods and inner ones included."""
    return _sizes(
        (lines, f"{file.relative_to(root)}:{line} {name}")
        for file in sources(folders, root)
        for lines, line, name in _functions(ast.parse(file.read_bytes()))
    )


def _functions(tree: ast.AST) -> Iterator[tuple[int, int, str]]:
    """Lines, first line and name of each function; decorators do not count."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1, node.lineno, node.name


def _sizes(measured: Iterable[tuple[int, str]]) -> Sizes:
    ordered = sorted(measured)
    lines = [size for size, _ in ordered]
    return Sizes(
        count=len(lines),
        median=_percentile(lines, 0.5),
        p95=_percentile(lines, 0.95),
        longest=lines[-1],
        longest_names=tuple(f"{name} ({size})" for size, name in ordered[: -_SHOWN - 1 : -1]),
    )


def _percentile(ordered: list[int], share: float) -> int:
    """Return the smallest value that at least this share of all values does not exceed."""
    return ordered[math.ceil(share * len(ordered)) - 1]


def main() -> int:
    """Print the sizes; the status is 1 when the application exceeds a limit."""
    parser = argparse.ArgumentParser(prog="dev.py sizes", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    as_json = parser.parse_args().json
    found = {
        "application files": (file_sizes(APPLICATION), FILES),
        "application functions": (function_sizes(APPLICATION), FUNCTIONS),
        "test files": (file_sizes(TESTS), None),
        "test functions": (function_sizes(TESTS), None),
    }
    if as_json:
        print(json.dumps({name: asdict(sizes) for name, (sizes, _) in found.items()}, indent=1))
    else:
        _print_table(found)
    exceeded = any(limits and not sizes.within(limits) for sizes, limits in found.values())
    return 1 if exceeded else 0


def _print_table(found: dict[str, tuple[Sizes, Limits | None]]) -> None:
    print(f"{'lines of':<24}{'count':>7}{'median':>8}{'p95':>6}{'longest':>9}   limits")
    for name, (sizes, limits) in found.items():
        bar = f"p95 {limits.p95}, longest {limits.longest}" if limits else ""
        verdict = "" if limits is None or sizes.within(limits) else "  exceeded"
        print(
            f"{name:<24}{sizes.count:>7}{sizes.median:>8}{sizes.p95:>6}{sizes.longest:>9}"
            f"   {bar}{verdict}"
        )
    for name, (sizes, _) in found.items():
        print(f"\nlongest {name}:", *sizes.longest_names, sep="\n  ")


if __name__ == "__main__":
    sys.exit(main())
