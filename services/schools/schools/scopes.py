"""Scopes of schools (学校权限)."""

from enum import StrEnum


class SchoolScope(StrEnum):
    """Rights to schools."""

    READ = "schools:read"
    WRITE = "schools:write"
