"""Case numbers `YYYY-NNN`: one series per bureau and year, without gaps."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# The counter's row lock makes concurrent takers wait; a rolled-back taker gives its number back.
_NEXT = text(
    "insert into case_counter (bureau_code, year, last) values (:bureau, :year, 1) "
    "on conflict (bureau_code, year) do update set last = case_counter.last + 1 returning last"
)
_TAKEN = text("select true from case_file where bureau_code = :bureau and case_no = :case_no")


async def next_case_no(session: AsyncSession, bureau: str, year: int) -> str:
    """The next free number; numbers that callers have chosen themselves are passed over."""
    while True:
        last = await session.scalar(_NEXT, {"bureau": bureau, "year": year})
        case_no = f"{year}-{last:03d}"
        if not await session.scalar(_TAKEN, {"bureau": bureau, "case_no": case_no}):
            return case_no
