"""Problems of staff."""

from services.chassis.core.errors import Conflict, NotFound
from services.chassis.core.text import Text


class StaffNotFound(NotFound):
    """No such person, or not visible to the caller."""

    code = "schools.staff_not_found"
    title = Text("没有这位教职工", "No such member of staff")
    detail = Text("没有教职工 {key}，或您无权查看。", "No person {key}, or not visible to you.")


class StaffRestricted(Conflict):
    """The person's record is restricted or erased."""

    code = "schools.staff_restricted"
    title = Text("个人信息已限制处理", "Personal data restricted")
    detail = Text(
        "工号 {staff_no} 的个人信息已限制处理或删除；如需更正，请先解除限制。",
        "The record of {staff_no} is restricted or erased; lift the restriction to correct it.",
    )


class StaffTaken(Conflict):
    """The staff number or the ID number is taken in this bureau."""

    code = "schools.staff_taken"
    title = Text("工号或身份证号已存在", "Staff number or ID number taken")
    detail = Text(
        "工号 {staff_no} 或其身份证号已登记，请核对后修改原记录。",
        "Staff number {staff_no} or the ID number is taken; change the existing record.",
    )


class StaffNoTaken(StaffTaken):
    """The staff number is taken; for callers who must not learn about ID numbers."""

    title = Text("工号已存在", "Staff number taken")
    detail = Text(
        "工号 {staff_no} 已登记，请核对后修改原记录。",
        "Staff number {staff_no} is taken; change the existing record.",
    )
