"""Every error of the platform as RFC 9457 problem+json, in Chinese or English."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from services.chassis.core.text import Text

MAX_FAULTS = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the input: position (JSON pointer), code and text."""

    pointer: str
    code: str
    message: Text
    params: dict[str, Any] = field(default_factory=dict)


class AppError(Exception):
    """A declared problem. Subclasses declare status, code and texts; instances have parameters."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "platform.bad_request"
    title: ClassVar[Text] = Text("请求有误", "Bad request")
    detail: ClassVar[Text] = Text("请检查请求后重试。", "Check the request and try again.")

    def __init__(
        self,
        *,
        faults: list[Fault] | None = None,
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(self.code)
        self.params = params
        self.faults = faults or []
        self.headers = headers or {}


class BadRequest(AppError):
    """The request cannot be parsed."""


class NotAuthenticated(AppError):
    """The token is missing or invalid."""

    status = 401
    code = "auth.invalid_token"
    title = Text("未登录或令牌无效", "Not authenticated")
    detail = Text("{reason_zh}请重新登录后再试。", "{reason_en} Log in again and retry.")


class MissingScope(AppError):
    """The token is valid but does not allow this."""

    status = 403
    code = "auth.missing_scope"
    title = Text("没有权限", "Permission denied")
    detail = Text("此操作需要权限 {scope}。", "This requires the scope {scope}.")


class SeesNoRows(AppError):
    """The list never shows a row to callers of this level: empty, it would look like no data."""

    status = 403
    code = "auth.sees_no_rows"
    title = Text("此列表不对您开放", "List not open to you")
    detail = Text(
        "此列表不向数据范围为“{level_zh}”的账号开放。",
        "This list has no rows for accounts whose data are limited to: {level_en}.",
    )
    _levels: ClassVar[dict[str, Text]] = {
        "platform": Text("平台", "the platform"),
        "bureau": Text("全局", "the bureau"),
        "schools": Text("所属学校", "their schools"),
        "person": Text("本人", "their own person"),
    }

    def __init__(self, level: str) -> None:
        title = self._levels[level]
        super().__init__(level=level, level_zh=title.zh, level_en=title.en)


class NotFound(AppError):
    """The resource does not exist or is not visible to the caller."""

    status = 404
    code = "platform.not_found"
    title = Text("没有找到", "Not found")
    detail = Text("没有这个资源，或您无权查看。", "No such resource, or it is not visible to you.")


class Conflict(AppError):
    """The request conflicts with stored data."""

    status = 409
    code = "platform.conflict"
    title = Text("与现有数据冲突", "Conflict")
    detail = Text(
        "数据已存在或已被他人修改。", "The data already exist or have been changed in the meantime."
    )


class Taken(Conflict):
    """Another record has a value that only one may have.

    Attributes:
        field: the one to blame, which a form marks.
    """

    field: ClassVar[str]

    def __init__(self, **params: Any) -> None:
        fault = Fault(f"/{self.field}", self.code, self.detail, params)
        super().__init__(faults=[fault], **params)


class BodyTooLarge(AppError):
    """The body exceeds the limit."""

    status = 413
    code = "platform.body_too_large"
    title = Text("请求体过大", "Body too large")
    detail = Text(
        "上限为 {limit} 字节，请拆分后再传。", "The limit is {limit} bytes; split the request."
    )


class BodyTooSlow(AppError):
    """The body arrives too slowly and would hold a slot that others need."""

    status = 408
    code = "platform.body_too_slow"
    title = Text("请求体传输过慢", "Body too slow")
    detail = Text(
        "请求体传输中断或过慢，请检查网络后重试。",
        "The body stopped or arrived too slowly; check the connection and try again.",
    )


class UnsupportedMediaType(AppError):
    """The route does not support the type of the body."""

    status = 415
    code = "platform.unsupported_media_type"
    title = Text("不支持的内容类型", "Unsupported media type")
    detail = Text("请使用：{accepted}。", "Use one of: {accepted}.")


class Invalid(AppError):
    """The content is invalid; `errors` lists every fault."""

    status = 422
    code = "platform.invalid"
    title = Text("内容有误", "Invalid content")
    detail = Text("共 {count} 处错误，见 errors。", "{count} fault(s), see errors.")

    def __init__(self, faults: list[Fault], **params: Any) -> None:
        super().__init__(faults=faults[:MAX_FAULTS], **{"count": len(faults)} | params)


class Unavailable(AppError):
    """Overload or an unavailable dependency; a retry may succeed."""

    status = 503
    code = "platform.unavailable"
    title = Text("服务暂不可用", "Unavailable")
    detail = Text("请稍后重试。", "Try again shortly.")

    def __init__(self, retry_after: int = 2, **params: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)}, **params)


class Overloaded(Unavailable):
    """More concurrent requests than this process or its connections can serve."""

    code = "platform.overloaded"
    title = Text("服务繁忙", "Overloaded")
    detail = Text("同时请求过多，请稍后重试。", "Too many concurrent requests; try again shortly.")


class StatementTimeout(Unavailable):
    """A database statement took too long."""

    code = "platform.statement_timeout"
    title = Text("数据库处理超时", "Database timeout")
    detail = Text(
        "数据库未能及时完成，请缩小范围或稍后重试。",
        "The database did not finish in time; request less data, or try again later.",
    )


class StorageFull(AppError):
    """The disk of the service or of PostgreSQL is full."""

    status = 507
    code = "platform.storage_full"
    title = Text("存储空间已满", "Storage full")
    detail = Text(
        "服务器磁盘空间不足，请联系管理员。",
        "The server has run out of disk space; contact your administrator.",
    )


class ProblemFault(BaseModel):
    """One fault of a problem (错误项)."""

    pointer: str = Field(description="JSON pointer to the faulty value", examples=["/id_number"])
    code: str = Field(description="Stable code", examples=["id_number.checksum"])
    message: str = Field(
        description="Text in the language of the request", examples=["身份证号校验位不符"]
    )
    params: dict[str, Any] = Field(description="Values used in the message", examples=[{}])


class Problem(BaseModel):
    """RFC 9457 problem details (错误说明)."""

    type: str = Field(
        description="URN of the problem type", examples=["urn:junheng:platform.not_found"]
    )
    title: str = Field(description="Title of the problem type", examples=["没有找到"])
    status: int = Field(description="HTTP status", examples=[404])
    detail: str = Field(description="Explanation and remedy", examples=["没有这个资源。"])
    instance: str = Field(description="Path of the request", examples=["/v1/schools/1"])
    code: str = Field(description="Stable code", examples=["platform.not_found"])
    request_id: str = Field(description="Id of the request in the logs", examples=["01a2b3"])
    errors: list[ProblemFault] = Field(description="All faults of the request", examples=[[]])


def documents(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` for the problems that a route declares."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        entry = by_status.setdefault(
            error.status,
            {"description": "", "content": {"application/problem+json": {"schema": _REFERENCE}}},
        )
        named = f"{error.code} {error.title.en} ({error.title.zh})"
        entry["description"] = " · ".join(filter(None, [entry["description"], named]))
    return by_status


def creates(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` of a write that returns 201 for a new row, otherwise 200."""
    return {201: {"description": "Created (新建)", "model": model}}


_REFERENCE = {"$ref": "#/components/schemas/Problem"}
