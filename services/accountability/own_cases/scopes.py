"""Scopes of own cases (本人案件权限)."""

from enum import StrEnum


class OwnCaseScope(StrEnum):
    """Rights to own cases."""

    READ = "own_cases:read"
    WRITE = "own_cases:write"
