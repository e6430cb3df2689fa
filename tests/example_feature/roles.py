"""Tokens of people with roles, to which the scopes of the example are added."""

from collections.abc import Iterable

from gateway.roles import scopes_of
from tests.support.tokens import bearer

# In a service these are words in `gateway/roles.py`.
ADDED = {
    "bureau_admin": {"repairs:read", "repairs:write"},
    "school_head": {"repairs:read"},
    "integration": {"repairs:read", "repairs:write"},
}


def somebody(role: str, bureau: str, schools: Iterable[str] = ()) -> dict[str, str]:
    """An `Authorization` header of somebody with this role."""
    scopes = scopes_of([role]) | ADDED.get(role, set())
    return bearer(role, bureau=bureau, schools=schools, scopes=scopes)
