"""Scopes of API clients (接口权限)."""

from enum import StrEnum


class ClientScope(StrEnum):
    """Rights to API clients."""

    READ = "clients:read"
    WRITE = "clients:write"
