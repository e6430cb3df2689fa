"""Problems of schools."""

from services.chassis.core.errors import NotFound, Taken
from services.chassis.core.text import Text


class SchoolNotFound(NotFound):
    """No such school, or not visible to the caller."""

    code = "schools.school_not_found"
    title = Text("没有这所学校", "No such school")
    detail = Text("没有学校 {key}，或您无权查看。", "No school {key}, or it is not visible to you.")


class SchoolCodeTaken(Taken):
    """The school code is taken; codes are never reused."""

    code = "schools.school_code_taken"
    field = "school_code"
    title = Text("学校标识码已被占用", "School code taken")
    detail = Text("标识码 {school_code} 已被使用。", "The school code {school_code} is taken.")
