"""One bureau of a test: its callers, its schools and staff, and short ways through a case."""

from datetime import date
from typing import Any

import httpx
from fastapi import FastAPI

from services.chassis.database.db import Database
from tests.accountability.fake_gateway import FakeGateway
from tests.support.tokens import bearer

SCHOOL, OTHER_SCHOOL = "2162000001", "2162000002"
LEAD = {
    "title": "迎检期间隐瞒仪器设备缺口",
    "facts": "联合检查核对台账，实验仪器缺口未如实上报。",
    "trigger": "T1-3",
    "source": "joint_inspection",
    "school_code": SCHOOL,
    "found_on": "2025-04-09",
}
# Who does what in the procedure, as the roles have it.
ACTORS = {
    "file": "bureau_admin",
    "reject": "bureau_admin",
    "propose": "supervisor",
    "review": "bureau_admin",
    "return": "bureau_admin",
    "notify": "bureau_admin",
    "decide": "bureau_leader",
    "execute": "bureau_admin",
    "close": "bureau_admin",
}
SCOPES = frozenset({"cases:read", "cases:write", "cases:review", "cases:decide", "cases:execute"})
BODIES: dict[str, Any] = {
    "reject": {"reason": "事实不清"},
    "propose": {"measures": [{"staff_no": "T1", "measure": "M2"}], "opinion": "建议通报批评"},
    "return": {"reason": "请补充材料"},
    "decide": {"basis": "责任追究制度 第一类第3项", "decision_no": "教问责〔2025〕3号"},
    "execute": {"note": "已在全县通报"},
    "close": {"note": "已报市督导室"},
}
# For tests of something else than versions.
ANY_VERSION = {"If-Match": "*"}
TO_REVIEW = ("file", "propose", "review")
TO_DECISION = (*TO_REVIEW, "decide")


class Scenario:
    """A bureau with two schools and four people, and a client that speaks for its accounts."""

    def __init__(
        self, app: FastAPI, client: httpx.AsyncClient, gateway: FakeGateway, bureau: str
    ) -> None:
        self.app, self.client, self.gateway, self.bureau = app, client, gateway, bureau
        gateway.schools = {SCHOOL: "城关第一小学", OTHER_SCHOOL: "城关第二小学"}
        for staff_no, name, school in (
            ("T1", "王小明", SCHOOL),
            ("T2", "李华", SCHOOL),
            ("T3", "赵敏", SCHOOL),
            ("S1", "钱进", OTHER_SCHOOL),
        ):
            gateway.staff[staff_no] = {"staff_no": staff_no, "name": name, "school_code": school}

    def as_(self, role: str, **subject: Any) -> dict[str, str]:
        return bearer(role, **({"bureau": self.bureau, "name": role} | subject))

    async def call(
        self, method: str, path: str, role: str = "bureau_admin", **kwargs: Any
    ) -> httpx.Response:
        headers = self.as_(role) | kwargs.pop("headers", {})
        if method != "GET":
            headers = ANY_VERSION | headers
        return await self.client.request(method, path, headers=headers, **kwargs)

    async def lead(self, *staff_nos: str, **fields: Any) -> dict[str, Any]:
        named = [{"staff_no": one, "responsibility": "direct"} for one in staff_nos]
        response = await self.call("POST", "/v1/cases", json=LEAD | {"respondents": named} | fields)
        assert response.status_code == 201, response.text
        found: dict[str, Any] = response.json()
        return found

    async def do(
        self, case_id: str, verb: str, body: Any = None, role: str | None = None, **headers: str
    ) -> httpx.Response:
        payload = body if body is not None else BODIES.get(verb)
        kwargs: dict[str, Any] = {} if payload is None else {"json": payload}
        return await self.call(
            "POST",
            f"/v1/cases/{case_id}:{verb}",
            role or ACTORS[verb],
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            **kwargs,
        )

    async def go(self, case_id: str, *verbs: str, **bodies: Any) -> dict[str, Any]:
        """Through verbs that must all succeed; the case after the last one."""
        found: dict[str, Any] = {}
        for verb in verbs:
            response = await self.do(case_id, verb, bodies.get(verb))
            assert response.status_code == 200, f"{verb}: {response.text}"
            found = response.json()
        return found

    async def read(self, case_id: str) -> dict[str, Any]:
        response = await self.call("GET", f"/v1/cases/{case_id}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def events(self, case_id: str) -> list[dict[str, Any]]:
        response = await self.call("GET", f"/v1/cases/{case_id}/events")
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["data"]
        return found

    async def decided(self, **measures: str) -> dict[str, Any]:
        """A decided case with these measures: `decided(T1="M4")`."""
        case = await self.lead(*measures)
        proposal = {
            "measures": [{"staff_no": no, "measure": m} for no, m in measures.items()],
            "opinion": "建议予以问责",
        }
        return await self.go(case["id"], *TO_DECISION, propose=proposal)

    async def sql(self, query: str, *args: Any) -> Any:
        """One value, asked of the database past the service."""
        async with self.app.state.resources[Database].connection(None) as connection:
            return await connection.fetchval(query, *args)


def codes(response: httpx.Response) -> set[tuple[str, str]]:
    """Pointer and code of every fault in a problem."""
    assert response.headers["content-type"].startswith("application/problem+json"), response.text
    return {(fault["pointer"], fault["code"]) for fault in response.json()["errors"]}


def this_year() -> int:
    return date.today().year  # noqa: DTZ011 -- both sides of the comparison are this machine's
