"""The typed HTTP client for people who script: one `JunhengClient` per login.

with JunhengClient("http://127.0.0.1:8700", PasswordLogin("admin", "…")) as client:
    report = client.import_file("/schools/v1/schools:import", Path("schools.csv"))
    for school in client.iterate("/schools/v1/schools", status="active"):
        print(school["name"])
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self

import httpx

from client.connection import Call, Connection
from client.credentials import Credentials, TokenKeeper
from client.models import ImportReport
from client.patience import Patience
from client.problems import JunhengError, Problem, Unreachable
from client.text import Language

Form = Literal["csv", "ndjson"]
PAGE = 1000
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
}
_UNAUTHORISED = 401

__all__ = ["JunhengClient", "JunhengError", "Problem", "Unreachable"]


class JunhengClient:
    """The platform as one login sees it.

    Tokens are fetched and renewed by themselves. Calls that may be repeated are: reading,
    replacing (`put`) and importing, which goes by natural keys. Safe to share among threads.

    A change takes as `if_match` the ETag of what it is based on: `etag` in lists and of typed
    objects. It is refused, with status 412, where somebody has changed the row meanwhile.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | None = None,
        *,
        language: Language = "zh-CN",
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare a client; the login happens with the first call.

        Args:
            base_url: the gateway's address.
            credentials: who calls; without them only public routes answer.
            language: of the server's messages.
            patience: how long to go on trying during an outage.
            transport: replaces the network in tests.

        Raises:
            ValueError: `base_url` is not an http address.
        """
        self._connection = Connection(
            base_url, language=language, patience=patience, transport=transport
        )
        self._keeper = TokenKeeper(self._connection, credentials) if credentials else None

    def acting_as(self, credentials: Credentials) -> "JunhengClient":
        """Another login over the same connections; closing one closes both."""
        other = object.__new__(JunhengClient)
        other._connection = self._connection
        other._keeper = TokenKeeper(self._connection, credentials)
        return other

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

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
        return self._send("GET", path, repeatable=True, **_query(params))

    def post(
        self, path: str, body: Any = None, *, if_match: str | None = None, repeatable: bool = False
    ) -> Any:
        """Create something, or act on it; sent once unless it is said to be repeatable."""
        return self._send("POST", path, repeatable=repeatable, if_match=if_match, **_json(body))

    def put(self, path: str, body: Any, *, if_match: str | None = None) -> Any:
        """Create or replace something."""
        return self._send("PUT", path, repeatable=True, if_match=if_match, **_json(body))

    def patch(self, path: str, body: Any, *, if_match: str | None = None) -> Any:
        """Change some fields of something."""
        return self._send("PATCH", path, repeatable=True, if_match=if_match, **_json(body))

    def delete(self, path: str, *, if_match: str | None = None) -> Any:
        """Remove something; what it was part of, where the server answers with that."""
        return self._send("DELETE", path, repeatable=True, if_match=if_match)

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

    def export(self, path: str, file: Path, *, form: Form = "csv", **filters: Any) -> int:
        """Stream every row of a list into a file; returns its size.

        The file appears when it is complete, so that half an export is never taken for one.
        """
        unfinished = file.with_name(file.name + ".part")
        try:
            with unfinished.open("wb") as output:
                size = self.export_to(path, output, form=form, **filters)
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
        return size

    def export_to(self, path: str, output: BinaryIO, *, form: Form = "csv", **filters: Any) -> int:
        """Stream every row of a list into an open file or pipe; returns the size."""
        size = 0
        call = Call("GET", path, True, body=_query(filters | {"format": form}))
        with self._stream(call) as response:
            for chunk in response.iter_bytes():
                size += output.write(chunk)
        return size

    def import_file(self, path: str, file: Path) -> ImportReport:
        """Import a CSV or NDJSON file: every row of it, or none and a `Problem` with all faults.

        Raises:
            ValueError: the file's name ends in neither `.csv`, `.ndjson` nor `.jsonl`.
        """
        media_type = MEDIA_TYPES.get(file.suffix.lower())
        if media_type is None:
            raise ValueError(f"{file.name}: {', '.join(MEDIA_TYPES)}")
        call = Call("POST", path, True, headers={"Content-Type": media_type}, file=file)
        return ImportReport.model_validate(self._authorised(call).json())

    def import_bytes(
        self, path: str, content: bytes, media_type: str = MEDIA_TYPES[".csv"]
    ) -> ImportReport:
        """As `import_file`, for a file that is in memory."""
        headers, body = {"Content-Type": media_type}, {"content": content}
        call = Call("POST", path, True, headers=headers, body=body)
        return ImportReport.model_validate(self._authorised(call).json())

    def _send(
        self, method: str, path: str, *, repeatable: bool, if_match: str | None = None, **body: Any
    ) -> Any:
        headers = {} if if_match is None else {"If-Match": if_match}
        response = self._authorised(Call(method, path, repeatable, headers, body))
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


def _with_token(call: Call, token: str) -> Call:
    headers = {**call.headers, "Authorization": f"Bearer {token}"}
    return Call(call.method, call.path, call.repeatable, headers, call.body, call.file)


def _query(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters that are given; with none, a query that stands in the path is kept."""
    given = {name: value for name, value in params.items() if value is not None}
    return {"params": given} if given else {}


def _json(body: Any) -> dict[str, Any]:
    return {} if body is None else {"json": body}
