"""Scopes of results (考核结果权限)."""

from enum import StrEnum


class ResultScope(StrEnum):
    """Rights to results."""

    READ = "results:read"
