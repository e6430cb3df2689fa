"""Imports of the fake platform, and a file."""

from pathlib import Path

import pytest

from tests.client.fake import FakePlatform
from tests.client.fake_imports import FakeImports


@pytest.fixture
def imports(platform: FakePlatform) -> FakeImports:
    """Imports of the school registry."""
    return FakeImports(platform)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of 600 kB, sent in three chunks."""
    made = tmp_path / "staff.csv"
    made.write_bytes(b"staff_no\n" + b"T000001\n" * 75_000)
    return made
