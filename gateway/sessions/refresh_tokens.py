"""The text of refresh tokens: the session's id and a secret, in base64url.

The id lets an old token be recognised without being stored. Only the tokens of a session hold it.
"""

import base64
import binascii
import hashlib
import secrets
from uuid import UUID

_PREFIX = "jhr_"
_ID_BYTES, _SECRET_BYTES = 16, 32


def new_token(session_id: UUID) -> str:
    """A token of a session that nobody has had yet."""
    content = session_id.bytes + secrets.token_bytes(_SECRET_BYTES)
    return _PREFIX + base64.urlsafe_b64encode(content).decode().rstrip("=")


def hash_of(token: str) -> bytes:
    """How a token is stored; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def session_of(token: str) -> UUID | None:
    """The session that a token says it belongs to; None if it is no refresh token."""
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
