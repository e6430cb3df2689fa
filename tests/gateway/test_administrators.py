"""The three administrators are kept apart, and no single one can act as anyone else."""

from itertools import combinations
from typing import Any

import httpx
import pytest

from gateway.roles import ADMINISTRATORS, ROLES, Level, Role
from tests.gateway.people import PASSWORD, Platform, code_of, faults_of, log_in, tokens

ONE_SCHOOL = {"bureau_code": "620123", "schools": ["2162000001"]}
CONTENT = {
    "schools",
    "staff",
    "results",
    "scores",
    "participants",
    "participation_records",
    "cases",
    "directives",
}


def test_no_administrator_sees_content_or_shares_a_power() -> None:
    for role in ADMINISTRATORS:
        assert not {scope.partition(":")[0] for scope in ROLES[role].scopes} & CONTENT
    for one, other in combinations(sorted(ADMINISTRATORS), 2):
        shared = ROLES[one].scopes & ROLES[other].scopes
        assert all(scope.endswith(":read") for scope in shared), (one, other)


async def test_roles_are_listed_with_their_scopes(platform: Platform) -> None:
    roles = (await platform.http.get("/v1/roles", headers=platform.auditor)).json()
    assert [role["role"] for role in roles] == list(Role)
    by_name = {role["role"]: role for role in roles}
    assert by_name["school_head"]["title_zh"] == "校长"
    assert by_name["auditor"]["scopes"] == [
        "accounts:read",
        "audit:read",
        "clients:read",
        "codes:read",
    ]


async def test_who_may_do_what_with_accounts_and_clients(platform: Platform, name: str) -> None:
    leader = await platform.person(f"{name}l", "bureau_leader", bureau_code="620123")
    admin = await platform.person(f"{name}b", "bureau_admin", bureau_code="620123")
    account = {"username": name, "display_name": "x", "password": PASSWORD}
    client = {"client_id": name, "name": "x", "scopes": ["staff:read"], "bureau_code": "620123"}
    calls: list[tuple[str, str, Any, set[str]]] = [
        ("GET", "/v1/accounts", None, {"sysadmin", "secadmin", "auditor"}),
        ("POST", "/v1/accounts", account, {"sysadmin"}),
        ("POST", "/v1/accounts:batch", {"items": []}, {"sysadmin"}),
        ("PATCH", f"/v1/accounts/{name}", {}, {"sysadmin"}),
        ("PUT", f"/v1/accounts/{name}/roles", {"roles": []}, {"secadmin"}),
        ("POST", "/v1/accounts:grant", {"items": []}, {"secadmin"}),
        ("GET", "/v1/clients", None, {"secadmin", "auditor"}),
        ("POST", "/v1/clients", client, {"secadmin"}),
        ("PATCH", f"/v1/clients/{name}", {}, {"secadmin"}),
        ("POST", f"/v1/clients/{name}/secrets", None, {"secadmin"}),
        ("GET", "/v1/clock", None, {"sysadmin"}),
        ("GET", "/v1/roles", None, {"sysadmin", "secadmin", "auditor"}),
    ]
    callers = {
        "sysadmin": platform.sysadmin,
        "secadmin": platform.secadmin,
        "auditor": platform.auditor,
        "leader": leader,
        "admin": admin,
    }
    for method, path, body, allowed in calls:
        may = set()
        for who, headers in callers.items():
            answer = await platform.http.request(method, path, json=body, headers=headers)
            if answer.status_code != 403:
                may.add(who)
            else:
                assert code_of(answer) == "auth.missing_scope"
        assert may == allowed, f"{method} {path}"


async def test_an_account_without_roles_may_do_next_to_nothing(
    platform: Platform, name: str
) -> None:
    await platform.create(name, bureau_code="620123")
    headers = await log_in(platform.http, name)
    assert (await platform.http.get("/v1/me", headers=headers)).json()["scopes"] == ["codes:read"]


@pytest.mark.parametrize(
    ("binding", "roles", "code"),
    [
        ({"bureau_code": "620123"}, ["system_admin"], "roles.needs_no_bureau"),
        ({}, ["bureau_admin"], "roles.needs_bureau"),
        ({}, ["staff"], "roles.needs_bureau"),
        ({"bureau_code": "620123"}, ["staff"], "roles.needs_staff_no"),
        ({"bureau_code": "620123"}, ["school_head"], "roles.needs_schools"),
        ({"bureau_code": "620123"}, ["school_officer"], "roles.needs_schools"),
        (ONE_SCHOOL, ["bureau_admin"], "roles.needs_whole_bureau"),
        (ONE_SCHOOL, ["school_head", "bureau_leader"], "roles.needs_whole_bureau"),
        ({"bureau_code": "620123"}, ["integration"], "roles.for_clients"),
        ({}, ["system_admin", "security_admin"], "roles.administrators_apart"),
        ({}, ["system_admin", "auditor"], "roles.administrators_apart"),
        ({}, ["security_admin", "auditor"], "roles.administrators_apart"),
    ],
)
async def test_roles_must_go_with_the_account_and_each_other(
    platform: Platform, name: str, binding: dict[str, Any], roles: list[str], code: str
) -> None:
    await platform.create(name, **binding)
    answer = await platform.grant(name, *roles)
    assert answer.status_code == 422
    assert faults_of(answer) == {("/roles", code)}
    account = (await platform.http.get(f"/v1/accounts/{name}", headers=platform.auditor)).json()
    assert account["roles"] == []


