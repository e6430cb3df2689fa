"""The table of reported ID numbers (报送的身份证号), and how one is read."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Computed, DateTime, Index, LargeBinary, text
from sqlalchemy import Text as LongText
from sqlmodel import Field, SQLModel

from services.schools.base import Table
from services.schools.codes import ID_NUMBER_REPORT_REASONS, ID_NUMBER_REPORT_STATES

OPEN, ACCEPTED, DISMISSED = "open", "accepted", "dismissed"
# Of a number that is the recorded one. Such a row holds no number and nobody sees it; it is there
# so that a write costs the same whether the number given is recorded or not.
RECORDED = "recorded"


class IdNumberReport(Table, table=True):
    """An ID number that a caller without `staff:pii` gave for a person."""

    __tablename__ = "id_number_report"
    __table_args__ = (
        # A number is reported once for a person, unless it was accepted and changed again since.
        Index(
            None,
            "bureau_code",
            "id_number_index",
            "staff_id",
            unique=True,
            postgresql_where=text("state in ('open', 'dismissed')"),
        ),
        Index(
            "id_number_report_recorded_idx",
            "bureau_code",
            "id_number_index",
            "staff_id",
            unique=True,
            postgresql_where=text("state = 'recorded'"),
        ),
        Index(None, "bureau_code", "created_at", "id"),
    )

    bureau_code: str
    school_code: str
    staff_id: UUID = Field(foreign_key="schools.staff.id", ondelete="CASCADE", index=True)
    staff_no: str
    id_number_cipher: bytes = Field(sa_type=LargeBinary)
    id_number_index: bytes = Field(sa_type=LargeBinary)
    # PostgreSQL derives it, as in `Staff`.
    id_number_key: str | None = Field(
        default=None,
        sa_column_args=(
            Computed(
                'encode("substring"(id_number_cipher, 1, '
                "(\"position\"(id_number_cipher, '\\x3a'::bytea) - 1)), 'escape'::text)",
                persisted=True,
            ),
        ),
        index=True,
        sa_type=LongText,
    )
    reason: str
    state: str
    reported_by: str
    subject: str
    settled_by: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    note: str | None = Field(default=None, max_length=200)


class IdNumberReportRead(SQLModel):
    """A reported ID number as read; only `:reveal` shows the number itself."""

    id: UUID = Field(description="Opaque id")
    staff_no: str = Field(
        title="工号",
        description="The person for whom the number was given",
        schema_extra={"examples": ["T000001"]},
    )
    name: str = Field(
        title="姓名", description="As registered now", schema_extra={"examples": ["王小明"]}
    )
    school_code: str = Field(
        title="学校标识码",
        description="The person's school at that time",
        schema_extra={"examples": ["2162000001"]},
    )
    reason: Annotated[str, ID_NUMBER_REPORT_REASONS] = Field(
        title="原因",
        description="Code list `id-number-report-reasons`",
        schema_extra={"examples": ["taken"]},
    )
    holder_staff_no: str | None = Field(
        title="现登记人工号",
        description="The other person under whom the number is recorded now; null for nobody",
        schema_extra={"examples": ["T000002"]},
    )
    state: Annotated[str, ID_NUMBER_REPORT_STATES] = Field(
        title="状态",
        description="Code list `id-number-report-states`",
        schema_extra={"examples": ["open"]},
    )
    reported_by: str = Field(
        title="报送人",
        description="Who gave the number",
        schema_extra={"examples": ["officer@2162000001"]},
    )
    settled_by: str | None = Field(
        title="处理人", description="Who settled the report", schema_extra={"examples": ["李主任"]}
    )
    settled_at: datetime | None = Field(title="处理时间", description="When it was settled")
    note: str | None = Field(
        title="处理意见",
        description="Why the number was dismissed",
        schema_extra={"examples": ["经核对，原号码无误"]},
    )
    version: int = Field(description="Counts changes", schema_extra={"examples": [1]})
    created_at: datetime
    updated_at: datetime
