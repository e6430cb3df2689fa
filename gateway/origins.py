"""Origins of web pages, as browsers send them: scheme, host and port."""

import re

from services.chassis.core.text import Text
from services.chassis.schemas.validation import invalid_value

# Lower-case, without a path.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_OF_THIS_MACHINE = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")


def origins_of(setting: str | None) -> tuple[str, ...]:
    """The origins in a comma-separated setting.

    Raises:
        ValueError: names the one that is no origin.
    """
    origins = tuple(one for part in (setting or "").split(",") if (one := part.strip()))
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"JUNHENG_CORS_ORIGINS: {origin!r} is not an origin; write scheme, host and port "
                "without a path, such as https://app.example.cn"
            )
    return origins


def check_origin(value: str) -> str:
    """An origin that a client may name: encrypted, or on the developer's own machine.

    Raises:
        PydanticCustomError: `origin.invalid`.
    """
    is_safe = value.startswith("https://") or _OF_THIS_MACHINE.fullmatch(value)
    if not (is_safe and _ORIGIN.fullmatch(value)):
        raise invalid_value(
            "origin.invalid",
            Text(
                "应为 https 来源，只含协议、主机和端口，例如 https://app.example.cn"
                "（本机可用 http://localhost:5173）",
                "Must be an https origin of scheme, host and port, such as https://app.example.cn "
                "(http://localhost:5173 on your own machine)",
            ),
        )
    return value
