"""Tables and schemas of bureaus (教育局)."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from services.chassis.lists.pinyin.named import Named
from services.chassis.schemas.fields import BureauCode, Input, LineText
from services.chassis.schemas.rows import RowRead
from services.schools.base import Table


class BureauFields(SQLModel):
    """Common fields of a bureau."""

    bureau_code: BureauCode = Field(
        title="行政区划代码",
        description="GB/T 2260 division code of the county, 6 digits",
        schema_extra={"examples": ["620123"]},
    )
    name: LineText = Field(
        title="教育局名称",
        description="Full name",
        max_length=100,
        schema_extra={"examples": ["示例县教育局"]},
    )


class Bureau(BureauFields, Named, Table, table=True):
    """A county education bureau, the tenant of all other data."""

    __table_args__ = (UniqueConstraint("bureau_code"),)


class BureauCreate(BureauFields, Input):
    """A new bureau."""


class BureauRead(RowRead, BureauFields):
    """A bureau as read."""
