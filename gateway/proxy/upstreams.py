"""Connections to the services: a pool of kept-alive aiohttp connections.

The pool has no limit of its own, because long requests (slow clients, long polls) would then block
the others; the number of admitted requests limits it.

aiohttp costs a quarter of httpx per request here; it is used in this folder only.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
from yarl import URL

from gateway.proxy.errors import ServiceUnavailable
from services.chassis.core.request_id import HEADER, current_request_id
from services.chassis.http.protocol import MAX_HEAD_BYTES

_UNLIMITED = 0
_CONNECT_SECONDS = 2.0
_QUEUE_SECONDS = 5.0
# Shorter than at the services, so that they are never the first to close a connection.
_KEEP_ALIVE_SECONDS = 30.0
_ASK_SECONDS = 5.0
_OK = 200
# A page's link to the next one repeats its query, percent-encoded.
_LONGEST_HEADER = 4 * MAX_HEAD_BYTES
UNANSWERED = (aiohttp.ClientError, OSError, TimeoutError)


class Upstreams:
    """Addresses of the services by path segment, and a client for all of them."""

    def __init__(self, addresses: Mapping[str, str], silence_seconds: float) -> None:
        self.addresses = {name: address.rstrip("/") for name, address in addresses.items()}
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_UNLIMITED, keepalive_timeout=_KEEP_ALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(
                total=None,
                connect=_QUEUE_SECONDS,
                sock_connect=_CONNECT_SECONDS,
                sock_read=silence_seconds,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_field_size=_LONGEST_HEADER,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self.session.close()

    async def ask(
        self,
        service: str,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: Any = None,
    ) -> Any:
        """The JSON response of a service to a request of the gateway itself.

        Raises:
            ServiceUnavailable: no response in time, or not a success.
        """
        headers = {HEADER: current_request_id.get()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if json is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with (
                asyncio.timeout(_ASK_SECONDS),
                self.session.request(
                    method,
                    URL(self.addresses[service] + path, encoded=True),
                    headers=headers,
                    data=orjson.dumps(json) if json is not None else None,
                ) as response,
            ):
                body = await response.read()
        except UNANSWERED as error:
            raise ServiceUnavailable(service=service) from error
        if response.status != _OK:
            raise ServiceUnavailable(service=service)
        return orjson.loads(body)
