"""Case numbers `YYYY-NNN`: one series per bureau and year, without gaps."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# The counter's row lock makes concurrent takers wait; a rolled-back taker gives its number back.
_NEXT = text(
    "insert into case_counter (bureau_code, year, last) values (:bureau, :year, 1) "
    "on conflict (bureau_code, year) do update set last = case_counter.last + 1 returning last"
)


async def next_case_no(session: AsyncSession, bureau: str, year: int) -> str:
    """The next number of the series; a caller may have taken it for a case already."""
    last = await session.scalar(_NEXT, {"bureau": bureau, "year": year})
    return f"{year}-{last:03d}"
