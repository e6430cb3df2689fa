"""Every list with every role: refused exactly where the caller's level never sees a row."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.roles import ADMINISTRATORS, ROLES, Role
from services.chassis.database.auth import Caller
from services.chassis.lists.row_scopes import RowScope
from tests.architecture.processes import Route
from tests.architecture.test_lists import LISTS, listing_of
from tests.architecture.test_roles import address
from tests.support.tokens import bearer, claims

_SCHOOLS = (), ("2162999999",)


def subjects(scope: str) -> Iterator[tuple[Role, dict[str, Any]]]:
    """Accounts of every role with a scope, limited to schools or not, and a client's choice."""
    for role, spec in ROLES.items():
        if role in ADMINISTRATORS:
            if scope in spec.scopes:
                yield role, {"bureau": None}
            continue
        staff_no = "T1" if role is Role.STAFF else None
        for schools in _SCHOOLS:
            # The scope is added: a list must not depend on which roles have it today.
            scopes = {*spec.scopes, scope}
            yield (
                role,
                {"bureau": "999999", "schools": schools, "staff_no": staff_no, "scopes": scopes},
            )


def is_closed(route: Route, caller: Caller) -> bool:
    """Whether a list declares no rule for the caller's level."""
    scope = listing_of(route).scope
    if not isinstance(scope, RowScope) or scope.has_built_in:
        return False
    return caller.level not in scope.rules


@pytest.mark.parametrize("route", LISTS, ids=str)
async def test_a_list_is_refused_exactly_where_no_row_could_be_seen(
    route: Route, clients: dict[str, httpx.AsyncClient]
) -> None:
    for role, subject in subjects(route.scopes[0]):
        caller = Caller.from_claims(claims([role], **subject))
        headers = bearer(role, **subject)
        answer = await clients[route.process].get(address(route), headers=headers)
        if not is_closed(route, caller):
            assert answer.status_code in (200, 404), (role, subject, answer.text)
        elif "{" not in route.path:
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (403, "auth.sees_no_rows"), role
        else:  # the parent may not be there
            assert answer.status_code in (403, 404), (role, subject, answer.text)


def test_some_lists_are_closed_to_some_levels() -> None:
    person = Caller.from_claims(claims(["staff"], bureau="999999", staff_no="T1"))
    closed = {route.path for route in LISTS if is_closed(route, person)}
    assert {"/v1/cases", "/v1/schools"} <= closed
