"""Scopes of directives (问责影响权限)."""

from enum import StrEnum


class DirectiveScope(StrEnum):
    """Rights to directives."""

    READ = "directives:read"
    WRITE = "directives:write"
