"""How a service reaches the others: through the gateway, with its own service account."""

import time
from typing import Any

import httpx

from services.chassis.errors import Unavailable
from services.chassis.http import HttpClient


class SigningKeys:
    """The gateway's public signing keys, fetched when an unknown `kid` appears."""

    _MIN_INTERVAL = 2.0

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._keys: dict[str, dict[str, Any]] = {}
        self._fetched_at = float("-inf")

    async def key_of(self, kid: str) -> dict[str, Any] | None:
        """The public key `kid`; None when the gateway does not know it either."""
        if kid not in self._keys and time.monotonic() - self._fetched_at > self._MIN_INTERVAL:
            response = await self._http.request("GET", "/.well-known/jwks.json")
            response.raise_for_status()
            self._keys = {key["kid"]: key for key in response.json()["keys"]}
            self._fetched_at = time.monotonic()
        return self._keys.get(kid)


class PlatformClient:
    """Calls other services through the gateway as `service-<name>`."""

    def __init__(self, http: HttpClient, client_id: str, client_secret: str) -> None:
        self.http = http
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._tokens: dict[str | None, tuple[str, float]] = {}

    async def headers(self, bureau: str) -> dict[str, str]:
        """An `Authorization` header good for work on `bureau`'s data.

        Raises:
            Unavailable: the gateway refuses to give a token.
        """
        token, expires_at = self._tokens.get(bureau, ("", 0.0))
        if time.monotonic() > expires_at:
            token, lifetime = await self._new_token(bureau)
            self._tokens[bureau] = token, time.monotonic() + lifetime * 0.8
        return {"Authorization": f"Bearer {token}"}

    def forget_token(self, bureau: str) -> None:
        """Ask for a new token next time: a server has refused the present one."""
        self._tokens.pop(bureau, None)

    async def _new_token(self, bureau: str) -> tuple[str, float]:
        form = {"grant_type": "client_credentials", "bureau": bureau} | self._credentials
        response = await self.http.request("POST", "/oauth/token", data=form)
        if response.status_code != httpx.codes.OK:
            raise Unavailable(retry_after=5)
        answer = response.json()
        return answer["access_token"], float(answer["expires_in"])
