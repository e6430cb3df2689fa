"""A whole year through real processes, one of which is killed in the middle."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from client.accounts import bureau_logins
from client.sample.county import sample_county
from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret

RESULTS = {"excellent", "qualified", "basically_qualified", "unqualified", "undetermined"}
SAMPLE = sample_county()


def start_demo(platform: Platform, output: Path) -> "subprocess.Popen[str]":
    """`junheng demo --json` against the platform, as a person would run it."""
    password = read_secret(platform.options.secrets, BOOTSTRAP_PASSWORD)
    environment = os.environ | {
        "JUNHENG_GATEWAY_URL": platform.options.url("gateway"),
        "JUNHENG_BOOTSTRAP_PASSWORD": password,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "client.cli", "demo", "--json", "--output", str(output)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(demo: "subprocess.Popen[str]") -> dict[str, Any]:
    """The demo's JSON object; it must have ended well."""
    said, progress = demo.communicate(timeout=300)
    assert demo.returncode == 0, progress
    report: dict[str, Any] = json.loads(said)
    return report


class Office:
    """Somebody of the sample bureau at the gateway."""

    def __init__(self, platform: Platform, role: str) -> None:
        self.platform = platform
        self.client = httpx.Client(base_url=platform.options.url("gateway"), trust_env=False)
        password = read_secret(platform.options.secrets, BOOTSTRAP_PASSWORD)
        logins = bureau_logins(SAMPLE.bureau.bureau_code, password)
        self.login = next(login for login in logins if login.role == role)

    def get(self, path: str) -> httpx.Response:
        """A GET with a fresh token (the account may not exist yet: then 401)."""
        credentials = {"username": self.login.username, "password": self.login.password}
        token = self.client.post("/v1/login", json=credentials)
        if token.status_code != 200:
            return token
        bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
        return self.client.get(path, headers=bearer)


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Poll until the condition holds."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.1)


def test_a_year_with_a_service_killed_in_the_middle(platform: Platform, tmp_path: Path) -> None:
    demo = start_demo(platform, tmp_path)
    leader = Office(platform, "bureau_leader")

    def cases_are_under_way() -> bool:
        answer = leader.get("/accountability/v1/cases")
        return answer.status_code == 200 and bool(answer.json()["data"])

    wait_until(cases_are_under_way)
    platform.services["appraisal"].kill()

    refused = leader.get("/appraisal/v1/cycles")
    assert refused.status_code == 503
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "gateway.service_unavailable"
    assert int(refused.headers["Retry-After"]) > 0

    def a_directive_waits() -> bool:
        cases = leader.get("/accountability/v1/cases?limit=1000").json().get("data", [])
        states = [(r["directive"] or {}).get("state") for c in cases for r in c["respondents"]]
        return "pending" in states

    wait_until(a_directive_waits)
    platform.start_service("appraisal")
    report = finish(demo)

    directives = leader.get("/appraisal/v1/directives?limit=1000").json()["data"]
    punished = [case for case in report["cases"] if case["measure"] == "M4"]
    assert len(punished) == 5
    assert Counter(d["staff_no"] for d in directives) == Counter(c["staff_no"] for c in punished)
    assert {d["state"] for d in directives} == {"applied"}
    check_report(report, leader)


def check_report(report: dict[str, Any], leader: Office) -> None:
    """What must be true of any year's outcome."""
    assert set(report["results"]) == RESULTS
    assert sum(report["results"].values()) == report["participants"]
    assert sum(report["not_graded"].values()) == report["results"]["undetermined"]
    for school in report["quota"]:
        assert school["limit"] == school["base"] // 5
        assert school["excellent"] <= school["limit"]
    for case in report["cases"]:
        if case["measure"] == "M4":
            assert case["result"] == "unqualified"
    assert all(Path(file).stat().st_size > 100 for file in report["files"])
    cycle = leader.get("/appraisal/v1/cycles/by-key/2025").json()
    assert cycle["state"] == "confirmed"
    for case in report["cases"]:
        if case["measure"] == "M4":
            result = leader.get(f"/appraisal/v1/cycles/{cycle['id']}/results/{case['staff_no']}")
            cited = [reason["params"].get("case_no") for reason in result.json()["reasons"]]
            assert case["case_no"] in cited


def test_a_second_run_changes_nothing(platform: Platform, tmp_path: Path) -> None:
    leader = Office(platform, "bureau_leader")
    first = finish(start_demo(platform, tmp_path))
    cycle = leader.get("/appraisal/v1/cycles/by-key/2025").json()
    second = finish(start_demo(platform, tmp_path))
    for part in ("participants", "results", "quota", "not_graded", "cases"):
        assert first[part] == second[part]
    assert leader.get("/appraisal/v1/cycles/by-key/2025").json() == cycle
