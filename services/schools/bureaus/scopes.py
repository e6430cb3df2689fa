"""Scopes of bureaus (教育局权限)."""

from enum import StrEnum


class BureauScope(StrEnum):
    """Rights to bureaus."""

    READ = "bureaus:read"
    WRITE = "bureaus:write"
