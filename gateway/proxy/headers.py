"""Headers that the gateway forwards, and those that it sets itself."""

from collections.abc import Iterable

from starlette.types import Scope

from services.chassis.core.request_id import HEADER, current_request_id
from services.chassis.core.tracing import TRACE_HEADERS, trace_headers

RawHeaders = Iterable[tuple[bytes, bytes]]

# RFC 9110 section 7.6.1: headers of one connection, not of the request.
_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
# Forwarding headers of clients are not trusted; `Expect` has been answered here.
_REPLACED = frozenset(
    {b"host", b"expect", b"forwarded", b"via", b"x-real-ip", HEADER.lower().encode()}
)
_TRACE = frozenset(name.encode() for name in TRACE_HEADERS)
_NOT_SENT = _HOP_BY_HOP | _REPLACED
# Set by the gateway's own server.
_NOT_RETURNED = _HOP_BY_HOP | {b"date", b"server", HEADER.lower().encode()}


def request_headers(scope: Scope, service: str) -> list[tuple[str, str]]:
    """The headers of the request to `service`."""
    incoming: list[tuple[bytes, bytes]] = scope["headers"]
    trace = trace_headers()
    dropped = _NOT_SENT | _named_by_connection(incoming)
    if trace:
        dropped |= _TRACE
    headers = [
        (name.decode("latin-1"), _text(value))
        for name, value in incoming
        if name not in dropped and not name.startswith(b"x-forwarded-")
    ]
    host = next((value for name, value in incoming if name == b"host"), b"")
    client = scope.get("client")
    headers += [
        (HEADER, current_request_id.get()),
        ("X-Forwarded-For", client[0] if client else ""),
        ("X-Forwarded-Proto", scope["scheme"]),
        ("X-Forwarded-Host", _text(host)),
        ("X-Forwarded-Prefix", f"/{service}"),
        *trace.items(),
    ]
    return headers


def response_headers(raw: RawHeaders) -> list[tuple[bytes, bytes]]:
    """The headers of the response to the client."""
    lowered = [(name.lower(), value) for name, value in raw]
    dropped = _NOT_RETURNED | _named_by_connection(lowered)
    return [(name, value) for name, value in lowered if name not in dropped]


def _named_by_connection(headers: RawHeaders) -> frozenset[bytes]:
    """Further connection headers, declared by a `Connection` header."""
    named = [value for name, value in headers if name == b"connection"]
    return frozenset(token.strip().lower() for value in named for token in value.split(b","))


def _text(value: bytes) -> str:
    # aiohttp writes headers as UTF-8; other bytes are treated as Latin-1 text.
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
