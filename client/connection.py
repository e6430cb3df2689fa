"""Connection pool to a gateway: sends requests, retries them and raises problems."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from client.problems import Problem, Unreachable
from client.retry import RetryPolicy, is_retryable
from client.text import Language

_TIMEOUT = httpx.Timeout(120.0, connect=5.0)
_LIMITS = httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=30.0)
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_CLIENT_ERROR = 400


@dataclass(frozen=True)
class Call:
    """One request, which may be sent several times.

    Attributes:
        method: HTTP method.
        path: path below the gateway's address.
        repeatable: whether it can safely be sent twice.
        headers: headers of this request.
        body: `json`, `data` or `params` as passed to httpx.
        content: function that produces a streamed body, called for each attempt.
        key: Idempotency-Key of all attempts: the server acts once and gives each the same answer.
    """

    method: str
    path: str
    repeatable: bool
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    content: Callable[[], Iterator[bytes]] | None = None
    key: str = field(default_factory=lambda: uuid4().hex)


class Connection:
    """HTTP connections to one gateway, shared by any number of logins and threads."""

    def __init__(
        self,
        base_url: str,
        *,
        language: Language = "zh-CN",
        retry_policy: RetryPolicy | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Create the pool; nothing is sent yet.

        Raises:
            ValueError: `base_url` is not an HTTP address.
        """
        self.base_url = base_url.rstrip("/")
        self.retry_policy = retry_policy or RetryPolicy()
        self.sleep = time.sleep
        self._has_answered = False
        url = urlsplit(self.base_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(f"not an HTTP address: {base_url!r}")
        self._http = httpx.Client(
            base_url=self.base_url,
            headers={"Accept-Language": language, "User-Agent": "junheng-client"},
            timeout=_TIMEOUT,
            limits=_LIMITS,
            transport=transport,
            # A proxy from the environment must not be used for this machine.
            trust_env=url.hostname not in _LOOPBACK,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call) -> httpx.Response:
        """Send a request and read its complete answer.

        Raises:
            Problem: the server answered with a status of 400 or above.
            Unreachable: no answer arrived.
        """
        return self._try(call, stream=False)

    @contextmanager
    def stream(self, call: Call) -> Iterator[httpx.Response]:
        """Like `send`, but the body of the answer is read in chunks by the caller."""
        response = self._try(call, stream=True)
        try:
            yield response
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        finally:
            response.close()

    def _try(self, call: Call, *, stream: bool) -> httpx.Response:
        backoff = self.retry_policy.begin()
        while True:
            retry_after: float | None = None
            try:
                response = self._exchange(call, stream=stream)
            except httpx.TransportError as error:
                failure: Problem | Unreachable = self._unreachable(error)
                again = self._may_repeat(error, repeatable=call.repeatable)
            else:
                self._has_answered = True
                if response.status_code < _CLIENT_ERROR:
                    return response
                failure = Problem.of(response)
                again = is_retryable(response, repeatable=call.repeatable)
                retry_after = failure.retry_after
            if not again or not backoff.wait(retry_after, self.sleep):
                raise failure

    def _exchange(self, call: Call, *, stream: bool) -> httpx.Response:
        headers, body = dict(call.headers), dict(call.body)
        if call.content:
            body["content"] = call.content()
        if call.method == "POST":
            headers["Idempotency-Key"] = call.key
        request = self._http.build_request(call.method, call.path, headers=headers, **body)
        response = self._http.send(request, stream=stream)
        if stream and response.status_code >= _CLIENT_ERROR:
            response.read()
        return response

    def _may_repeat(self, error: httpx.TransportError, *, repeatable: bool) -> bool:
        """Whether to retry after a transport error.

        A refused connection has carried no request. If it is refused before the server has ever
        answered, the address is probably wrong: that is reported at once.
        """
        never_connected = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        return self._has_answered and (never_connected or repeatable)

    def _unreachable(self, error: httpx.TransportError) -> Unreachable:
        return Unreachable(self.base_url, str(error) or type(error).__name__)
