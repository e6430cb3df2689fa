"""ID numbers as the caller of a request may write them: recorded, or only reported.

Callers with `staff:pii` write numbers, and learn when one is taken. A number from anybody else
is recorded for a new person if nobody in the bureau holds it. Everything else is a report to the
bureau: the write succeeds with the same answer, so it shows neither whether a number is held nor
whether it equals the recorded one (docs/adr/0030-id-numbers-cannot-be-guessed.md).
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.audit.log import record
from services.chassis.core.resources import resources_of
from services.chassis.database.auth import Caller, current_caller
from services.chassis.database.db import Database, as_service, raw, unique_or
from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.lists.batches import BatchConflict
from services.chassis.lists.pinyin.names import keys_of
from services.schools.id_numbers.identity import Identity
from services.schools.id_numbers.reporting import Given, report
from services.schools.settings import SchoolsSettings
from services.schools.staff.errors import StaffNoTaken, StaffTaken
from services.schools.staff.models import Staff
from services.schools.staff.scopes import StaffScope

WRITES_NUMBERS = StaffScope.PII
_HELD = "select id_number_index from staff where bureau_code = $1 and id_number_index = any($2)"


class Numbers:
    """The ID numbers of one request."""

    def __init__(self, caller: Caller, keys: KeyRing, database: Database, alert_above: int) -> None:
        """Begin without any number.

        Args:
            caller: who gives them.
            keys: of the service.
            database: for what is recorded although the request is refused.
            alert_above: see `report`.
        """
        self._caller, self._keys, self._database = caller, keys, database
        self._alert_above = alert_above
        self.is_writer = caller.may(WRITES_NUMBERS)
        self._held: set[bytes] = set()
        self._given: list[Given] = []

    async def look_up(self, session: AsyncSession, numbers: Iterable[str]) -> None:
        """Find out, before new persons are written, which of their numbers are held."""
        self._given.clear()
        if self.is_writer:
            return
        indexes = [self._keys.blind_index(number) for number in numbers]
        async with as_service(await raw(session)) as connection:
            rows = await connection.fetch(_HELD, self._caller.bureau_code, indexes)
        self._held = {row["id_number_index"] for row in rows}

    async def create(self, session: AsyncSession, columns: dict[str, Any], number: str) -> Staff:
        """Write a new person; the number was looked up before.

        Raises:
            StaffTaken: the staff number is registered, or for a writer of numbers the ID number.
        """
        identity = Identity.of(number, self._keys)
        if not self.is_writer:
            return await self._create_reporting(session, columns, identity)
        staff = Staff(**columns, **identity._asdict())
        async with unique_or(session, StaffTaken(staff_no=staff.staff_no)):
            session.add(staff)
        return staff

    def blind_index(self, number: str) -> bytes:
        """Equal for equal numbers."""
        return self._keys.blind_index(number)

    def columns_for_new(self, staff_no: str, number: str) -> dict[str, Any]:
        """The columns of a new person's number, which was looked up before."""
        identity = Identity.of(number, self._keys)
        if not self.is_writer:
            self._note(staff_no, identity)
            if identity.id_number_index in self._held:
                identity = identity.vacated(self._keys)
        return identity._asdict()

    def taken(self, staff_no: str) -> StaffTaken:
        """The problem of a new person who is registered already, as the caller may know it."""
        kind = StaffTaken if self.is_writer else StaffNoTaken
        return kind(staff_no=staff_no)

    def change(self, staff: Staff, number: str) -> None:
        """Give a registered person a number; the session is still to be flushed."""
        identity = Identity.of(number, self._keys)
        if not self.is_writer:
            self._note(staff.staff_no, identity)
        elif identity.id_number_index != staff.id_number_index:
            staff.sqlmodel_update(identity._asdict())

    @asynccontextmanager
    async def writing(
        self, session: AsyncSession, staff_no: str | None = None
    ) -> AsyncIterator[None]:
        """Report in the end what was given and is not recorded.

        Callers who write numbers learn which are taken; that is entered in the audit trail.

        Args:
            session: of the request.
            staff_no: of the person who is written; None for several.
        """
        try:
            yield
        except (StaffTaken, BatchConflict):
            if self.is_writer:
                await self._audit_conflict(staff_no)
            raise
        if self._given:
            await session.flush()
            async with as_service(await raw(session)) as connection:
                await report(connection, self._caller, self._keys, self._given, self._alert_above)

    async def _audit_conflict(self, staff_no: str | None) -> None:
        """Record the refusal in a transaction of its own: that of the request is rolled back."""
        async with self._database.connection(self._caller) as connection:
            await record(connection, self._caller, "refused_as_taken", "staff", key=staff_no)

    async def _create_reporting(
        self, session: AsyncSession, columns: dict[str, Any], identity: Identity
    ) -> Staff:
        vacated = identity.vacated(self._keys)
        is_held = identity.id_number_index in self._held
        staff = await self._insert(session, columns, vacated if is_held else identity)
        if staff is None:  # somebody else has recorded the number since it was looked up
            staff = await self._insert(session, columns, vacated)
            assert staff is not None, "a vacant index is nobody's"
        self._note(staff.staff_no, identity)
        return staff

    async def _insert(
        self, session: AsyncSession, columns: dict[str, Any], identity: Identity
    ) -> Staff | None:
        """The new row; None when its ID number is taken."""
        pinyin, initials = keys_of(columns["name"])
        keys = {"name_pinyin": pinyin, "name_initials": initials}
        statement = (
            insert(Staff)
            .values(**columns, **keys, **identity._asdict())
            .on_conflict_do_nothing(index_elements=["bureau_code", "id_number_index"])
            .returning(Staff)
        )
        async with unique_or(session, StaffNoTaken(staff_no=columns["staff_no"])):
            return (await session.scalars(statement)).one_or_none()

    def _note(self, staff_no: str, identity: Identity) -> None:
        self._given.append(Given(staff_no, identity.id_number_cipher, identity.id_number_index))


async def numbers_of(
    request: Request, caller: Annotated[Caller, Depends(current_caller)]
) -> Numbers:
    """The ID numbers of this request."""
    resources = resources_of(request)
    alert_above = resources[SchoolsSettings].id_number_reports_alert
    return Numbers(caller, resources[KeyRing], resources[Database], alert_above)


TheNumbers = Annotated[Numbers, Depends(numbers_of)]
