"""Scopes of participation records (参加考核情况权限)."""

from enum import StrEnum


class ParticipationRecordScope(StrEnum):
    """Rights to participation records."""

    READ = "participation_records:read"
    WRITE = "participation_records:write"
