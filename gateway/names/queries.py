"""Names of accounts and clients by id."""

from collections.abc import Sequence
from uuid import UUID

from gateway.names.models import NameRead
from services.chassis.database.auth import Caller
from services.chassis.database.db import Database

# Accounts are kept from bureaus by row security; of its own people a bureau may know the names.
_NAMES = """
select id, display_name as name, 'account' as kind from account
where id = any($1::uuid[]) and ($2::text is null or bureau_code = $2)
union all
select id, name, 'client' from client
where id = any($1::uuid[]) and ($2::text is null or bureau_code = $2 or is_service)
order by name, id
"""


async def names_of(database: Database, caller: Caller, ids: Sequence[UUID]) -> list[NameRead]:
    """The names of those of the caller's bureau; platform administrators know all."""
    async with database.connection(None) as connection:
        rows = await connection.fetch(_NAMES, [*{*ids}], caller.bureau)
    return [NameRead(**row) for row in rows]
