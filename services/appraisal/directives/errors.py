"""Problems of directives."""

from services.chassis.core.errors import Conflict
from services.chassis.core.text import Text


class DirectiveDiffers(Conflict):
    """The number was used for another directive."""

    code = "appraisal.directive_differs"
    title = Text("影响编号已用于其他内容", "Directive number used")
    detail = Text(
        "编号 {directive_no} 已收到过，内容不同。",
        "The number {directive_no} was received before with other content.",
    )
