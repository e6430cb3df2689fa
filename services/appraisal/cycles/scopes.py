"""Scopes of cycles (考核年度权限)."""

from enum import StrEnum


class CycleScope(StrEnum):
    """Rights to cycles."""

    READ = "cycles:read"
    WRITE = "cycles:write"
    DETERMINE = "results:determine"
    CONFIRM = "cycles:confirm"
