"""Preparation of a trial platform: logins only, or the sample county in mid-year."""

from functools import partial

import httpx
import pytest

from client.api import JunhengClient
from client.samples import prepare_platform
from tests.client.fake import ADDRESS, FakePlatform, answer, page, problem
from tests.client.fake_imports import FakeImports

KEY = "/appraisal/v1/cycles/by-key/2025"
CYCLE = "/appraisal/v1/cycles/c-1"


def cycle(state: str, version: int | None = None) -> httpx.Response:
    body = {"id": "c-1", "year": 2025, "state": state, "participants": 4175, "is_stale": False}
    versions = {"draft": 1, "open": 2, "scoring": 3}
    return answer(body | {"version": version or versions[state]})


@pytest.fixture(autouse=True)
def _platform(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = partial(JunhengClient, transport=platform.transport)
    monkeypatch.setattr("client.samples.JunhengClient", opened)
    platform.on("POST", "/schools/v1/bureaus", answer({}, 201))
    platform.on("GET", "/v1/accounts", page([]))
    platform.on("POST", "/v1/accounts:batch", answer({"created": 6}, 201))
    platform.on("POST", "/v1/accounts:grant", answer({"granted": 6}))
    platform.on("POST", "/v1/clients", answer({"client_secret": "jhs_1"}, 201))


def test_a_new_platform_gets_one_login_per_role(platform: FakePlatform) -> None:
    logins = prepare_platform(ADDRESS, "bootstrap", sample=False)
    assert [login.role for login in logins] == [
        "system_admin",
        "security_admin",
        "auditor",
        "bureau_admin",
        "bureau_leader",
        "supervisor",
        "school_head",
        "school_officer",
        "staff",
        "integration",
    ]
    assert all(login.password for login in logins)
    assert {login.bureau_code for login in logins[3:]} == {"620180"}
    assert not [one for one in platform.requests if one.url.path.endswith("/imports")]


def test_existing_records_are_no_error(platform: FakePlatform) -> None:
    platform.on("POST", "/schools/v1/bureaus", problem(409))
    platform.on("POST", "/v1/clients", problem(409))
    *others, integration = prepare_platform(ADDRESS, "bootstrap", sample=False)
    assert integration.password == ""
    assert all(login.password for login in others)


def _holds_nothing(platform: FakePlatform) -> None:
    for path in ("schools", "staff", "changes"):
        platform.on("GET", f"/schools/v1/{path}", page([]))
    for path in (f"{CYCLE}/participation-records", f"{CYCLE}/scores", "/appraisal/v1/changes"):
        platform.on("GET", path, page([]))


def test_the_sample_ends_with_participation_records_and_scores(platform: FakePlatform) -> None:
    schools, appraisal = FakeImports(platform), FakeImports(platform, "appraisal")
    _holds_nothing(platform)
    platform.on("GET", KEY, problem(404), cycle("open"))
    platform.on("POST", "/appraisal/v1/cycles", cycle("draft"))
    platform.on("POST", f"{CYCLE}:open", cycle("open"))
    platform.on("POST", f"{CYCLE}:start-scoring", cycle("scoring"))
    prepare_platform(ADDRESS, "bootstrap", sample=True)
    imported = [*schools.jobs.values(), *appraisal.jobs.values()]
    assert [job["resource"] for job in imported] == [
        "schools",
        "staff",
        "participation-records",
        "scores",
    ]
    assert {job["state"] for job in imported} == {"completed"}
    assert {(job["operation"], job["mode"]) for job in imported} == {("insert", "all_or_nothing")}


@pytest.mark.parametrize(
    ("state", "version", "verbs"),
    [
        ("draft", 1, ["open", "start-scoring"]),  # the first time was broken off
        ("open", 2, ["start-scoring"]),
        ("draft", 2, []),  # somebody is working on it
        ("open", 3, []),
        ("determined", 4, []),
    ],
)
def test_a_year_is_advanced_only_if_nobody_has_changed_it(
    platform: FakePlatform, state: str, version: int, verbs: list[str]
) -> None:
    FakeImports(platform)
    FakeImports(platform, "appraisal")
    _holds_nothing(platform)
    platform.on("GET", KEY, cycle(state, version), cycle(state if not verbs else "open", version))
    platform.on("POST", f"{CYCLE}:open", cycle("open"))
    platform.on("POST", f"{CYCLE}:start-scoring", cycle("scoring"))
    prepare_platform(ADDRESS, "bootstrap", sample=True)
    moved = [one.url.path for one in platform.requests if one.url.path.startswith(f"{CYCLE}:")]
    assert [path.partition(":")[2] for path in moved] == verbs


def test_a_changed_login_loads_nothing_and_is_reported(platform: FakePlatform) -> None:
    platform.on("GET", "/schools/v1/schools", problem(403, "auth.missing_scope"))
    lines: list[str] = []
    logins = prepare_platform(
        ADDRESS,
        "bootstrap",
        sample=True,
        notify=lambda text, params: lines.append(text.render("en", **params)),
    )
    assert len(logins) == 10
    (line,) = lines
    assert "admin@620180 was changed and cannot load the sample" in line
