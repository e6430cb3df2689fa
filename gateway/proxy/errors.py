"""Problems of forwarding requests."""

from services.chassis.core.errors import BadRequest, Unavailable
from services.chassis.core.text import Text


class ServiceUnavailable(Unavailable):
    """A service does not respond in time."""

    code = "gateway.service_unavailable"
    title = Text("服务暂不可用", "Service unavailable")
    detail = Text(
        "服务 {service} 暂时没有响应，请稍后重试。",
        "The service {service} is not responding; try again shortly.",
    )


class PathRefused(BadRequest):
    """The path has `.` or `..` segments, which servers interpret differently."""

    code = "gateway.path_refused"
    title = Text("路径有误", "Path refused")
    detail = Text("路径中不能有 . 或 .. 段。", "The path must not contain . or .. segments.")
