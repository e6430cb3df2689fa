"""The text of refresh tokens: the session's id and a secret, in base64url.

The id identifies an old token without storing it. Only tokens of a session contain its id.
"""

import base64
import binascii
import hashlib
import secrets
from uuid import UUID

_PREFIX = "jhr_"
_ID_BYTES, _SECRET_BYTES = 16, 32


def new_token(session_id: UUID) -> str:
    """A new token of a session."""
    content = session_id.bytes + secrets.token_bytes(_SECRET_BYTES)
    return _PREFIX + base64.urlsafe_b64encode(content).decode().rstrip("=")


def hash_of(token: str) -> bytes:
    """The stored hash of a token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def session_of(token: str) -> UUID | None:
    """The session id in a token; None if it is not a refresh token."""
    text = token.removeprefix(_PREFIX)
    if text == token or not text.isascii():
        return None
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
    if len(content) != _ID_BYTES + _SECRET_BYTES:
        return None
    return UUID(bytes=content[:_ID_BYTES])
