"""A fake platform for every test of the client."""

from collections.abc import Iterator
from functools import partial

import pytest

from client.api import JunhengClient
from client.patience import Patience
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
    """The command line reaches the fake platform, and is told nothing by its environment."""
    opened = partial(JunhengClient, transport=platform.transport, patience=Patience(seconds=0))
    monkeypatch.setattr("client.settings.JunhengClient", opened)
    for name in ("USERNAME", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET", "GATEWAY_URL"):
        monkeypatch.delenv(f"JUNHENG_{name}", raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
