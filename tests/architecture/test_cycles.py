"""Folders of the chassis do not import each other in a circle."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import services

ROOT = Path(services.__file__).parent.parent
CHASSIS = "services.chassis"
# Every folder whose sub-folders are packages with an idea of their own.
PARENTS = [CHASSIS, f"{CHASSIS}.imports"]


@pytest.mark.parametrize("parent", PARENTS)
def test_no_two_folders_import_each_other(parent: str) -> None:
    edges = edges_below(parent)
    assert edges, "the folders are where they are looked for"
    circles = sorted(
        f"{one} -> {other}: {edges[one][other]}"
        for one in edges
        for other in edges[one]
        if one in reached_from(edges, other)
    )
    assert circles == []


def edges_below(parent: str) -> dict[str, dict[str, str]]:
    """For each folder of a package the folders it imports, with one module that does."""
    edges: dict[str, dict[str, str]] = defaultdict(dict)
    folder = ROOT.joinpath(*parent.split("."))
    for file in folder.rglob("*.py"):
        if file.name == "env.py":  # a script that Alembic runs; no module imports it
            continue
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        own = folder_of(module, parent)
        for imported in imports_of(file):
            other = folder_of(imported, parent)
            if own and other and own != other:
                edges[own][other] = module
    return edges


def folder_of(module: str, parent: str) -> str | None:
    """The folder directly below `parent` that a module is in."""
    if not module.startswith(f"{parent}."):
        return None
    name, _, rest = module.removeprefix(f"{parent}.").partition(".")
    return name if rest else None


def imports_of(file: Path) -> Iterator[str]:
    """The full names of what a file imports; type checking included."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def reached_from(edges: dict[str, dict[str, str]], start: str) -> set[str]:
    """The folders that a folder imports, directly or not."""
    reached, fresh = {start}, [start]
    while fresh:
        for other in edges.get(fresh.pop(), {}):
            if other not in reached:
                reached.add(other)
                fresh.append(other)
    return reached
