"""The gateway as this service sees it from outside: tokens, a registry, the appraisal service."""

import json
from collections.abc import Callable
from typing import Any

import httpx

from services.chassis.peers.client import PlatformClient
from services.chassis.peers.http_client import HttpClient

Answer = Callable[[dict[str, Any]], httpx.Response]


def problem(status: int, code: str, detail: str) -> httpx.Response:
    body = {"status": status, "code": code, "detail": detail, "errors": []}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


class FakeGateway:
    """Answers like the real one; `down` refuses connections, `directives` scripts appraisal."""

    def __init__(self, bureau: str) -> None:
        self.bureau = bureau
        self.is_down = False
        self.schools: dict[str, str] = {}
        self.staff: dict[str, dict[str, Any]] = {}
        self.restricted: set[str] = set()
        self.assigned: dict[str, list[str]] = {}
        self.requests: list[httpx.Request] = []
        self.posted: list[dict[str, Any]] = []
        self.stored: dict[str, dict[str, Any]] = {}
        self.script: list[Answer | Exception] = []
        self.tokens = 0

    def platform(self) -> PlatformClient:
        transport = httpx.MockTransport(self.answer)
        return PlatformClient(
            HttpClient("http://gateway", transport=transport), "service-accountability", "secret"
        )

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.is_down:
            raise httpx.ConnectError("refused", request=request)
        self.requests.append(request)
        path, query = request.url.path, request.url.params
        if path == "/oauth/token":
            self.tokens += 1
            token = f"token-{self.tokens}"
            return httpx.Response(200, json={"access_token": token, "expires_in": 1800})
        if path == "/schools/v1/staff":
            rows = [one for no, one in self.staff.items() if no in query.get_list("staff_no")]
            if query.get("restricted") == "no":
                rows = [one for one in rows if one["staff_no"] not in self.restricted]
            return httpx.Response(200, json={"data": rows, "next_cursor": None})
        if path == "/schools/v1/assignments":
            assert query["on"], "those in force on a day"
            rows = [
                {"staff_no": no, "school_code": school}
                for no in query.get_list("staff_no")
                for school in self.assigned.get(no, ())
            ]
            return httpx.Response(200, json={"data": rows, "next_cursor": None})
        if path == "/schools/v1/schools" and query.get("format") == "ndjson":
            lines = [json.dumps(row, ensure_ascii=False) for row in self._school_rows()]
            return httpx.Response(200, text="".join(f"{line}\n" for line in lines))
        if path == "/schools/v1/schools":
            wanted = query.get_list("school_code")
            rows = [row for row in self._school_rows() if row["school_code"] in wanted]
            return httpx.Response(200, json={"data": rows, "next_cursor": None})
        assert path == "/appraisal/v1/directives", path
        return self._directive(json.loads(request.content))

    def _school_rows(self) -> list[dict[str, Any]]:
        return [{"school_code": code, "name": name} for code, name in self.schools.items()]

    def _directive(self, body: dict[str, Any]) -> httpx.Response:
        if not body["directive_no"].startswith(self.bureau):
            # Left over by another test: none of this one's business.
            return problem(422, "test.foreign", "别的测试的指令")
        self.posted.append(body)
        if self.script:
            step = self.script.pop(0)
            if isinstance(step, Exception):
                raise step
            return step(body)
        return self.accept(body)

    def accept(self, body: dict[str, Any]) -> httpx.Response:
        """Store by natural key, as appraisal does."""
        known = self.stored.setdefault(body["directive_no"], body)
        assert known == body
        return httpx.Response(200 if self.stored else 201, json={"state": "applied"})
