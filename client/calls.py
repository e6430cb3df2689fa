"""HTTP calls of one login: tokens are handled, answers parsed, lists paged through."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx

from client.connection import Call, Connection
from client.credentials import Credentials, TokenCache
from client.problems import Problem

PAGE = 1000
_UNAUTHORISED = 401


class Calls:
    """The calls of one login.

    Every method but `post` is retried during an outage; `post` only with `repeatable=True`.

    A change takes the ETag of the state it is based on as `if_match`: the `etag` in lists and of
    typed objects. The server refuses it with status 412 if the row has changed meanwhile.
    """

    def __init__(self, connection: Connection, credentials: Credentials | None) -> None:
        self._connection = connection
        self._tokens = TokenCache(connection, credentials) if credentials else None

    def token(self) -> str:
        """The access token of this login, requested when there is none yet.

        Raises:
            Problem: the gateway refuses the credentials.
            ValueError: this client has no credentials.
        """
        if self._tokens is None:
            raise ValueError("this client has no credentials")
        return self._tokens.token()

    def get(self, path: str, **params: Any) -> Any:
        """Read a resource."""
        return self._send(Call("GET", path, True, body=query(params)))

    def post(
        self, path: str, body: Any = None, *, if_match: str | None = None, repeatable: bool = False
    ) -> Any:
        """Create a resource or call a verb; not repeated after an outage unless `repeatable`."""
        return self._send(Call("POST", path, repeatable, _based_on(if_match), as_json(body)))

    def put(self, path: str, body: Any, *, if_match: str | None = None) -> Any:
        """Create or replace a resource."""
        return self._send(Call("PUT", path, True, _based_on(if_match), as_json(body)))

    def patch(self, path: str, body: Any, *, if_match: str | None = None) -> Any:
        """Change some fields of a resource."""
        return self._send(Call("PATCH", path, True, _based_on(if_match), as_json(body)))

    def delete(self, path: str, *, if_match: str | None = None) -> Any:
        """Delete a resource. Returns its parent where the server answers with it."""
        return self._send(Call("DELETE", path, True, _based_on(if_match)))

    def iterate(self, path: str, **filters: Any) -> Iterator[dict[str, Any]]:
        """Every row of a list, fetched page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **{"limit": PAGE} | filters, cursor=cursor)
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def count(self, path: str, **filters: Any) -> int:
        """The number of rows in a list."""
        return int(self.get(path, **filters, limit=1, total="exact")["total"])

    def _send(self, call: Call) -> Any:
        response = self._authorised(call)
        return response.json() if response.content else None

    def _authorised(self, call: Call) -> httpx.Response:
        """Send with a token; retry once with a new one if the server refuses it."""
        if self._tokens is None:
            return self._connection.send(call)
        token = self._tokens.token()
        try:
            return self._connection.send(_with_token(call, token))
        except Problem as problem:
            if problem.status != _UNAUTHORISED:
                raise
        self._tokens.discard(token)
        return self._connection.send(_with_token(call, self._tokens.token()))

    @contextmanager
    def _stream(self, call: Call) -> Iterator[httpx.Response]:
        token = self.token() if self._tokens else None
        with self._connection.stream(_with_token(call, token) if token else call) as response:
            yield response


def query(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters that are not None; without any, a query string in the path is kept."""
    given = {name: value for name, value in params.items() if value is not None}
    return {"params": given} if given else {}


def as_json(body: Any) -> dict[str, Any]:
    """The JSON body for httpx, empty for None."""
    return {} if body is None else {"json": body}


def _based_on(etag: str | None) -> dict[str, str]:
    return {} if etag is None else {"If-Match": etag}


def _with_token(call: Call, token: str) -> Call:
    return replace(call, headers={**call.headers, "Authorization": f"Bearer {token}"})
