"""Table of directives to the appraisal service (考核指令)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, UniqueConstraint
from sqlmodel import Field

from services.accountability.base import Table


class DirectiveDelivery(Table, table=True):
    """The directive of an M4 measure and its delivery to the appraisal service."""

    __tablename__ = "directive_delivery"
    __table_args__ = (
        UniqueConstraint("directive_no"),
        UniqueConstraint("case_id", "staff_no"),
    )

    bureau_code: str
    case_id: UUID = Field(foreign_key="accountability.case_file.id")
    directive_no: str
    staff_no: str
    case_no: str
    measure: str
    year: int
    basis: str
    decided_on: date
    state: str = Field(default="pending", sa_column_kwargs={"server_default": "pending"})
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    detail: str | None = None
    delivered_at: datetime | None = Field(
        default=None,
        sa_type=DateTime(timezone=True),
    )
