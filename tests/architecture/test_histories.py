"""Whatever the change log follows has a history, for whoever sees the record and nobody else."""

import os
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import orjson
import pytest

from services.chassis.audit.histories import History
from services.chassis.audit.redaction import HIDDEN
from services.chassis.audit.schemas import NewestFirst
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.errors import MissingScope
from services.chassis.core.settings import ServiceSettings
from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from services.chassis.lists.cursor import Cursors
from tests.architecture.processes import PROCESSES, recorded_of, routes_of
from tests.architecture.seeding import BUREAU, ROW, seed
from tests.architecture.test_exportables import lists
from tests.architecture.test_row_security_alone import KEPT_AWAY, OWNER, STRANGERS
from tests.support.database import create_database

ALL = [(process, one) for process in PROCESSES for one in recorded_of(process)]
# What everybody of a bureau sees of it.
_OF_EVERYBODY = {"bureaus", "cycles", "calendar-days"}
_OF_PLATFORM = {"accounts", "clients", "client-secrets", "signing-keys"}


@pytest.mark.parametrize("process", PROCESSES)
async def test_what_is_logged_is_declared_and_has_a_history(process: str) -> None:
    connection = await asyncpg.connect(os.environ["JUNHENG_TEST_DATABASE"])
    triggers = await connection.fetch(
        "select tgargs from pg_trigger where tgfoid = $1::text::regprocedure",
        f"{process}.log_change()",
    )
    await connection.close()
    followed = {bytes(one["tgargs"]).split(b"\0")[0].decode() for one in triggers}
    declared = recorded_of(process)
    assert followed == {one.resource for one in declared}
    assert len(followed) == len(declared)
    histories = {
        route.path: route.scopes for route in routes_of(process) if route.path.endswith("/history")
    }
    assert histories == {
        f"/v1/{one.resource}/{{record_id}}/history": [one.scope] for one in declared
    }


@pytest.mark.parametrize("process", PROCESSES)
async def test_what_is_hidden_can_stand_in_its_column(process: str) -> None:
    """A deleted row is made of its entry again, and `***` is neither a day nor a number."""
    connection = await asyncpg.connect(os.environ["JUNHENG_TEST_DATABASE"])
    triggers = await connection.fetch(
        "select tgrelid::regclass::text as table, tgargs from pg_trigger "
        "where tgfoid = $1::text::regprocedure and tgname = 'log_delete'",
        f"{process}.log_change()",
    )
    for one in triggers:
        hidden = bytes(one["tgargs"]).split(b"\0")[2].decode()
        masks = orjson.dumps(dict.fromkeys(filter(None, hidden.split(",")), HIDDEN)).decode()
        made = f"select (jsonb_populate_record(null::{one['table']}, $1::text::jsonb)).*"
        assert await connection.fetch(made, masks), one["table"]
    await connection.close()
    assert len(triggers) == len(recorded_of(process))


@pytest.mark.parametrize("process", [one for one in PROCESSES if one != "gateway"])
def test_a_history_demands_what_its_list_demands(process: str) -> None:
    demanded = {name: route.scopes for name, route, _model in lists(process)}
    for one in recorded_of(process):
        assert demanded.get(one.resource, [one.scope]) == [one.scope], one.resource


@pytest.fixture(scope="module")
def url() -> str:
    """A database of this module's own."""
    return create_database("histories")


@pytest.fixture(scope="module")
async def superuser(url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """Writes rows and entries as they are, whatever triggers and constraints say."""
    await seed(url)
    connection = await asyncpg.connect(url)
    await connection.execute("set session_replication_role = replica")
    yield connection
    await connection.close()


@pytest.mark.parametrize(("process", "recorded"), ALL, ids=lambda it: getattr(it, "resource", it))
async def test_it_is_told_to_whoever_sees_the_record_or_saw_its_end(
    process: str,
    recorded: Recorded,
    url: str,
    superuser: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    table = f"{process}.{recorded.table}"
    row = await superuser.fetchval(f"select to_jsonb(t)::text from {table} t")
    address = url.replace(url.partition("//")[2].rpartition("@")[0] + "@", "")
    database = Database(process, ServiceSettings.for_service(process, database_url=address))
    await database.open()
    try:
        await note(superuser, process, recorded, "insert", row)
        await require_told(database, recorded, ["insert"])
        # As good as deleted, and easily there again for other resources.
        await superuser.execute(f"update {table} set id = uuidv7()")
        await require_told(database, recorded, [])
        await note(superuser, process, recorded, "delete", row)
        await require_told(database, recorded, ["delete", "insert"])
        # Made again, and out of everybody's sight.
        await note(superuser, process, recorded, "insert", row)
        await require_told(database, recorded, [])
    finally:
        await database.close()
        await superuser.execute(f"update {table} set id = $1", UUID(ROW))


async def note(
    superuser: "asyncpg.Connection[asyncpg.Record]",
    process: str,
    recorded: Recorded,
    operation: str,
    row: str,
) -> None:
    """Write an entry of the log."""
    await superuser.execute(
        f"insert into {process}.change_log (bureau_code, operation, resource, row_id, changes) "
        "values ($1, $2, $3, $4, $5::text::json)",
        BUREAU,
        operation,
        recorded.resource,
        UUID(ROW),
        row,
    )


async def require_told(database: Database, recorded: Recorded, operations: list[str]) -> None:
    """Everybody who sees the record is told its history, and nobody else is."""
    everybody = {"its own bureau": OWNER} | STRANGERS
    for who, somebody in everybody.items():
        # The person in the rows is a restricted one.
        caller = somebody.model_copy(update={"scopes": frozenset({"staff:pii"})})
        shown = await history(database, recorded, caller)
        assert shown == (operations if sees(recorded, caller) else []), who


async def history(database: Database, recorded: Recorded, caller: Caller) -> list[str]:
    """The operations that somebody is told of the record; none where it is not found."""
    try:
        page = await History(database, Cursors(b"k")).page(
            recorded, caller, NewestFirst(), UUID(ROW)
        )
    except (*KEPT_AWAY, MissingScope):
        return []
    return [entry["operation"] for entry in orjson.loads(bytes(page.body))["data"]]


def sees(recorded: Recorded, caller: Caller) -> bool:
    """Whether this one may see the record."""
    if recorded.resource in _OF_PLATFORM:
        return caller.bureau is None
    if caller.bureau is None:
        return recorded.resource == "bureaus"
    is_owner = caller.subject == OWNER.subject
    return caller.bureau == BUREAU and (is_owner or recorded.resource in _OF_EVERYBODY)
