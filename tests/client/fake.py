"""A fake platform with prepared answers."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx

from client.api import JunhengClient
from client.credentials import PasswordLogin
from client.retry import RetryPolicy
from client.text import Language

ADDRESS = "http://127.0.0.1:8700"
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def problem(status: int, code: str = "test.refused", **body: Any) -> httpx.Response:
    """A problem answer of the platform; `retry_after` becomes the header."""
    headers = {"content-type": "application/problem+json"}
    if (seconds := body.pop("retry_after", None)) is not None:
        headers["Retry-After"] = str(seconds)
    stated = {"title": "Refused", "status": status, "detail": "Because.", "code": code}
    return httpx.Response(
        status, json=stated | {"request_id": "r-1", "errors": []} | body, headers=headers
    )


def answer(body: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


class FakePlatform:
    """Gives the answers of each route in turn and repeats the last one.

    Attributes:
        requests: all requests except logins.
        logins: bodies received by the two token routes.
        waits: delays of the client in seconds.
    """

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.logins: list[dict[str, str]] = []
        self.waits: list[float] = []
        self.expires_in = 1800
        self._routes: dict[tuple[str, str], list[Answer]] = {}

    def on(self, method: str, path: str, *answers: Answer) -> None:
        self._routes[method, path] = list(answers)

    def answers(self, method: str, path: str) -> list[Answer]:
        """The remaining answers of a route."""
        return self._routes[method, path]

    def client(
        self, retry_policy: RetryPolicy | None = None, language: Language = "en"
    ) -> JunhengClient:
        client = JunhengClient(
            ADDRESS,
            PasswordLogin("li.na", "correct horse"),
            language=language,
            retry_policy=retry_policy,
            transport=self.transport,
        )
        client._connection.sleep = self.waits.append  # type: ignore[assignment]
        return client

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._handle)

    def sent(self, method: str, path: str) -> list[httpx.Request]:
        return [one for one in self.requests if (one.method, one.url.path) == (method, path)]

    def bodies(self, method: str, path: str) -> list[Any]:
        return [json.loads(request.content) for request in self.sent(method, path)]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        route = request.method, request.url.path
        if route in (("POST", "/v1/login"), ("POST", "/oauth/token")) and route not in self._routes:
            return self._token(request)
        if route[1] not in ("/v1/login", "/oauth/token"):
            self.requests.append(request)
        answers = self._routes.get(route)
        if answers is None:
            return problem(404, "platform.not_found")
        chosen = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(chosen, Exception):
            raise chosen
        if isinstance(chosen, httpx.Response):
            return httpx.Response(
                chosen.status_code, headers=chosen.headers, content=chosen.content
            )
        return chosen(request)

    def _token(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/login":
            self.logins.append(json.loads(request.content))
        else:
            self.logins.append(dict(httpx.QueryParams(request.content.decode())))
        number = len(self.logins)
        return answer(
            {
                "access_token": f"token-{number}",
                "token_type": "Bearer",
                "expires_in": self.expires_in,
                "refresh_token": f"refresh-{number}",
                "scope": "",
            }
        )


def page(rows: Iterable[dict[str, Any]], next_cursor: str | None = None) -> httpx.Response:
    return answer({"data": list(rows), "next_cursor": next_cursor})
