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

import asyncpg
import httpx
import pytest

from client.accounts import bureau_logins
from client.sample.county import sample_county
from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret
from services.chassis.core.settings import service_dsn

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


def test_one_file_holds_what_every_service_knows_of_a_person(platform: Platform) -> None:
    admin = Office(platform, "bureau_admin")
    staff_no = next(
        respondent.staff_no
        for case in SAMPLE.cases
        for respondent in case.respondents
        if case.outcome == "decided" and respondent.measure == "M4"
    )
    person = admin.get(f"/schools/v1/staff/by-key/{staff_no}").json()
    answer = admin.get(f"/schools/v1/staff/{person['id']}/personal-data")
    assert answer.status_code == 200, answer.text
    file = answer.json()
    assert len(file["person"]["id_number"]) == len(person["id_number_masked"]) == 18
    parts = {part["service"]: part["records"] for part in file["elsewhere"]}
    assert [row["year"] for row in parts["appraisal"]["participants"]] == [2025]
    assert parts["appraisal"]["results"][0]["result"] == "unqualified"
    assert len(parts["appraisal"]["directives"]) == 1
    (named,) = parts["accountability"]["respondents"]
    assert (named["staff_no"], named["measure"]) == (staff_no, "M4")
    assert parts["gateway"]["accounts"] == []
    assert all(part["events"] for part in file["elsewhere"] if part["service"] != "gateway")


# What each service holds of a school, as SQL that gives (school, rows).
OF_SCHOOLS = {
    "schools": ["select school_code, 1 from school", "select school_code, 1 from staff"],
    "appraisal": [
        "select school_code, 1 from participant",
        "select p.school_code, 1 from score join participant p using (cycle_id, staff_no)",
        (
            "select p.school_code, 1 from participation_record "
            "join participant p using (cycle_id, staff_no)"
        ),
        "select p.school_code, 1 from result join participant p using (cycle_id, staff_no)",
        "select school_code, 1 from school_quota",
    ],
    "accountability": [
        "select school_code, 1 from case_file",
        "select c.school_code, 1 from respondent r join case_file c on c.id = r.case_id",
        "select c.school_code, 1 from case_event e join case_file c on c.id = e.case_id",
    ],
}
CONTEXT = (
    "select set_config('role', $1, true), set_config('app.bureau', $2, true), "
    # Without a staff number, nobody of a school sees a case: it may name them.
    "set_config('app.schools', $3, true), set_config('app.staff_no', 'NOBODY', true)"
)


@pytest.mark.parametrize("service", OF_SCHOOLS)
async def test_a_raw_session_in_a_schools_context_sees_that_school_only(
    platform: Platform, service: str
) -> None:
    """PostgreSQL alone, without any of our code, keeps one school from another."""
    school = next(case.school_code for case in SAMPLE.cases if case.outcome == "decided")
    password = read_secret(platform.options.secrets, f"{service}_db_password")
    port = platform.options.ports["postgres"]
    address = service_dsn(f"postgresql://127.0.0.1:{port}/junheng", f"junheng_{service}", password)
    connection = await asyncpg.connect(address, server_settings={"search_path": service})
    for statement in OF_SCHOOLS[service]:
        assert await connection.fetch(statement) == [], "the bare login sees rows"
        seen = {}
        contexts = {
            "own": ("schools", SAMPLE.bureau.bureau_code, school),
            "bureau": ("bureau", SAMPLE.bureau.bureau_code, ""),
            "foreign": ("bureau", "999999", ""),
        }
        for name, (level, bureau, schools) in contexts.items():
            async with connection.transaction():
                role = f"junheng_{service}_{level}"
                await connection.fetch(CONTEXT, role, bureau, schools)
                seen[name] = {row[0] for row in await connection.fetch(statement)}
        assert seen["own"] == {school}, statement
        assert len(seen["bureau"]) > 5, statement
        assert seen["foreign"] == set(), statement
    await connection.close()
