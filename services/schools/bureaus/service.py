"""Writes of bureaus."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.database.db import unique_or
from services.schools.bureaus.errors import BureauCodeTaken
from services.schools.bureaus.models import Bureau, BureauCreate


async def create_bureau(session: AsyncSession, payload: BureauCreate) -> Bureau:
    """Open the platform to one more county.

    Raises:
        BureauCodeTaken: there is a bureau with this code.
    """
    bureau = Bureau.model_validate(payload)
    async with unique_or(session, BureauCodeTaken(bureau_code=payload.bureau_code)):
        session.add(bureau)
    return bureau
