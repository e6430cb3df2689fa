"""Problems of personal data."""

from services.chassis.core.errors import Conflict
from services.chassis.core.text import Text


class StaffErased(Conflict):
    """The person's number and name are gone."""

    code = "schools.staff_erased"
    title = Text("个人信息已删除", "Personal data erased")
    detail = Text(
        "工号 {staff_no} 的个人信息已依法删除，无法恢复。",
        "The personal data of {staff_no} was erased and cannot be restored.",
    )


class NoNumberRecorded(Conflict):
    """The number given for the person is under review, or was dismissed."""

    code = "schools.no_number_recorded"
    title = Text("未登记身份证号", "No ID number recorded")
    detail = Text(
        "工号 {staff_no} 的身份证号尚未登记：报送的号码待核对或未采纳，见 id-number-reports。",
        "No ID number is recorded for {staff_no}: the reported one is under review or was "
        "dismissed; see id-number-reports.",
    )


class StaffNotRestricted(Conflict):
    """There is no restriction to lift."""

    code = "schools.staff_not_restricted"
    title = Text("未被限制处理", "Not restricted")
    detail = Text("工号 {staff_no} 没有限制处理。", "{staff_no} is not restricted.")


class MustBeKept(Conflict):
    """The law demands that the record be kept; it can be restricted instead."""

    code = "schools.must_be_kept"
    title = Text("法定保存期未满，不能删除", "Retention period not over")
    detail = Text(
        "工号 {staff_no} 离职满 {years} 年（保存期限）后方可删除；此前可限制处理"
        "（个人信息保护法第四十七条第二款）。最早删除日期：{erasable_on}。",
        "{staff_no} may be erased {years} years after leaving (personal-information law, "
        "art 47 para 2); until then it can be restricted. Earliest day: {erasable_on}.",
    )
