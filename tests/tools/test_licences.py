from email.message import Message
from importlib.metadata import PackageMetadata
from typing import cast

import pytest

from tools import licences
from tools.locked import LOCK, RUNTIME_LOCK, read_lock

pytestmark = pytest.mark.quick


def metadata(**fields: str) -> PackageMetadata:
    """Metadata of a package with these fields."""
    message = Message()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    return cast("PackageMetadata", message)


def test_every_locked_dependency_has_an_accepted_licence() -> None:
    packages = read_lock(LOCK)
    assert len(packages) > 100
    assert licences.faults(packages) == []


def test_what_is_delivered_needs_no_exception() -> None:
    delivered = {package.name for package in read_lock(RUNTIME_LOCK)}
    assert delivered.isdisjoint(licences.EXCEPTIONS)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"License_Expression": "MIT", "License": "GPL-3.0"}, "MIT"),
        ({"License": "Apache License\n   Version 2.0"}, "Apache-2.0"),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        ({"License": "ask us", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        ({"License": "ask us"}, None),
        ({}, None),
    ],
)
def test_a_licence_is_read_from_the_metadata(fields: dict[str, str], expected: str | None) -> None:
    assert licences.licence_of(metadata(**fields)) == expected


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [
        ("MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("AGPL-3.0-or-later", False),
        ("License :: OSI Approved :: BSD License", False),
        ("no licence at all", False),
    ],
)
def test_an_expression_holds_with_accepted_licences_alone(expression: str, accepted: bool) -> None:
    assert licences.is_accepted(expression) is accepted


def test_an_exception_that_is_no_longer_needed_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    without = ["fastapi:", *licences.EXCEPTIONS]
    monkeypatch.setattr(licences, "EXCEPTIONS", {"fastapi": "once it was different"})
    faults = licences.faults(read_lock(LOCK))
    assert [fault.split(" ")[0] for fault in faults] == without
