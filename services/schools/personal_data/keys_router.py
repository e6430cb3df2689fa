"""Routes on the keys of personal data, for administrators; no key ever leaves its secret."""

from typing import Annotated

from fastapi import APIRouter

from services.chassis.audit.log import record
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.tags import PERSONAL_DATA_TAG
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Session, as_service, raw
from services.chassis.queue.jobs import enqueue
from services.schools.id_numbers.identity import Keys
from services.schools.personal_data import rotation
from services.schools.personal_data.jobs import ROTATE
from services.schools.personal_data.key_use import read_keys
from services.schools.personal_data.schemas import KeysRead

router = APIRouter(prefix="/v1/personal-data", tags=[PERSONAL_DATA_TAG])


@router.get("/keys", summary="List keys of personal data (密钥使用情况)")
async def list_keys(
    keys: Keys, session: Session, _caller: Annotated[Caller, allow(PlatformScope.KEYS_READ)]
) -> KeysRead:
    """Number of rows per key; a key without rows may be removed from the secret."""
    async with as_service(await raw(session)) as connection:
        return await read_keys(connection, keys)


@router.post(
    ":rotate",
    summary="Rotate the key of personal data (更换密钥)",
    status_code=202,
)
async def rotate_keys(
    keys: Keys, session: Session, caller: Annotated[Caller, allow(PlatformScope.KEYS_ROTATE)]
) -> KeysRead:
    """Start in the background, or return the running rotation; `keys` shows its progress."""
    async with as_service(await raw(session)) as connection:
        begun = await rotation.begin(connection, keys, caller.name)
        await enqueue(session, "schools", ROTATE, {"rotation": str(begun)})
        state = await read_keys(connection, keys)
    await record(session, caller, "rotate_keys", "personal-data", begun, keys.current)
    return state
