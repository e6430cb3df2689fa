"""Every error of the platform as RFC 9457 problem+json, in Chinese or English."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from services.chassis.core.text import Text

MAX_FAULTS = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where (JSON pointer), what (code), and in words."""

    pointer: str
    code: str
    message: Text
    params: dict[str, Any] = field(default_factory=dict)


class AppError(Exception):
    """A stated problem. Subclasses declare status, code and texts; instances carry parameters."""

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
    """The request cannot be read at all."""


class NotAuthenticated(AppError):
    """No token, or one that does not hold."""

    status = 401
    code = "auth.invalid_token"
    title = Text("未登录或令牌无效", "Not authenticated")
    detail = Text("{reason_zh}请重新登录后再试。", "{reason_en} Log in again and retry.")


class MissingScope(AppError):
    """The token is good but does not allow this."""

    status = 403
    code = "auth.missing_scope"
    title = Text("没有权限", "Not allowed")
    detail = Text("此操作需要权限 {scope}。", "This needs the scope {scope}.")


class NotFound(AppError):
    """Nothing there, or nothing the caller may see."""

    status = 404
    code = "platform.not_found"
    title = Text("没有找到", "Not found")
    detail = Text("没有这个资源，或您无权查看。", "No such resource, or it is not visible to you.")


class Conflict(AppError):
    """The request contradicts what is stored."""

    status = 409
    code = "platform.conflict"
    title = Text("与现有数据冲突", "Conflict")
    detail = Text("数据已存在或已被他人修改。", "The data already exists or was changed meanwhile.")


class BodyTooLarge(AppError):
    """The body is over the limit."""

    status = 413
    code = "platform.body_too_large"
    title = Text("请求体过大", "Body too large")
    detail = Text(
        "上限为 {limit} 字节，请拆分后再传。", "The limit is {limit} bytes; split the request."
    )


class BodyTooSlow(AppError):
    """The body does not arrive; whoever sends it so keeps a place from others."""

    status = 408
    code = "platform.body_too_slow"
    title = Text("请求体传输过慢", "Body too slow")
    detail = Text(
        "请求体传输中断或过慢，请检查网络后重试。",
        "The body stopped or came too slowly; look at the connection, and try again.",
    )


class UnsupportedMediaType(AppError):
    """The body is of a type this route does not read."""

    status = 415
    code = "platform.unsupported_media_type"
    title = Text("不支持的内容类型", "Unsupported media type")
    detail = Text("请使用：{accepted}。", "Send one of: {accepted}.")


class Invalid(AppError):
    """The content is readable but wrong; `errors` lists every fault at once."""

    status = 422
    code = "platform.invalid"
    title = Text("内容有误", "Invalid content")
    detail = Text("共 {count} 处错误，见 errors。", "{count} fault(s), see errors.")

    def __init__(self, faults: list[Fault], **params: Any) -> None:
        super().__init__(faults=faults[:MAX_FAULTS], **{"count": len(faults)} | params)


class Unavailable(AppError):
    """Overload or a missing dependency: worth trying again."""

    status = 503
    code = "platform.unavailable"
    title = Text("服务暂不可用", "Unavailable")
    detail = Text("请稍后重试。", "Try again shortly.")

    def __init__(self, retry_after: int = 2, **params: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)}, **params)


class Overloaded(Unavailable):
    """More requests at the same time than this process, or its connections, can serve."""

    code = "platform.overloaded"
    title = Text("服务繁忙", "Overloaded")
    detail = Text(
        "同时请求过多，请稍后重试。", "Too many requests at the same time; try again shortly."
    )


class StatementTimeout(Unavailable):
    """A database statement took longer than it may."""

    code = "platform.statement_timeout"
    title = Text("数据库处理超时", "Took too long")
    detail = Text(
        "数据库未能及时完成，请缩小范围或稍后重试。",
        "The database did not finish in time; ask for less, or try again later.",
    )


class StorageFull(AppError):
    """There is no room left, on the disk of the service or on PostgreSQL's."""

    status = 507
    code = "platform.storage_full"
    title = Text("存储空间已满", "Storage full")
    detail = Text(
        "服务器磁盘空间不足，请联系管理员。",
        "The server has run out of disk space: tell whoever runs it.",
    )


class ProblemFault(BaseModel):
    """One fault of a problem (错误项)."""

    pointer: str = Field(description="JSON pointer to the faulty value", examples=["/id_number"])
    code: str = Field(description="Stable code", examples=["id_number.checksum"])
    message: str = Field(description="In the request's language", examples=["身份证号校验位不符"])
    params: dict[str, Any] = Field(description="Values used in the message", examples=[{}])


class Problem(BaseModel):
    """RFC 9457 problem details (错误说明)."""

    type: str = Field(description="URN of the kind", examples=["urn:junheng:platform.not_found"])
    title: str = Field(description="What kind of problem", examples=["没有找到"])
    status: int = Field(description="HTTP status", examples=[404])
    detail: str = Field(description="What to do about it", examples=["没有这个资源。"])
    instance: str = Field(description="Path of the request", examples=["/v1/schools/1"])
    code: str = Field(description="Stable code", examples=["platform.not_found"])
    request_id: str = Field(description="Find it in the logs", examples=["01a2b3"])
    errors: list[ProblemFault] = Field(description="All faults at once", examples=[[]])


def documents(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` for the problems that a route states."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        entry = by_status.setdefault(
            error.status,
            {"description": "", "content": {"application/problem+json": {"schema": _REFERENCE}}},
        )
        entry["description"] = " · ".join(
            filter(None, [entry["description"], f"{error.code} {error.title.zh}"])
        )
    return by_status


def creates(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` of a write that answers 201 when the row is new, and 200 otherwise."""
    return {201: {"description": "Created (新建)", "model": model}}


_REFERENCE = {"$ref": "#/components/schemas/Problem"}
