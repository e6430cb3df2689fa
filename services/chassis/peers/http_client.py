"""The one outbound HTTP client: timeouts, retries on idempotent calls, a circuit breaker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx
import stamina
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from services.chassis.core.errors import Unavailable
from services.chassis.core.request_id import HEADER, current_request_id
from services.chassis.core.tracing import trace_headers

_RETRIED_STATUS = frozenset({502, 503, 504})
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})


class UpstreamUnavailable(Unavailable):
    """Another service did not answer in time."""

    code = "platform.upstream_unavailable"


def _context() -> dict[str, str]:
    """Headers that identify the origin of a call."""
    return {HEADER: current_request_id.get()} | trace_headers()


@cache
def _trusted() -> SSLContext:
    """The certificates that are trusted; once for a process, as reading them takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


class _Passing(Exception):
    """An answer or fault that is worth another try."""


class HttpClient:
    """Calls one other server; every service has one per server it talks to.

    The breaker is per service behind that server (the first segment of the path): that one of
    them is down does not keep the others, or the gateway's own tokens, from being reached.
    """

    def __init__(
        self,
        base_url: str,
        *,
        attempts: int = 3,
        timeout: float = 15.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            transport=transport,
            verify=_trusted(),
            timeout=httpx.Timeout(timeout, connect=2.0),
            limits=httpx.Limits(max_connections=20),
            trust_env=False,
        )
        self._attempts = attempts
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=5, default_ttl=5)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """Send one request; idempotent ones are retried with jitter.

        Raises:
            UpstreamUnavailable: no answer, 5xx after all tries, or the breaker is open.
        """
        headers = _context() | kwargs.pop("headers", {})
        attempts = self._attempts if method in _IDEMPOTENT else 1
        try:
            async for attempt in stamina.retry_context(
                on=_Passing, attempts=attempts, wait_initial=0.1, wait_max=2.0, timeout=None
            ):
                with attempt:
                    response = await self._send(method, path, headers=headers, **kwargs)
        except (_Passing, OpenedState) as error:
            raise UpstreamUnavailable from error
        return response

    async def _send(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        breaker = await self._breakers.get_breaker(path.split("/", 2)[1])
        async with breaker:
            try:
                response = await self._client.request(method, path, **kwargs)
            # Also a body that cannot be decompressed.
            except httpx.RequestError as error:
                raise _Passing(str(error)) from error
            if response.status_code in _RETRIED_STATUS:
                raise _Passing(f"status {response.status_code}")
        return response

    @asynccontextmanager
    async def stream(self, path: str, **kwargs: Any) -> AsyncIterator[httpx.Response]:
        """GET a body too large to hold; the caller reads it line by line.

        Raises:
            UpstreamUnavailable: the server cannot be reached or is unable to answer.
        """
        headers = _context() | kwargs.pop("headers", {})
        try:
            async with self._client.stream("GET", path, headers=headers, **kwargs) as response:
                if response.status_code in _RETRIED_STATUS:
                    raise UpstreamUnavailable
                yield response
        except httpx.TransportError as error:
            raise UpstreamUnavailable from error
