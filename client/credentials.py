"""Who calls: a person's login or an API client, and the access tokens they get."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from client.connection import Call, Connection
from client.problems import Problem

_BAD_REQUEST, _UNAUTHORISED = 400, 401
# Renew so long before the end that no request starts with a token that ends on its way.
_MARGIN_SECONDS = 60.0


class Credentials(Protocol):
    """Something that can ask the gateway for a token."""

    def ask(self, connection: Connection) -> dict[str, Any]:
        """The gateway's token answer."""
        ...


@dataclass(frozen=True)
class PasswordLogin:
    """An account's login name and password."""

    username: str
    password: str = field(repr=False)

    def ask(self, connection: Connection) -> dict[str, Any]:
        """Log in."""
        body = {"username": self.username, "password": self.password}
        return _answer(connection, "/v1/login", json=body)


@dataclass(frozen=True)
class ClientSecret:
    """An API client's id and secret (`client_credentials`)."""

    client_id: str
    client_secret: str = field(repr=False)

    def ask(self, connection: Connection) -> dict[str, Any]:
        """Ask for a client token."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        return _answer(connection, "/oauth/token", data=form)


class TokenKeeper:
    """Keeps one login's access token fresh; safe to share among threads."""

    def __init__(self, connection: Connection, credentials: Credentials) -> None:
        self._connection, self._credentials = connection, credentials
        self._lock = threading.Lock()
        self._access, self._refresh, self._renew_at = "", "", 0.0

    def token(self) -> str:
        """A token that will hold for a while."""
        with self._lock:
            if time.monotonic() >= self._renew_at:
                self._renew()
            return self._access

    def refused(self, token: str) -> None:
        """The server no longer takes `token`: the next one is new."""
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
        """The answer to the refresh token, or None when that has ended too."""
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh}
        try:
            return _answer(self._connection, "/oauth/token", data=form)
        except Problem as problem:
            if problem.status in (_BAD_REQUEST, _UNAUTHORISED):
                return None
            raise


def _answer(connection: Connection, path: str, **body: Any) -> dict[str, Any]:
    # Repeating it does no harm: at worst a token is made that nobody uses. A refresh token that is
    # sent again within seconds gets the same answer, and later the login is asked anew.
    answer: dict[str, Any] = connection.send(Call("POST", path, True, body=body)).json()
    return answer
