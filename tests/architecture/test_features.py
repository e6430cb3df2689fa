"""Every feature belongs to its service, and `dev.py test --quick` follows a path through it."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from tests.architecture.processes import PROCESSES, declaration_of

pytestmark = pytest.mark.quick

ROOT = Path(__file__).resolve().parents[2]


def features() -> set[str]:
    """Every folder that declares a feature, as a package."""
    files = [*ROOT.glob("gateway/*/feature.py"), *ROOT.glob("services/*/*/feature.py")]
    names = {".".join(file.parent.relative_to(ROOT).parts) for file in files}
    return names - {"services.chassis.runtime"}  # there the type is defined


def features_with_a_quick_path() -> set[str]:
    """The features that marks of the tests name: `@pytest.mark.quick("services.schools.staff")`."""
    return {
        argument.value
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.quick"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def test_every_feature_belongs_to_its_service() -> None:
    declared = [one for process in PROCESSES for one in declaration_of(process).features]
    found = [import_module(f"{package}.feature").FEATURE for package in sorted(features())]
    assert [one for one in found if not any(one is other for other in declared)] == []


def test_every_feature_has_a_quick_path() -> None:
    assert features() - features_with_a_quick_path() == set()


def test_quick_paths_name_packages_that_exist() -> None:
    named = features_with_a_quick_path()
    assert named
    assert [name for name in sorted(named) if not (ROOT / name.replace(".", "/")).is_dir()] == []
