"""No cycle of imports between folders: packages of the chassis, their own, and features."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_SERVICES = ["services/schools", "services/appraisal", "services/accountability", "gateway"]


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").exists()


def _folders() -> list[str]:
    chassis = ROOT / "services" / "chassis"
    nested = [one for one in chassis.iterdir() if _is_package(one)]
    with_packages = [one for one in nested if any(map(_is_package, one.iterdir()))]
    return [
        *_SERVICES,
        "client",
        "services/chassis",
        *(str(one.relative_to(ROOT)) for one in with_packages),
    ]


def _imported(module: Path) -> Iterator[str]:
    """Every name that a module imports, inside functions, too."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{one.name}" for one in node.names)


def imports_between(folder: str) -> dict[str, set[str]]:
    """Which packages of a folder import which others."""
    found: dict[str, set[str]] = defaultdict(set)
    prefix = folder.replace("/", ".") + "."
    for package in filter(_is_package, (ROOT / folder).iterdir()):
        for module in package.rglob("*.py"):
            if module.name == "env.py":  # a script that Alembic runs; no module imports it
                continue
            for name in _imported(module):
                other = name.removeprefix(prefix).partition(".")[0]
                is_inside = name.startswith(prefix) and _is_package(ROOT / folder / other)
                if is_inside and other != package.name:
                    found[package.name].add(other)
    return found


@pytest.mark.parametrize("folder", _folders())
def test_packages_do_not_import_each_other_in_a_circle(folder: str) -> None:
    graph = imports_between(folder)
    try:
        [*TopologicalSorter(graph).static_order()]
    except CycleError as error:
        pytest.fail(f"{folder}: {' -> '.join(error.args[1])}")


def test_imports_are_found() -> None:
    assert "database" in imports_between("services/chassis")["lists"]
    assert "cycles" in imports_between("services/appraisal")["determination"]
