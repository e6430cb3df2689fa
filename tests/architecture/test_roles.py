"""Every route is called with every role: what a role may do is its scopes, nothing else."""

import re
from uuid import UUID

import httpx
import pytest

from gateway.roles import ADMINISTRATORS, ROLES, SERVICE_SCOPES, Role
from tests.architecture.processes import Route, all_routes
from tests.support.tokens import bearer

pytestmark = pytest.mark.quick

GUARDED = [route for route in all_routes() if not route.is_public]
NOBODY = UUID(int=7)
_UUIDS = re.compile(r"\{\w+_id\}")
_DAYS = re.compile(r"\{day\}")
_OTHERS = re.compile(r"\{\w+\}")


def address(route: Route) -> str:
    """The route's path with parameters that fit it and name nothing."""
    path = _UUIDS.sub(str(NOBODY), route.path)
    return _OTHERS.sub("2099", _DAYS.sub("2099-01-01", path))


def headers(role: Role) -> dict[str, str]:
    """A token of the role, as the gateway would issue it."""
    platform = role in ADMINISTRATORS
    staff_no = "T1" if role is Role.STAFF else None
    return bearer(role, bureau=None if platform else "999999", staff_no=staff_no, name=role)


@pytest.mark.parametrize("route", GUARDED, ids=str)
async def test_exactly_the_roles_with_the_scope_pass(
    route: Route, clients: dict[str, httpx.AsyncClient]
) -> None:
    scope = route.scopes[0]
    for role, spec in ROLES.items():
        answer = await clients[route.process].request(
            route.method, address(route), headers=headers(role)
        )
        if scope in spec.scopes:
            assert answer.status_code not in (401, 403), (role, answer.text)
            assert answer.status_code < 500, (role, answer.text)
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "auth.missing_scope"), role
            assert scope in answer.json()["detail"]


@pytest.mark.parametrize("route", GUARDED, ids=str)
async def test_without_a_token_nothing_is_said(
    route: Route, clients: dict[str, httpx.AsyncClient]
) -> None:
    answer = await clients[route.process].request(route.method, address(route))
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.invalid_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_three_administrators_are_separated() -> None:
    held = {role: ROLES[role].scopes - {"codes:read"} for role in ADMINISTRATORS}
    writing = {
        role: {scope for scope in scopes if not scope.endswith(":read")}
        for role, scopes in held.items()
    }
    assert writing[Role.AUDITOR] == set()
    assert not writing[Role.SYSTEM_ADMIN] & writing[Role.SECURITY_ADMIN]
    content = re.compile(
        r"schools|staff|cycles|participation_records|scores|results|directives|corrections|cases"
    )
    assert not any(content.match(scope) for scopes in held.values() for scope in scopes)
    others = [ROLES[role].scopes for role in ROLES if role not in ADMINISTRATORS]
    assert not any(
        scope.split(":")[0] in ("accounts", "clients", "roles", "clock")
        for scopes in others
        for scope in scopes
    )


def test_every_scope_is_used_and_granted() -> None:
    used = {route.scopes[0] for route in GUARDED}
    granted = {scope for spec in ROLES.values() for scope in spec.scopes}
    assert used - granted == {"directives:write", "personal_data:read"}  # of services alone
    assert {scope for scopes in SERVICE_SCOPES.values() for scope in scopes} <= used
    assert granted - used == set()
