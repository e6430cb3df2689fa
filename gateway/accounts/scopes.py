"""Scopes of accounts (账号权限)."""

from enum import StrEnum


class AccountScope(StrEnum):
    """Rights to accounts."""

    READ = "accounts:read"
    WRITE = "accounts:write"
    GRANT_ROLES = "roles:grant"
