"""Tables and schemas of signing keys (签名密钥)."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pydantic import Field as ApiField
from sqlalchemy import DateTime, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from gateway.base import Table


class SigningKey(Table, table=True):
    """A key pair; the private key is wrapped with the master key."""

    __tablename__ = "signing_key"
    __table_args__ = (UniqueConstraint("kid"),)

    kid: str
    public_jwk: dict[str, Any] = Field(sa_type=JSONB)
    wrapped: bytes = Field(sa_type=LargeBinary)
    retired_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class PublicKey(BaseModel):
    """A public key as a JWK, RFC 7517 (公钥)."""

    kty: str = ApiField(description="Key type", examples=["EC"])
    crv: str = ApiField(description="Curve", examples=["P-256"])
    x: str = ApiField(
        description="X coordinate, base64url",
        examples=["f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"],
    )
    y: str = ApiField(
        description="Y coordinate, base64url",
        examples=["x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"],
    )
    kid: str = ApiField(
        description="Key id: RFC 7638 thumbprint",
        examples=["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"],
    )
    use: str = ApiField(description="Use of the key: signatures", examples=["sig"])
    alg: str = ApiField(description="Algorithm", examples=["ES256"])


class PublicKeys(BaseModel):
    """Public keys of all valid signing keys, newest first (公钥集)."""

    keys: list[PublicKey] = ApiField(description="Active keys")


class SigningKeyRead(BaseModel):
    """The key that signs new tokens (签名密钥)."""

    kid: str = ApiField(
        description="Key id", examples=["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"]
    )
