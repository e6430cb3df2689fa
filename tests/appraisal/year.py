"""A small appraisal year driven over HTTP, with a registry that answers from a list."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.importing import Outcome, attempt
from tests.support.tokens import bearer

DIMENSIONS = ("virtue", "ability", "diligence", "achievement", "integrity")
NOW = "2026-01-05T09:00:00+08:00"


def person(staff_no: str, school: str = "2162000001", **changes: Any) -> dict[str, Any]:
    """A row of the registry's staff export."""
    return {
        "staff_no": staff_no,
        "name": f"员工{staff_no}",
        "school_code": school,
        "post_category": "professional",
        "post_level": 10,
        "title": "first",
        "duty": "教师",
        "employed_on": "2010-09-01",
        "left_on": None,
    } | changes


def even(points: float) -> dict[str, Any]:
    """The same points in every dimension."""
    return dict.fromkeys(DIMENSIONS, points)


@dataclass
class Registry:
    """Answers for the gateway and the registry behind it, bureau by bureau."""

    staff: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    schools: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    is_down: bool = False
    instead: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Tokens name their bureau; exports are NDJSON."""
        if self.is_down:
            return httpx.Response(503)
        if request.url.path == "/oauth/token":
            bureau = dict(httpx.QueryParams(request.content.decode()))["bureau"]
            return httpx.Response(200, json={"access_token": bureau, "expires_in": 600})
        bureau = request.headers["Authorization"].removeprefix("Bearer ")
        if request.url.path == "/schools/v1/staff" and bureau in self.instead:
            return self.instead[bureau](request)
        rows = {"/schools/v1/staff": self.staff, "/schools/v1/schools": self.schools}
        return httpx.Response(200, text=self.export(rows[request.url.path].get(bureau, [])))

    @staticmethod
    def export(rows: list[dict[str, Any]]) -> str:
        """Rows as the registry exports them."""
        return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


@dataclass
class Year:
    """One bureau's cycle of 2025."""

    client: httpx.AsyncClient
    registry: Registry
    bureau: str
    cycle_id: str = ""

    def headers(self, role: str = "bureau_admin", **subject: Any) -> dict[str, str]:
        """An `Authorization` header of this bureau."""
        return bearer(role, bureau=self.bureau, **subject)

    async def call(
        self, method: str, path: str, *, role: str = "bureau_admin", **kwargs: Any
    ) -> httpx.Response:
        """A call by somebody of this bureau; `{c}` in the path is the cycle."""
        headers = self.headers(role) | kwargs.pop("headers", {})
        return await self.client.request(
            method, path.format(c=f"/v1/cycles/{self.cycle_id}"), headers=headers, **kwargs
        )

    async def ok(self, method: str, path: str, **kwargs: Any) -> Any:
        """The same, which must succeed."""
        response = await self.call(method, path, **kwargs)
        assert response.is_success, response.text
        return response.json() if response.content else None

    async def begin(self, staff: list[dict[str, Any]], **cycle: Any) -> dict[str, Any]:
        """Create and open the cycle with this roster."""
        self.registry.staff[self.bureau] = staff
        codes = {row["school_code"] for row in staff}
        self.registry.schools[self.bureau] = [
            {"school_code": code, "name": f"学校{code}"} for code in sorted(codes)
        ]
        created = await self.ok("POST", "/v1/cycles", json={"year": 2025} | cycle)
        self.cycle_id = created["id"]
        opened: dict[str, Any] = await self.ok("POST", "{c}:open")
        return opened

    async def travel(self, moment: str) -> None:
        """Move the clock."""
        headers = bearer("system_admin", bureau=None)
        answer = await self.client.put("/v1/clock", json={"now": moment}, headers=headers)
        assert answer.status_code == 200

    @staticmethod
    async def together(*calls: Awaitable[Any]) -> list[Any]:
        """What comes of calls made at the same time."""
        return await asyncio.gather(*calls)

    async def load(
        self, resource: str, rows: list[dict[str, Any]]
    ) -> tuple[int, int, int, int] | None:
        """Import records or scores, which must succeed: created, updated, unchanged, failed."""
        if not rows:
            return None
        outcome = await self.send(resource, rows)
        assert outcome.code is None, outcome
        return outcome.counts

    async def send(
        self,
        resource: str,
        rows: list[dict[str, Any]] | str,
        *,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> Outcome:
        """Try to import participation records or scores; text is CSV."""
        if isinstance(rows, str):
            content, name = rows, "rows.csv"
        else:
            content = "\n".join(json.dumps(row, default=str) for row in rows)
            name = "rows.ndjson"
        of_cycle = {"within": {"cycle_id": self.cycle_id}, "file_name": name} | options
        return await attempt(self.client, headers or self.headers(), resource, content, **of_cycle)

    async def score(
        self, scores: dict[str, dict[str, Any]], records: list[dict[str, Any]] | None = None
    ) -> None:
        """Record participation records and scores."""
        await self.load("participation-records", records or [])
        await self.ok("POST", "{c}:start-scoring")
        await self.load("scores", [{"staff_no": no} | points for no, points in scores.items()])

    async def determine(self) -> dict[str, dict[str, Any]]:
        """Determine, and give the results by staff number."""
        await self.ok("POST", "{c}:determine")
        return await self.results()

    async def results(self, language: str = "zh-CN") -> dict[str, dict[str, Any]]:
        """All results by staff number."""
        headers = {"Accept-Language": language}
        page = await self.ok("GET", "{c}/results?limit=1000", headers=headers)
        return {row["staff_no"]: row for row in page["data"]}

    async def directive(self, staff_no: str, **changes: Any) -> httpx.Response:
        """Send a directive as accountability does."""
        body = {
            "directive_no": f"{self.bureau}-2025-001-{staff_no}",
            "year": 2025,
            "staff_no": staff_no,
            "effect": "fix",
            "result": "unqualified",
            "case_no": "2025-001",
            "measure": "M4",
            "basis": "责任追究制度",
            "decided_on": "2025-12-01",
        }
        scopes = ["directives:write"]
        return await self.client.post(
            "/v1/directives",
            json=body | changes,
            headers=bearer(bureau=self.bureau, scopes=scopes, name="service-accountability"),
        )


def reasons(result: dict[str, Any]) -> list[str]:
    """The reason codes of a result."""
    return [reason["code"] for reason in result["reasons"]]
