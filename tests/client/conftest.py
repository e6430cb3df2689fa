"""Fixtures of the client tests: a fake platform and a client."""

from collections.abc import Iterator
from functools import partial

import pytest

from client.api import JunhengClient
from client.retry import RetryPolicy
from tests.client.fake import FakePlatform


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def client(platform: FakePlatform) -> Iterator[JunhengClient]:
    with platform.client() as opened:
        yield opened


@pytest.fixture
def no_network(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect the command line to the fake platform, without settings from the environment."""
    opened = partial(
        JunhengClient, transport=platform.transport, retry_policy=RetryPolicy(seconds=0)
    )
    monkeypatch.setattr("client.settings.JunhengClient", opened)
    for name in ("USERNAME", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET", "GATEWAY_URL"):
        monkeypatch.delenv(f"JUNHENG_{name}", raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
