"""Scopes of scores (评分权限)."""

from enum import StrEnum


class ScoreScope(StrEnum):
    """Rights to scores."""

    READ = "scores:read"
    WRITE = "scores:write"
