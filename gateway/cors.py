"""Browser applications of other origins (CORS): which may call, and which headers they can read.

Without this, a browser keeps the answers of the gateway from every page that it does not serve
itself. Tokens travel in `Authorization` and never in cookies, so an origin that is allowed can do
only what its users' tokens permit. Source: the Fetch standard, section 3.3 (HTTP-CORS protocol).
"""

import re
from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from services.chassis.core.request_id import HEADER as REQUEST_ID
from services.chassis.http.idempotency import HEADER as IDEMPOTENCY_KEY
from services.chassis.openapi.response_headers import RESPONSE_HEADERS

# Scheme, host and port as browsers send them: lower-case, without a path.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Beyond those that browsers may always send.
_REQUEST_HEADERS = (
    "Authorization",
    "Content-Range",
    IDEMPOTENCY_KEY,
    "If-Match",
    "If-None-Match",
    "If-Range",
    "Last-Event-ID",
    "Range",
    REQUEST_ID,
    "traceparent",
)
_REMEMBERED_SECONDS = 7200


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


def cors_layers(origins: Sequence[str]) -> list[Middleware]:
    """The ASGI layer that lets pages of these origins call the gateway; none without origins."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=[*RESPONSE_HEADERS],
            max_age=_REMEMBERED_SECONDS,
        )
    ]
