"""Scopes of participants (参加人员权限)."""

from enum import StrEnum


class ParticipantScope(StrEnum):
    """Rights to participants."""

    READ = "participants:read"
