"""Credentials of a person or an API client, and their access tokens."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from client.connection import Call, Connection
from client.problems import Problem

_BAD_REQUEST, _UNAUTHORISED = 400, 401
# Tokens are renewed this long before they expire, so that none expires during a request.
_MARGIN_SECONDS = 60.0


class Credentials(Protocol):
    """Credentials with which a token can be requested from the gateway."""

    def ask(self, connection: Connection) -> dict[str, Any]:
        """Request a token. Returns the gateway's answer."""
        ...


@dataclass(frozen=True)
class PasswordLogin:
    """User name and password of an account."""

    username: str
    password: str = field(repr=False)

    def ask(self, connection: Connection) -> dict[str, Any]:
        """Log in."""
        body = {"username": self.username, "password": self.password}
        return _answer(connection, "/v1/login", json=body)


@dataclass(frozen=True)
class ClientSecret:
    """Id and secret of an API client (`client_credentials`)."""

    client_id: str
    client_secret: str = field(repr=False)

    def ask(self, connection: Connection) -> dict[str, Any]:
        """Request a client token."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        return _answer(connection, "/oauth/token", data=form)


class TokenCache:
    """The access token of one login, renewed before it expires. Thread-safe."""

    def __init__(self, connection: Connection, credentials: Credentials) -> None:
        self._connection, self._credentials = connection, credentials
        self._lock = threading.Lock()
        self._access, self._refresh, self._renew_at = "", "", 0.0

    def token(self) -> str:
        """A token that is not about to expire."""
        with self._lock:
            if time.monotonic() >= self._renew_at:
                self._renew()
            return self._access

    def discard(self, token: str) -> None:
        """Drop a token thon the server refused; the next call requests a new one."""
        with self._lock:
            if token == self._access:
                self._renew_at = 0.0

    def _renew(self) -> None:
        asked_at = time.monotonic()
        answer = self._refreshed() if self._refresh else None
        if answer is None:
            answer = self._credentials.ask(self._connection)
        self._access = str(answer["access_token"])
        self._refresh = str(answer.get("refresh_token") or "")
        seconds = float(answer.get("expires_in", 0))
        self._renew_at = asked_at + max(seconds - _MARGIN_SECONDS, seconds / 2)

    def _refreshed(self) -> dict[str, Any] | None:
        """The answer to the refresh token, None if that is no longer valid either."""
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh}
        try:
            return _answer(self._connection, "/oauth/token", data=form)
        except Problem as problem:
            if problem.status in (_BAD_REQUEST, _UNAUTHORISED):
                return None
            raise


def _answer(connection: Connection, path: str, **body: Any) -> dict[str, Any]:
    # Safe to repeat: at worst a token is issued and never used. A refresh token that is sent again
    # within seconds gets the same response; after that, the login is repeated.
    answer: dict[str, Any] = connection.send(Call("POST", path, True, body=body)).json()
    return answer
