"""Which signing keys a service believes, and for how long."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.chassis.core.errors import Unavailable
from services.chassis.peers.client import SigningKeys
from services.chassis.peers.http_client import HttpClient


class Gateway:
    """Publishes keys, or answers with a fault."""

    def __init__(self) -> None:
        self.kids = ["old"]
        self.status = 200
        self.rubbish: str | None = None
        self.asked = 0

    def answer(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.rubbish is not None:
            return httpx.Response(200, text=self.rubbish)
        return httpx.Response(self.status, json={"keys": [{"kid": kid} for kid in self.kids]})


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
async def keys(gateway: Gateway) -> AsyncIterator[SigningKeys]:
    http = HttpClient("http://gateway", transport=httpx.MockTransport(gateway.answer))
    yield SigningKeys(http)
    await http.close()


async def test_a_key_is_asked_for_once(keys: SigningKeys, gateway: Gateway) -> None:
    assert [await keys.key_of("old") for _ in range(3)] == [{"kid": "old"}] * 3
    assert await keys.key_of("unknown") is None
    assert gateway.asked == 1


async def test_a_retired_key_is_not_believed_for_ever(
    keys: SigningKeys, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await keys.key_of("old")
    gateway.kids = ["new"]
    assert await keys.key_of("old")
    monkeypatch.setattr(keys, "_MAX_AGE", -1.0)
    assert await keys.key_of("old") is None
    assert await keys.key_of("new")


async def test_known_keys_outlast_a_gateway_that_is_down(
    keys: SigningKeys, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await keys.key_of("old")
    monkeypatch.setattr(keys, "_MAX_AGE", -1.0)
    gateway.status = 503
    assert await keys.key_of("old")


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_without_any_key_the_service_is_unavailable(
    keys: SigningKeys, gateway: Gateway, status: int
) -> None:
    gateway.status = status
    with pytest.raises(Unavailable):
        await keys.key_of("old")


@pytest.mark.parametrize("rubbish", ["<html>", "[]", "{}", '{"keys": [1]}', '{"keys": [{}]}'])
async def test_whoever_answers_something_else_does_not_answer(
    keys: SigningKeys, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, rubbish: str
) -> None:
    assert await keys.key_of("old")
    monkeypatch.setattr(keys, "_MAX_AGE", -1.0)
    gateway.rubbish = rubbish
    assert await keys.key_of("old"), "known keys outlast it"
    monkeypatch.setattr(keys, "_MIN_INTERVAL", -1.0)
    with pytest.raises(Unavailable):
        await keys.key_of("new")
