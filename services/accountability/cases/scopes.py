"""Scopes of cases (问责案件权限)."""

from enum import StrEnum


class CaseScope(StrEnum):
    """Rights to cases."""

    READ = "cases:read"
    WRITE = "cases:write"
    REVIEW = "cases:review"
    DECIDE = "cases:decide"
    EXECUTE = "cases:execute"
