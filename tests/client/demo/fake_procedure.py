"""The procedure of cases on the fake platform, as far as the demo relies on it."""

import json
import re
from typing import Any

import httpx

from client.cases import CASES
from tests.client.fake import FakePlatform, answer, problem

# verb: (role, source states, target state)
VERBS = {
    "file": ("supervisor", {"lead"}, "filed"),
    "propose": ("supervisor", {"filed", "returned"}, "proposed"),
    "review": ("bureau_admin", {"proposed"}, "under_review"),
    "reject": ("bureau_admin", {"lead", "filed", "proposed"}, "rejected"),
    "return": ("bureau_admin", {"under_review"}, "returned"),
    "decide": ("bureau_leader", {"under_review"}, "decided"),
    "execute": ("bureau_admin", {"decided"}, "executed"),
    "close": ("bureau_admin", {"executed"}, "closed"),
}


class FakeProcedure:
    """One case, which does not exist at first.

    Attributes:
        case: the case as read, None before it is opened.
        done: `role verb` for every step taken.
        deliveries: states of the directive on the next reads.
        disturbed: verbs that are refused once because the case has changed meanwhile.
        lost: verbs whose answer is lost once.
    """

    def __init__(self, platform: FakePlatform, case_no: str) -> None:
        self.case: dict[str, Any] | None = None
        self.done: list[str] = []
        self.deliveries = ["pending", "pending", "delivered"]
        self.disturbed: set[str] = set()
        self.lost: set[str] = set()
        self.bodies: dict[str, Any] = {}
        self._roles: dict[str, str] = {}
        platform.on("POST", CASES, self._open)
        platform.on("GET", f"{CASES}/by-key/{case_no}", self._read)
        for verb in VERBS:
            platform.on("POST", f"{CASES}/k-1:{verb}", self._act)

    def register(self, token: str, role: str) -> None:
        """Register the role of a token."""
        self._roles[f"Bearer {token}"] = role

    def _role(self, request: httpx.Request) -> str:
        return self._roles[request.headers["Authorization"]]

    def _open(self, request: httpx.Request) -> httpx.Response:
        lead = json.loads(request.content)
        self.done.append(f"{self._role(request)} open")
        self.case = lead | {
            "id": "k-1",
            "state": "lead",
            "version": 1,
            "respondents": [
                one | {"name": "王", "measure": None, "directive": None}
                for one in lead["respondents"]
            ],
        }
        return answer(self.case, 201)

    def _read(self, _: httpx.Request) -> httpx.Response:
        if self.case is None:
            return problem(404, "accountability.case_not_found")
        for directive in self._directives():
            self.case["version"] += 1
            directive["state"] = self.deliveries.pop(0) if self.deliveries else "delivered"
        return answer(self.case)

    def _act(self, request: httpx.Request) -> httpx.Response:
        assert self.case is not None
        found = re.search(r":(\w+)$", request.url.path)
        assert found is not None
        verb = found[1]
        role, sources, target = VERBS[verb]
        if self._role(request) != role:
            return problem(403, "auth.missing_scope")
        if verb in self.disturbed:
            self.disturbed.remove(verb)
            self.case["version"] += 1
        if request.headers["If-Match"] != f'"{self.case["version"]}"':
            return problem(412, "platform.precondition_failed")
        if self.case["state"] not in sources:
            return problem(409, "procedure.transition_refused")
        if verb == "close" and any(one["state"] == "pending" for one in self._directives()):
            return problem(409, "accountability.directive_pending")
        body = json.loads(request.content) if request.content else {}
        self.done.append(f"{role} {verb}")
        self.bodies[verb] = body
        self.case["state"] = target
        self.case["version"] += 1
        self._record(verb, body)
        if verb in self.lost:
            self.lost.remove(verb)
            raise httpx.ReadError("connection reset")
        return answer(self.case)

    def _record(self, verb: str, body: dict[str, Any]) -> None:
        assert self.case is not None
        if verb == "return":
            self.case["returned_reason"] = body["reason"]
        for one in self.case["respondents"]:
            if verb == "propose":
                measures = {each["staff_no"]: each["measure"] for each in body["measures"]}
                one["measure"] = measures.get(one["staff_no"])
            if verb == "decide" and one["measure"] == "M4":
                one["directive"] = {"directive_no": "d", "state": "pending", "attempts": 0}

    def _directives(self) -> list[dict[str, Any]]:
        assert self.case is not None
        return [one["directive"] for one in self.case["respondents"] if one["directive"]]
