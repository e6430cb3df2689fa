"""The gateway as the registry sees it: a token, and what the other services hold of a person."""

from typing import Any

import httpx

from services.chassis.peers.client import PlatformClient
from services.chassis.peers.http_client import HttpClient

PATHS = {
    "/appraisal/v1/personal-data": "appraisal",
    "/accountability/v1/personal-data": "accountability",
    "/v1/personal-data": "gateway",
}


class FakeServices:
    """Answers for the other services; those in `down` refuse connections.

    Those in `answers` say just that.
    """

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], dict[str, Any]] = {}
        self.down: set[str] = set()
        self.answers: dict[str, httpx.Response] = {}
        self.asked: list[tuple[str, str, str]] = []

    def hold(self, service: str, staff_no: str, part: dict[str, Any]) -> None:
        """Let a service hold something of a person."""
        self.held[service, staff_no] = part

    def platform(self) -> PlatformClient:
        """The registry's way to them."""
        http = HttpClient("http://gateway", transport=httpx.MockTransport(self.answer))
        return PlatformClient(http, "service-schools", "secret")

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; tokens are named for their bureau."""
        if request.url.path == "/oauth/token":
            bureau = dict(httpx.QueryParams(request.content.decode()))["bureau"]
            return httpx.Response(200, json={"access_token": bureau, "expires_in": 1800})
        service = PATHS[request.url.path]
        if service in self.down:
            raise httpx.ConnectError("refused", request=request)
        if service in self.answers:
            return self.answers[service]
        staff_no = request.url.params["staff_no"]
        bureau = request.headers["Authorization"].removeprefix("Bearer ")
        self.asked.append((service, bureau, staff_no))
        part = self.held.get((service, staff_no), {"records": {}, "events": []})
        return httpx.Response(200, json=part)
