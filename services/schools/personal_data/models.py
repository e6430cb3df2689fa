"""The table of key rotations (密钥更换)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime
from sqlmodel import Field

from services.schools.base import Table


class KeyRotation(Table, table=True):
    """One re-encryption of all ID numbers: how far it has come."""

    __tablename__ = "key_rotation"

    target_key: str
    state: str
    passes: int
    rows_changed: int = Field(sa_type=BigInteger)
    position: UUID | None
    started_by: str
    finished_at: datetime | None = Field(sa_type=DateTime(timezone=True))
