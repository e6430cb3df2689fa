"""Writes the history of cases: who did what, when, and in which words."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple, Self

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import func, select

from services.accountability.cases.models import Case, CaseEvent
from services.chassis.database.auth import Caller
from services.chassis.imports.declaration.spec import PartMerge
from services.chassis.lists.writing import TheClock


async def now_of(clock: TheClock) -> datetime:
    """The moment of this request, by the platform's clock."""
    return await clock.now()


# Ask for it before `Session`: the clock itself may need a connection.
Now = Annotated[datetime, Depends(now_of)]


class Actor(NamedTuple):
    """Who acts, and when."""

    subject: str
    name: str
    at: datetime

    @classmethod
    def of(cls, caller: Caller, now: datetime) -> Self:
        """The caller of a request, acting now."""
        return cls(caller.subject, caller.name, now)


async def record(
    session: AsyncSession,
    case: Case,
    actor: Actor,
    verb: str,
    note: str | None = None,
    **details: Any,
) -> None:
    """Append an entry to the history of a locked (or new) case, and count it as a change."""
    with session.no_autoflush:  # one write of the case, so one new version
        last = await session.scalar(
            select(func.coalesce(func.max(CaseEvent.entry), 0)).where(CaseEvent.case_id == case.id)
        )
    entry = (last or 0) + 1
    if entry > 1:
        count_change(case)
    session.add(
        CaseEvent(
            bureau_code=case.bureau_code,
            case_id=case.id,
            entry=entry,
            verb=verb,
            actor=actor.subject,
            actor_name=actor.name,
            at=actor.at,
            note=note,
            details=details,
        )
    )


def count_change(case: Case) -> None:
    """Give a locked case its next version, whatever has changed of what it shows.

    Respondents and directives are rows of their own; the ETag of the case stands for them, too.
    """
    flag_modified(case, "state")


async def record_imported(merge: PartMerge, actor: Actor) -> None:
    """Append an entry for every lead that a part of an import has inserted or updated."""
    await merge.connection.execute(
        "insert into case_event (bureau_code, case_id, entry, verb, actor, actor_name, at) "
        "select c.bureau_code, c.id, "
        "1 + (select count(*) from case_event e where e.case_id = c.id), "
        "case when s._id is null then 'open' else 'update' end, $3, $4, $5 "
        f"from {merge.run.staging_tables.changed} s join case_file c using (case_no) "
        "where c.bureau_code = $1 and s._part = $2",
        merge.caller.bureau_code,
        merge.part,
        *actor,
    )
