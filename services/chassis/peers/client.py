"""How a service reaches the others: through the gateway, with its own service account."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import structlog

from services.chassis.core.errors import Unavailable
from services.chassis.core.resources import resource
from services.chassis.peers.http_client import HttpClient

log = structlog.get_logger()


class SigningKeys:
    """The gateway's public signing keys, fetched when an unknown `kid` appears, and now and then.

    Now and then, because a key that the gateway has retired must not be believed for ever.
    """

    _MIN_INTERVAL = 2.0
    _MAX_AGE = 300.0

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._keys: dict[str, dict[str, Any]] = {}
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def key_of(self, kid: str) -> dict[str, Any] | None:
        """The public key `kid`; None when the gateway does not know it either.

        Raises:
            Unavailable: the gateway does not answer, and the key was never seen.
        """
        if self._is_due(kid):
            async with self._asking:
                if self._is_due(kid):
                    await self._ask(kid)
        return self._keys.get(kid)

    def _is_due(self, kid: str) -> bool:
        patience = self._MAX_AGE if kid in self._keys else self._MIN_INTERVAL
        return time.monotonic() - self._asked_at > patience

    async def _ask(self, kid: str) -> None:
        try:
            response = await self._http.request("GET", "/.well-known/jwks.json")
            if response.status_code != httpx.codes.OK:
                raise Unavailable
            self._keys = _keys_in(response)
        except Unavailable:
            if kid not in self._keys:
                raise
            log.warning("signing keys not fetched again: the gateway does not answer")
        self._asked_at = time.monotonic()


def _keys_in(response: httpx.Response) -> dict[str, dict[str, Any]]:
    """The published keys by name.

    Raises:
        Unavailable: it is something else that answers.
    """
    try:
        return {key["kid"]: key for key in response.json()["keys"]}
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable from error


class PlatformClient:
    """Calls other services through the gateway as `service-<name>`.

    A token is kept until most of its life is over. One that is refused before (the signing key
    was replaced, say) is forgotten, and the call made once more with a new one: a 401 means that
    nothing was done.
    """

    def __init__(self, http: HttpClient, client_id: str, client_secret: str) -> None:
        self._http = http
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._tokens: dict[str, tuple[str, float]] = {}

    async def request(self, bureau: str, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """Send one request on `bureau`'s data.

        Args:
            bureau: the division code that the token is bound to.
            method: GET, HEAD, PUT and DELETE are tried again when the server does not answer.
            path: as seen at the gateway, `/schools/v1/…`.
            kwargs: as for httpx: `params`, `json`, `headers`, …

        Raises:
            Unavailable: no answer, or no token to be had.
        """
        response = await self._http.request(method, path, **await self._signed(bureau, kwargs))
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._tokens.pop(bureau, None)
            response = await self._http.request(method, path, **await self._signed(bureau, kwargs))
        return response

    @asynccontextmanager
    async def stream(self, bureau: str, path: str, **kwargs: Any) -> AsyncIterator[httpx.Response]:
        """GET a body of `bureau`'s that is too large to hold.

        Raises:
            Unavailable: no answer, or no token to be had.
        """
        signed = await self._signed(bureau, kwargs)
        async with self._http.stream(path, **signed) as response:
            if response.status_code != httpx.codes.UNAUTHORIZED:
                yield response
                return
        self._tokens.pop(bureau, None)
        async with self._http.stream(path, **await self._signed(bureau, kwargs)) as response:
            yield response

    async def _signed(self, bureau: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {await self._token(bureau)}"}
        return kwargs | {"headers": headers | kwargs.get("headers", {})}

    async def _token(self, bureau: str) -> str:
        token, expires_at = self._tokens.get(bureau, ("", 0.0))
        if time.monotonic() > expires_at:
            token, lifetime = await self._new_token(bureau)
            self._tokens[bureau] = token, time.monotonic() + lifetime * 0.8
        return token

    async def _new_token(self, bureau: str) -> tuple[str, float]:
        form = {"grant_type": "client_credentials", "bureau": bureau} | self._credentials
        response = await self._http.request("POST", "/oauth/token", data=form)
        if response.status_code != httpx.codes.OK:
            raise Unavailable(retry_after=5)
        try:
            answer = response.json()
            return answer["access_token"], float(answer["expires_in"])
        except (ValueError, KeyError, TypeError):
            # Not its words: they may hold a token.
            raise Unavailable(retry_after=5) from None


ThePlatform = Annotated[PlatformClient, resource(PlatformClient)]
