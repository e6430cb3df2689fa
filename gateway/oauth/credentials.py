"""Client id and secret from a Basic `Authorization` header."""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_plus

from fastapi import Request

from gateway.oauth.errors import InvalidClient


@dataclass(frozen=True, slots=True)
class Credentials:
    """Id and secret of a client."""

    client_id: str
    secret: str


async def credentials_of(request: Request) -> Credentials | None:
    """The credentials in the header; None without such a header.

    Raises:
        InvalidClient: the header cannot be parsed.
    """
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidClient from error
    client_id, separator, secret = decoded.partition(":")
    if not separator or "\0" in decoded:
        raise InvalidClient
    # RFC 6749 section 2.3.1: both parts are form-encoded first.
    return Credentials(unquote_plus(client_id), unquote_plus(secret))
