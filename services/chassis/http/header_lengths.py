"""Documented maximum lengths of the headers that routes read."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text

MAX_HEADER, MAX_RANGE = 255, 100
LONGEST = {
    "Idempotency-Key": MAX_HEADER,
    "If-Match": MAX_HEADER,
    "If-None-Match": MAX_HEADER,
    "Range": MAX_RANGE,
    "If-Range": MAX_RANGE,
    "Content-Range": MAX_RANGE,
}
_LIMITS = {name.lower().encode(): (name, longest) for name, longest in LONGEST.items()}


class HeaderTooLong(AppError):
    """A header is longer than any valid value."""

    status = 431
    code = "platform.header_too_long"
    title = Text("请求头过长", "Header too long")
    detail = Text(
        "请求头 {header} 最多 {limit} 个字符。", "{header} may have {limit} characters at most."
    )


class HeaderLengths:
    """ASGI layer that refuses headers over their documented length."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            HeaderTooLong: a header is too long; one that takes several lines, all together.
        """
        if scope["type"] == "http":
            for name, _value in scope["headers"]:
                if found := _LIMITS.get(name):
                    _check(Headers(scope=scope), *found)
        await self._app(scope, receive, send)


def _check(headers: Headers, name: str, longest: int) -> None:
    if len(", ".join(headers.getlist(name))) > longest:
        raise HeaderTooLong(header=name, limit=longest)
