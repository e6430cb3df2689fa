"""Scopes of staff (教职工权限)."""

from enum import StrEnum


class StaffScope(StrEnum):
    """Rights to staff."""

    READ = "staff:read"
    WRITE = "staff:write"
    PII = "staff:pii"
