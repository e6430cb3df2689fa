"""Routes of public keys and their rotation."""

from typing import Annotated

from fastapi import APIRouter, Response

from gateway.clients.scopes import ClientScope
from gateway.keys.errors import RotationTooSoon
from gateway.keys.models import PublicKey, PublicKeys, SigningKeyRead
from gateway.keys.store import SigningKeys
from gateway.tags import IDENTITY_TAG
from services.chassis.core.errors import documents
from services.chassis.core.resources import resource
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection

router = APIRouter(tags=[IDENTITY_TAG])


Keys = Annotated[SigningKeys, resource(SigningKeys)]


@router.get("/.well-known/jwks.json", summary="Public signing keys (公钥)")
async def read_jwks(keys: Keys, response: Response) -> PublicKeys:
    """Keys that verify access tokens; fetch them again if a key id is unknown."""
    response.headers["Cache-Control"] = "public, max-age=30"
    return PublicKeys(keys=[PublicKey(**key) for key in await keys.public_keys()])


@router.post(
    "/v1/signing-keys:rotate",
    summary="Rotate the signing key (轮换签名密钥)",
    status_code=201,
    responses=documents(RotationTooSoon),
)
async def rotate_signing_key(
    keys: Keys, connection: Connection, _caller: Annotated[Caller, allow(ClientScope.WRITE)]
) -> SigningKeyRead:
    """Sign with a new key; the old one remains valid for verification for an hour."""
    return SigningKeyRead(kid=await keys.rotate(connection))
