"""Logins for every role are created and granted once, with reproducible passwords."""

from typing import Any

import pytest

from client.accounts import (
    NAMES,
    Administrators,
    Login,
    bureau_logins,
    changed_accounts,
    ensure_accounts,
    ensure_bureau,
    ensure_integration,
    platform_logins,
    sample_password,
)
from client.api import JunhengClient
from client.credentials import ClientSecret, PasswordLogin
from client.problems import Problem
from gateway.roles import ROLES, Role
from tests.client.fake import FakePlatform, answer, page, problem

BUREAU = "620180"


@pytest.fixture
def administrators(client: JunhengClient) -> Administrators:
    return Administrators.of(client, "bootstrap")


def _all() -> list[Login]:
    return bureau_logins(
        BUREAU, "bootstrap", roles=tuple(NAMES), school_code="2162990001", staff_no="T000001"
    )


def test_each_role_has_its_bureau_school_or_person() -> None:
    bound = {login.role: (login.username, login.schools, login.staff_no) for login in _all()}
    assert bound == {
        "bureau_admin": ("admin@620180", (), None),
        "bureau_leader": ("leader@620180", (), None),
        "supervisor": ("supervisor@620180", (), None),
        "school_head": ("head@620180", ("2162990001",), None),
        "school_officer": ("officer@620180", ("2162990001",), None),
        "staff": ("staff@620180", (), "T000001"),
    }
    (head,) = bureau_logins(BUREAU, "b", roles=("school_head",), head_no="T000009")
    assert head.staff_no == "T000009", "by which the platform knows whose login it is"


def test_passwords_are_derived_from_bootstrap_password_and_name() -> None:
    first = sample_password("bootstrap", "admin@620180")
    assert first == sample_password("bootstrap", "admin@620180")
    assert len(first) == 16
    others = {sample_password("other", "admin@620180"), sample_password("bootstrap", "x@620180")}
    assert first not in others
    assert first not in repr(_all())


def test_an_existing_bureau_is_unchanged(
    platform: FakePlatform, administrators: Administrators
) -> None:
    platform.on("POST", "/schools/v1/bureaus", answer({}, 201), problem(409, "bureaus.taken"))
    assert ensure_bureau(administrators.system, BUREAU, "示例县教育局")
    assert not ensure_bureau(administrators.system, BUREAU, "示例县教育局")


def test_other_refusals_are_raised(platform: FakePlatform, administrators: Administrators) -> None:
    platform.on("POST", "/schools/v1/bureaus", problem(422, "platform.invalid"))
    with pytest.raises(Problem, match=r"platform\.invalid"):
        ensure_bureau(administrators.system, BUREAU, "")


def test_one_administrator_creates_accounts_and_the_other_grants_roles(
    platform: FakePlatform, administrators: Administrators
) -> None:
    platform.on("GET", "/v1/accounts", page([]))
    platform.on("POST", "/v1/accounts:batch", answer({"created": 6}, 201))
    platform.on("POST", "/v1/accounts:grant", answer({"granted": 6}))
    done: list[tuple[int, int]] = []
    assert ensure_accounts(administrators, _all(), lambda *counts: done.append(counts)) == 6
    assert done == [(6, 6)]
    (made,) = platform.bodies("POST", "/v1/accounts:batch")
    assert made["items"][3] == {
        "username": "head@620180",
        "display_name": "校长",
        "bureau_code": BUREAU,
        "schools": ["2162990001"],
        "staff_no": None,
        "password": sample_password("bootstrap", "head@620180"),
    }
    (granted,) = platform.bodies("POST", "/v1/accounts:grant")
    assert granted["items"][5] == {"username": "staff@620180", "roles": ["staff"]}
    (creation,) = platform.sent("POST", "/v1/accounts:batch")
    (grant,) = platform.sent("POST", "/v1/accounts:grant")
    assert creation.headers["Authorization"] != grant.headers["Authorization"]


def _there(*untouched: int) -> list[dict[str, Any]]:
    """The logins as rows; only those at these places have not been granted anything."""
    return [
        {"username": login.username, "roles": [], "version": 1}
        if place in untouched
        else {"username": login.username, "roles": [login.role], "version": 2}
        for place, login in enumerate(_all())
    ]


def test_existing_accounts_are_not_created_again(
    platform: FakePlatform, administrators: Administrators
) -> None:
    rows = _there()
    platform.on("GET", "/v1/accounts", page(rows))
    assert ensure_accounts(administrators, _all()) == 0
    assert [request.method for request in platform.requests] == ["GET"]


def test_only_missing_accounts_and_roles_are_created(
    platform: FakePlatform, administrators: Administrators
) -> None:
    platform.on("GET", "/v1/accounts", page(_there(1)[:5]))
    platform.on("POST", "/v1/accounts:batch", answer({"created": 1}, 201))
    platform.on("POST", "/v1/accounts:grant", answer({"granted": 2}))
    assert ensure_accounts(administrators, _all()) == 1
    (made,) = platform.bodies("POST", "/v1/accounts:batch")
    assert [item["username"] for item in made["items"]] == ["staff@620180"]
    (granted,) = platform.bodies("POST", "/v1/accounts:grant")
    names = [item["username"] for item in granted["items"]]
    assert names == ["leader@620180", "staff@620180"]


def test_roles_that_were_changed_stay(
    platform: FakePlatform, administrators: Administrators
) -> None:
    rows = _there()
    rows[0] |= {"roles": [], "version": 3}
    rows[3] |= {"roles": ["school_officer"], "version": 4}
    platform.on("GET", "/v1/accounts", page(rows))
    assert ensure_accounts(administrators, _all()) == 0
    assert changed_accounts(administrators.system, _all()) == ["admin@620180", "head@620180"]
    assert {request.method for request in platform.requests} == {"GET"}


def test_many_accounts_are_created_in_batches(
    platform: FakePlatform, administrators: Administrators
) -> None:
    logins = [login for code in range(620100, 620150) for login in bureau_logins(str(code), "b")]
    platform.on("GET", "/v1/accounts", page([]))
    platform.on("POST", "/v1/accounts:batch", answer({}, 201))
    platform.on("POST", "/v1/accounts:grant", answer({}))
    assert ensure_accounts(administrators, logins) == 150
    sizes = [len(body["items"]) for body in platform.bodies("POST", "/v1/accounts:batch")]
    assert sum(sizes) == 150
    assert max(sizes) <= 60


def test_the_secret_of_an_api_client_is_available_only_on_creation(
    platform: FakePlatform, administrators: Administrators
) -> None:
    platform.on("POST", "/v1/clients", answer({"client_secret": "jhs_1"}, 201), problem(409))
    first = ensure_integration(administrators.security, BUREAU)
    assert first.credentials == ClientSecret("integration-620180", "jhs_1")
    assert ensure_integration(administrators.security, BUREAU).password == ""
    for body in platform.bodies("POST", "/v1/clients"):
        assert {*body["scopes"]} == ROLES[Role.INTEGRATION].scopes


def test_a_new_platform_has_three_administrators() -> None:
    logins = platform_logins("bootstrap")
    assert [login.role for login in logins] == ["system_admin", "security_admin", "auditor"]
    assert logins[2].credentials == PasswordLogin("auditor", "bootstrap")
