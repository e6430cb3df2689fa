"""Tables and schemas of repairs (报修)."""

from typing import Annotated

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from services.chassis.schemas.fields import Input, LineText, SchoolCode
from services.chassis.schemas.rows import RowRead, described
from tests.example_feature.base import Table
from tests.example_feature.repairs.states import REPAIR_PROCEDURE


class RepairFields(SQLModel):
    """Common fields of a repair."""

    repair_no: LineText = described(
        "报修编号", "Number, unique in the bureau", "R-1", max_length=32
    )
    school_code: SchoolCode = described("学校标识码", "Code of the school", "2162000001")
    subject: LineText = described("报修事项", "What is broken", "教室灯管", max_length=100)


class Repair(RepairFields, Table, table=True):
    """A repair at a school of the bureau."""

    __table_args__ = (UniqueConstraint("bureau_code", "repair_no"),)

    bureau_code: str
    state: str = REPAIR_PROCEDURE.initial


class RepairWrite(RepairFields, Input):
    """A repair as written: created or imported."""


class RepairRead(RowRead, RepairFields):
    """A repair as read."""

    state: Annotated[str, REPAIR_PROCEDURE.code_list] = described("状态", "State", "reported")
