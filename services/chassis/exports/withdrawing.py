"""Withdrawal of exports from persons who may see less than when they opened them."""

from collections.abc import Collection

from services.chassis.database.db import Conn, as_service

# Ended exports expire at once; all others are cancelled. An account that is limited to schools
# and has no staff number may be anybody's there.
_WITHDRAW = """
update export_job set version = version + 1, updated_at = now(),
    expires_at = case when state in ('queued', 'running') then expires_at else now() end,
    is_cancelled = is_cancelled or state in ('queued', 'running'),
    finished_at = case state when 'queued' then now() else finished_at end,
    state = case state when 'queued' then 'cancelled' else state end
where bureau_code = $1 and not is_expired and case when caller ->> 'staff_no' is null
    then caller -> 'schools' ?| $3::text[] else caller ->> 'staff_no' = any($2::text[]) end
"""


async def withdraw_exports(
    connection: Conn, bureau_code: str, staff_nos: Collection[str], schools: Collection[str]
) -> None:
    """End or expire every export of these persons, in the transaction of the reason.

    Args:
        connection: of whatever level.
        bureau_code: their bureau.
        staff_nos: the persons.
        schools: where they work.
    """
    async with as_service(connection):
        await connection.execute(_WITHDRAW, bureau_code, list(staff_nos), list(schools))
