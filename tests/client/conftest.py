"""A fake platform for every test of the client."""

from collections.abc import Iterator

import pytest

from client.api import JunhengClient
from tests.client.fake import FakePlatform


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def client(platform: FakePlatform) -> Iterator[JunhengClient]:
    with platform.client() as opened:
        yield opened
