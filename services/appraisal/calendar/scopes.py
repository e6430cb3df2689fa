"""Scopes of the working-day calendar (工作日历权限)."""

from enum import StrEnum


class CalendarScope(StrEnum):
    """Rights to the working-day calendar."""

    READ = "calendar:read"
    WRITE = "calendar:write"
