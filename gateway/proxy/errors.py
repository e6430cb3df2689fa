"""Problems of passing requests on."""

from services.chassis.core.errors import BadRequest, Unavailable
from services.chassis.core.text import Text


class ServiceUnavailable(Unavailable):
    """A service does not answer, or not in time."""

    code = "gateway.service_unavailable"
    title = Text("服务暂不可用", "Service unavailable")
    detail = Text(
        "服务 {service} 暂时没有响应,请稍后重试。",
        "The service {service} does not answer at the moment; try again shortly.",
    )


class PathRefused(BadRequest):
    """The address has `.` or `..` segments, which servers read in different ways."""

    code = "gateway.path_refused"
    title = Text("地址有误", "Address refused")
    detail = Text("地址中不能有 . 或 .. 段。", "The address must not have . or .. segments.")
