"""Table and schemas of one-time links (一次性链接)."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as ApiField
from sqlalchemy import DateTime, Index, LargeBinary
from sqlmodel import Field

from gateway.base import Table
from services.chassis.schemas.strict_bodies import Body

LONGEST_PATH = 2000


class OneTimeLink(Table, table=True):
    """An unused link; its use deletes it.

    Attributes:
        account_id: the account that made it.
        secret_hash: hash of the secret in the link.
        path: path and query that it leads to.
        expires_at: its end.
    """

    __tablename__ = "one_time_link"
    __table_args__ = (
        Index(None, "secret_hash", unique=True),
        Index(None, "account_id"),
        Index(None, "expires_at"),
    )

    account_id: UUID = Field(foreign_key="gateway.account.id", ondelete="CASCADE")
    secret_hash: bytes = Field(sa_type=LargeBinary)
    path: str
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))


class LinkRequest(Body):
    """The address that a link leads to (链接目标)."""

    path: str = ApiField(
        max_length=LONGEST_PATH,
        title="路径",
        description="Path and query of a `GET` route of this platform (路径)",
        examples=["/schools/v1/import-templates/staff.xlsx"],
    )


class LinkRead(BaseModel):
    """A link for one request (一次性链接)."""

    path: str = ApiField(
        title="路径",
        description="Path of the link at this platform; shown only here (路径)",
        examples=["/v1/links/kD0w1sX3bq4uUqgkqS8XkM5o0nWc2dZr7yJtV9aLhEo"],
    )
    expires_at: datetime = ApiField(
        title="有效期至",
        description="End of the time in which it can be used (有效期至)",
        examples=["2026-03-02T09:31:00+08:00"],
    )
