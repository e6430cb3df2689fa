"""Standard routes for the start of a feature: its list, its rows, creation, and its verbs.

They need only declarations, and their texts follow from the title of a record: see
`tests/example_feature`. When a route needs its own words, or does more, replace it by a function in
the router of the feature. All present features have come to that: with a summary and a description
of its own, a call here is as long as the function, and hides it from a search for its name.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.chassis.core.errors import Conflict, Invalid, documents
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, Row, Session, raw, unique_or
from services.chassis.exports.answers import Lists, query_of
from services.chassis.http.idempotency import NeedsKey
from services.chassis.http.preconditions import MatchRequired, RowChanged, require_match
from services.chassis.lists.listing import Listing, PageParams
from services.chassis.lists.locking import lock_row
from services.chassis.lists.writing import require_admitted, written
from services.chassis.procedures.machine import StateMachine, Verb
from services.chassis.procedures.sql import require_allowed
from services.chassis.schemas.fields import Input


def add_reading(router: APIRouter, listing: Listing, title: Text, scope: str) -> None:
    """Add the list, as a page or a file, and the single row by its id.

    Args:
        router: of the resource.
        listing: its list.
        title: what one record is called, in English with an article, as in `Recorded`.
        scope: the one that reading demands.
    """
    reader = Annotated[Caller, allow(scope)]
    plural, name = listing.resource.replace("-", " "), _name(listing)

    @router.get(
        "",
        name=f"list_{name}",
        summary=f"List or export {plural} ({title.zh}列表)",
        description="Rows in the caller's scope; `format=csv` or `ndjson` streams all of them.",
        response_model=listing.page_schema,
    )
    async def list_rows(
        params: Annotated[PageParams, query_of(listing)], caller: reader, lists: Lists
    ) -> Response:
        return await lists.answer(listing, caller, params)

    @router.get(
        "/{record_id}",
        name=f"read_{name}",
        summary=f"Read {title.en} ({title.zh})",
        description="A record by its id.",
        response_model=listing.row_schema,
        responses=documents(listing.missing),
    )
    async def read_row(record_id: UUID, caller: reader, connection: Connection) -> Response:
        return await listing.one(connection, caller, f"{listing.key} = {{}}", record_id)


def add_creation(
    router: APIRouter,
    listing: Listing,
    title: Text,
    model: type[Row],
    body: type[Input],
    scope: str,
    taken: type[Conflict] = Conflict,
) -> None:
    """Add the creation of a row in the caller's bureau.

    Args:
        router: of the resource.
        listing: its list.
        title: what one record is called, in English with an article.
        model: of the table, which has the column `bureau_code` and the fields of `body`.
        body: the record as written.
        scope: the one that writing demands.
        taken: the problem when a unique constraint refuses the row.
    """

    @router.post(
        "",
        name=f"create_{_name(listing)}",
        summary=f"Create {title.en} (新建{title.zh})",
        description="A new record in the caller's scope.",
        status_code=201,
        response_model=listing.row_schema,
        responses=documents(Invalid, taken),
    )
    async def create_row(
        payload: body,  # type: ignore[valid-type]
        caller: Annotated[Caller, allow(scope)],
        session: Session,
    ) -> Response:
        values = payload.model_dump()  # type: ignore[attr-defined]
        require_admitted(listing.rows, caller, values)
        row = model(**values | {"bureau_code": caller.bureau_code})
        async with unique_or(session, taken(**values)):
            session.add(row)
        return await written(listing, session, caller, row.id, 201)


def add_verbs(router: APIRouter, listing: Listing, title: Text, model: type[Row]) -> None:
    """Add a route for each verb of the rows' procedure that has a scope.

    Args:
        router: of the resource.
        listing: its list, which names the procedure.
        title: what one record is called, in English with an article.
        model: of the table, which has the column `state`.
    """
    machine = listing.procedure
    assert machine is not None
    for verb in machine.verbs:
        if verb.scope is not None:
            _add_verb(router, listing, title, model, machine, verb, verb.scope)


def _add_verb(
    router: APIRouter,
    listing: Listing,
    title: Text,
    model: Any,
    machine: StateMachine,
    verb: Verb,
    scope: str,
) -> None:
    target = machine.label_of(verb.target)

    @router.post(
        f"/{{record_id}}:{verb.name}",
        name=f"{verb.name.replace('-', '_')}_{_name(listing)}",
        summary=f"{verb.label.en}: {title.en} ({verb.label.zh})",
        description=f"Leads to the state {target.en} ({target.zh}).",
        response_model=listing.row_schema,
        responses=documents(
            listing.missing, MatchRequired, RowChanged, *machine.problems(verb.name)
        ),
        dependencies=[NeedsKey],
    )
    async def use_verb(
        record_id: UUID, caller: Annotated[Caller, allow(scope)], session: Session
    ) -> Response:
        row = await lock_row(session, caller, listing.rows, model, record_id, listing.missing)
        require_match(row.version, required=True)
        row.state = await require_allowed(await raw(session), machine, record_id, verb.name)
        return await written(listing, session, caller, record_id)


def _name(listing: Listing) -> str:
    return listing.resource.replace("-", "_")