@pytest.mark.parametrize("role", [r for r in Role if ROLES[r].level is not Level.CLIENT])
async def test_every_role_for_accounts_can_be_held(
    platform: Platform, name: str, role: Role
) -> None:
    binding: dict[str, Any] = {}
    if ROLES[role].level is Level.BUREAU:
        binding = {"bureau_code": "620123", "staff_no": "T1"}
    if role in {Role.SCHOOL_HEAD, Role.SCHOOL_OFFICER}:
        binding |= ONE_SCHOOL
    headers = await platform.person(name, role, **binding)
    me = (await platform.http.get("/v1/me", headers=headers)).json()
    assert set(me["scopes"]) == ROLES[role].scopes


async def test_a_password_reset_takes_the_roles_away(platform: Platform, name: str) -> None:
    await platform.person(name, "bureau_admin", bureau_code="620123")
    session = (await tokens(platform.http, name)).json()
    reset = await platform.change(name, password="known to the sysadmin")
    assert reset.json()["roles"] == []
    headers = await log_in(platform.http, name, "known to the sysadmin")
    assert (await platform.http.get("/v1/me", headers=headers)).json()["scopes"] == ["codes:read"]
    form = {"grant_type": "refresh_token", "refresh_token": session["refresh_token"]}
    answer = await platform.http.post("/oauth/token", data=form)
    assert code_of(answer) == "oauth.invalid_grant"


@pytest.mark.parametrize(
    "change", [{"bureau_code": "620124"}, {"schools": ["2162000002"]}, {"staff_no": "T2"}]
)
async def test_another_binding_takes_the_roles_away(
    platform: Platform, name: str, change: dict[str, Any]
) -> None:
    await platform.person(
        name, "school_head", bureau_code="620123", schools=["2162000001"], staff_no="T1"
    )
    same = await platform.change(name, bureau_code="620123", display_name="新名")
    assert same.json()["roles"] == ["school_head"]
    assert (await platform.change(name, **change)).json()["roles"] == []


async def test_nobody_changes_the_account_they_use(platform: Platform) -> None:
    for answer in (
        await platform.grant("secadmin", "auditor"),
        await platform.change("sysadmin", status="disabled"),
        await platform.change("sysadmin", password="another pass phrase"),
        await platform.http.post(
            "/v1/accounts:grant",
            json={"items": [{"username": "secadmin", "roles": []}]},
            headers=platform.secadmin,
        ),
    ):
        assert answer.status_code == 403
        assert code_of(answer) == "accounts.own_account"


async def test_an_administrators_password_is_not_another_administrators(
    platform: Platform, name: str
) -> None:
    await platform.person(name, "auditor")
    for change in ({"password": "another pass phrase"}, {"bureau_code": "620123"}):
        answer = await platform.change(name, **change)
        assert code_of(answer) == "accounts.administrator_protected"
    assert (await tokens(platform.http, name)).status_code == 200


async def test_the_last_administrator_of_a_kind_stays(platform: Platform, name: str) -> None:
    second = await platform.person(name, "security_admin")

    def of_second(username: str, *roles: str) -> Any:
        path = f"/v1/accounts/{username}/roles"
        return platform.http.put(path, json={"roles": roles}, headers=second)

    async def others_of(role: str) -> list[str]:
        listed = await platform.http.get("/v1/accounts?limit=1000", headers=platform.auditor)
        return [
            account["username"]
            for account in listed.json()["data"]
            if role in account["roles"] and account["status"] == "active"
        ]

    for username in await others_of("auditor"):
        if username != "auditor":
            assert (await of_second(username)).status_code == 200
    for answer in (await of_second("auditor"), await platform.change("auditor", status="disabled")):
        assert answer.status_code == 409
        assert code_of(answer) == "accounts.last_administrator"
    await platform.person(f"{name}a", "auditor")
    both = [{"username": one, "roles": []} for one in ("auditor", f"{name}a")]
    refused = await platform.http.post("/v1/accounts:grant", json={"items": both}, headers=second)
    assert code_of(refused) == "accounts.last_administrator", "neither counts for the other"
    assert (await of_second("auditor")).status_code == 200
    assert (await of_second("auditor", "auditor")).status_code == 200


async def test_a_disabled_administrator_does_not_count(
    http: httpx.AsyncClient, platform: Platform, name: str
) -> None:
    await platform.person(name, "system_admin")
    assert (await platform.change(name, status="disabled")).status_code == 200
    assert code_of(await tokens(http, name)) == "auth.login_failed"
