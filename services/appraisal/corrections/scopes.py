"""Scopes of corrections (更正权限)."""

from enum import StrEnum


class CorrectionScope(StrEnum):
    """Rights to corrections."""

    READ = "corrections:read"
    DECIDE = "corrections:decide"
