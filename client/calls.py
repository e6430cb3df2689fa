"""HTTP as one login: tokens come by themselves, answers are JSON, lists are walked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx

from client.connection import Call, Connection
from client.credentials import Credentials, TokenKeeper
from client.problems import Problem

PAGE = 1000
_UNAUTHORISED = 401


class Calls:
    """What every call of one login has in common.

    Calls that may be repeated are: reading and replacing (`put`).

    A change takes as `if_match` the ETag of what it is based on: `etag` in lists and of typed
    objects. It is refused, with status 412, where somebody has changed the row meanwhile.
    """

    def __init__(self, connection: Connection, credentials: Credentials | None) -> None:
        self._connection = connection
        self._keeper = TokenKeeper(connection, credentials) if credentials else None

    def token(self) -> str:
        """The access token of this login, fetched when there is none yet.

        Raises:
            Problem: the gateway refuses the credentials.
            ValueError: this client has no credentials.
        """
        if self._keeper is None:
            raise ValueError("this client has no credentials")
        return self._keeper.token()

    def get(self, path: str, **params: Any) -> Any:
        """Read something."""
        return self._send(Call("GET", path, True, body=query(params)))

    def post(
        self, path: str, body: Any = None, *, if_match: str | None = None, repeatable: bool = False
    ) -> Any:
        """Create something, or act on it; sent once unless it is said to be repeatable."""
        return self._send(Call("POST", path, repeatable, _based_on(if_match), as_json(body)))

    def put(self, path: str, body: Any, *, if_match: str | None = None) -> Any:
        """Create or replace something."""
        return self._send(Call("PUT", path, True, _based_on(if_match), as_json(body)))

    def patch(self, path: str, body: Any, *, if_match: str | None = None) -> Any:
        """Change some fields of something."""
        return self._send(Call("PATCH", path, True, _based_on(if_match), as_json(body)))

    def delete(self, path: str, *, if_match: str | None = None) -> Any:
        """Remove something; what it was part of, where the server answers with that."""
        return self._send(Call("DELETE", path, True, _based_on(if_match)))

    def iterate(self, path: str, **filters: Any) -> Iterator[dict[str, Any]]:
        """Every row of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **{"limit": PAGE} | filters, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def count(self, path: str, **filters: Any) -> int:
        """How many rows a list has."""
        return int(self.get(path, **filters, limit=1, total="exact")["total"])

    def _send(self, call: Call) -> Any:
        response = self._authorised(call)
        return response.json() if response.content else None

    def _authorised(self, call: Call) -> httpx.Response:
        """Send with a token; once more with a new one if the server no longer takes it."""
        if self._keeper is None:
            return self._connection.send(call)
        token = self._keeper.token()
        try:
            return self._connection.send(_with_token(call, token))
        except Problem as problem:
            if problem.status != _UNAUTHORISED:
                raise
        self._keeper.refused(token)
        return self._connection.send(_with_token(call, self._keeper.token()))

    @contextmanager
    def _stream(self, call: Call) -> Iterator[httpx.Response]:
        token = self.token() if self._keeper else None
        with self._connection.stream(_with_token(call, token) if token else call) as response:
            yield response


def query(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters that are given; with none, a query that stands in the path is kept."""
    given = {name: value for name, value in params.items() if value is not None}
    return {"params": given} if given else {}


def as_json(body: Any) -> dict[str, Any]:
    """A JSON body, or none."""
    return {} if body is None else {"json": body}


def _based_on(etag: str | None) -> dict[str, str]:
    return {} if etag is None else {"If-Match": etag}


def _with_token(call: Call, token: str) -> Call:
    return replace(call, headers={**call.headers, "Authorization": f"Bearer {token}"})
