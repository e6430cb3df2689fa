"""Problems of assignments."""

from services.chassis.core.errors import NotFound, Taken
from services.chassis.core.text import Text


class AssignmentNotFound(NotFound):
    """No such assignment, or not visible to the caller."""

    code = "schools.assignment_not_found"
    title = Text("没有这条任职", "No such assignment")
    detail = Text("没有这条任职，或您无权查看。", "No such assignment, or not visible to you.")


class AssignmentOverlaps(Taken):
    """The person already has this role at this school during part of the time."""

    code = "schools.assignment_overlaps"
    field = "starts_on"
    title = Text("任职时间重叠", "Assignments overlap")
    detail = Text(
        "工号 {staff_no} 在学校 {school_code} 已有同一岗位的任职（{starts_on} 至 {ends_on}），"
        "请先结束或修改该任职。",
        "{staff_no} has this role at school {school_code} from {starts_on} to {ends_on}; "
        "end or change that assignment first.",
    )
