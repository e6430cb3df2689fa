"""Data that a service holds about one person: its part of the registry's file.

The registry alone may ask for it, and puts the parts together (个人信息保护法 art 45,
`services/schools/personal_data`).
"""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, create_model

from services.chassis.audit.log import record
from services.chassis.audit.redaction import visible_changes
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.tags import PERSONAL_DATA_TAG
from services.chassis.core.text import current_language
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Conn, as_service, database_of
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing
from services.chassis.lists.worded import Worded, in_language
from services.chassis.schemas.fields import StaffNo

# Up to the entry that gave a row to this person, where one did (an account that changed hands), it
# was about somebody else.
_EVENTS = f"""
with held as materialized (
    select held.id as row_id, given.* from unnest($2::uuid[]) held (id) left join lateral (
        select position, id from change_log entry
        where entry.row_id = held.id and operation = 'update'
        and changes::jsonb ?| array['staff_no', 'bureau_code']
        order by position desc, id desc limit 1
    ) given on true
)
select coalesce(json_agg(json_build_object('resource', resource, 'at', at,
    'operation', operation, 'actor', case when $3 then actor end, 'detail', {visible_changes()})
    order by change_log.position, change_log.id), '[]')::text
from held join change_log using (row_id)
where bureau_code = $1 and (held.id is null
    or (change_log.position, change_log.id) > (held.position, held.id))
"""
# Deleted rows of a person as they were in the end, under the name of their table. The number is
# compared before a row is made: half the time where much was deleted, and no fault in others' rows.
_ENDED = """
with {table} as (
    select old.* from change_log entry,
        jsonb_populate_record(null::{table}, entry.changes::jsonb) old
    where entry.bureau_code = {bureau} and entry.resource = {resource}
    and entry.operation = 'delete' and entry.changes ->> 'staff_no' = {staff_no}
)
"""


class HeldEvent(BaseModel):
    """One change of a record, or one access to it (变更或查阅)."""

    resource: str = Field(description="Resource (资源)", examples=["staff"])
    at: datetime = Field(description="Time (时间)")
    operation: str = Field(description="Kind of event (操作)", examples=["update"])
    actor: str | None = Field(
        description="Account of the change; null where it is not disclosed (操作人)",
        examples=["admin@620180"],
    )
    detail: dict[str, Any] = Field(
        description="Changed fields with old and new values, or the reason (内容)", examples=[{}]
    )


@dataclass(frozen=True)
class Holding:
    """Records of one kind that are about persons.

    Attributes:
        resource: their name in the change log, and in the file.
        listing: how they are read, or how to get that in a language.
        of_person: the condition on the staff number, `{}`; the table itself has it as `staff_no`.
    """

    resource: str
    listing: Worded
    of_person: str = "staff_no = {}"


class Held:
    """The data that one connection finds about a person, holding by holding.

    Args:
        connection: in a context that sees it.
        caller: whose bureau the person is of.
        staff_no: the person's number.
        ids: records that are found already, for their events.
        names_actors: whether the events name the account.
    """

    def __init__(
        self,
        connection: Conn,
        caller: Caller,
        staff_no: str,
        ids: Iterable[UUID] = (),
        *,
        names_actors: bool = True,
    ) -> None:
        self._connection, self._caller, self._staff_no = connection, caller, staff_no
        self._names_actors = names_actors
        # A result keeps its id when it is made again: it is found twice.
        self._ids = {*ids}

    async def records(self, holding: Holding) -> list[str]:
        """The records that there are, as JSON, the earliest first."""
        listing = in_language(holding.listing, current_language.get())
        where = self._where(listing, holding)
        rows = await self._connection.fetch(
            f"select {listing.key} as id, {listing.document} as doc "
            f"from {listing.source} {where.sql()} order by 1",
            *where.args,
        )
        self._ids |= {row["id"] for row in rows} | await self._deleted(listing, holding)
        return [row["doc"] for row in rows]

    async def events(self) -> str:
        """The events of all these records, and of deleted ones, as JSON."""
        events: str = await self._connection.fetchval(
            _EVENTS, self._caller.bureau_code, list(self._ids), self._names_actors
        )
        return events

    async def _deleted(self, listing: Listing, holding: Holding) -> set[UUID]:
        where = self._where(listing, holding)
        ended = _ENDED.format(
            table=listing.table,
            bureau=where.arg(self._caller.bureau_code),
            resource=where.arg(holding.resource),
            staff_no=where.arg(self._staff_no),
        )
        rows = await self._connection.fetch(
            f"{ended} select {listing.key} as id from {listing.source} {where.sql()}", *where.args
        )
        return {row["id"] for row in rows}

    def _where(self, listing: Listing, holding: Holding) -> Where:
        where = Where()
        listing.scope(self._caller, where)
        where.add(holding.of_person, self._staff_no)
        return where


@dataclass(frozen=True)
class SubjectAccess:
    """How a service answers a request for a person's records.

    Attributes:
        sees_all: reads as the service itself, because row security keeps the rows from bureaus;
            the listings' own scopes then decide alone.
        names_actors: whether the answer shows who changed a record.
    """

    sees_all: bool = False
    names_actors: bool = True


def holdings_router(holdings: Sequence[Holding], access: SubjectAccess) -> APIRouter:
    """The route that gives the registry a service's records of one person."""
    seen_by = as_service if access.sees_all else nullcontext
    router = APIRouter(prefix="/v1/personal-data", tags=[PERSONAL_DATA_TAG])

    @router.get(
        "",
        summary="Read a person's data in this service (本服务保存的个人信息)",
        response_model=_answer_of(holdings),
    )
    async def read_personal_data(
        staff_no: Annotated[
            StaffNo, Query(description="Staff number of the person (工号)", examples=["T000001"])
        ],
        request: Request,
        caller: Annotated[Caller, allow(PlatformScope.PERSONAL_DATA_READ)],
    ) -> Response:
        """For the registry, which compiles one file for a person; each access is audited."""
        async with database_of(request).connection(caller) as connection:
            async with seen_by(connection):
                held = Held(connection, caller, staff_no, names_actors=access.names_actors)
                records = [
                    f'"{one.resource}":[{",".join(await held.records(one))}]' for one in holdings
                ]
                events = await held.events()
            await record(connection, caller, "export", "personal-data", key=staff_no)
        body = f'{{"records":{{{",".join(records)}}},"events":{events}}}'
        headers = {"Cache-Control": "no-store"}
        return Response(body, media_type="application/json", headers=headers)

    return router


def _answer_of(holdings: Sequence[Holding]) -> Any:
    lists: dict[str, Any] = {
        one.resource: (
            list[in_language(one.listing, "zh-CN").read],  # type: ignore[misc]
            Field(description="Present records (现有记录)"),
        )
        for one in holdings
    }
    return create_model(
        "HeldOfPerson",
        __doc__="Data that this service holds about one person (本服务保存的个人信息).",
        records=(
            create_model("HeldRecords", **lists),
            Field(description="Records by resource (记录)"),
        ),
        events=(list[HeldEvent], Field(description="Changes and accesses, in order (变更与查阅)")),
    )
