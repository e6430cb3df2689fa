"""A small application on the chassis, with a route for everything that can go wrong."""

import asyncio
import errno
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, Field
from sqlalchemy import text

from services.chassis.core.settings import ServiceSettings
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, Session
from services.chassis.runtime.app import create_app
from tests.support.services import small_service

CanRead = Annotated[Caller, allow("codes:read")]
_TWICE = (
    "create temporary table once (n int unique deferrable initially deferred) on commit drop",
    "insert into once values (1), (1)",
)

_FULL = (
    "do $$ begin raise exception 'could not extend file: No space left on device' "
    "using errcode = 'disk_full'; end $$"
)


class Body(BaseModel, extra="forbid"):
    """Something to send."""

    number: int = Field(ge=1)
    text: str = "x"


router = APIRouter(prefix="/v1")


@router.get("/connection")
async def use_connection(_caller: CanRead, connection: Connection, seconds: float = 0) -> int:
    """Ask PostgreSQL, which takes its time."""
    found: int = await connection.fetchval("select 1 from pg_sleep($1)", seconds)
    return found


@router.get("/session")
async def use_session(_caller: CanRead, session: Session, seconds: float = 0) -> int:
    """The same through the ORM."""
    found = await session.execute(text("select 1 from pg_sleep(:s)"), {"s": seconds})
    return int(found.scalar_one())


@router.post("/connection")
async def fail_on_commit(_caller: CanRead, connection: Connection) -> str:
    """Succeed, except that the commit will not."""
    for statement in _TWICE:
        await connection.execute(statement)
    return "done"


@router.post("/session")
async def fail_on_commit_of_session(_caller: CanRead, session: Session) -> str:
    """The same through the ORM."""
    for statement in _TWICE:
        await session.execute(text(statement))
    return "done"


@router.post("/full-connection")
async def fill_disk(_caller: CanRead, connection: Connection) -> None:
    """Find PostgreSQL's disk full."""
    await connection.execute(_FULL)


@router.post("/full-session")
async def fill_disk_by_session(_caller: CanRead, session: Session) -> None:
    """The same through the ORM."""
    await session.execute(text(_FULL))


@router.post("/full-group")
async def fill_disk_in_group(_caller: CanRead, connection: Connection) -> None:
    """The same in a group of tasks."""
    async with asyncio.TaskGroup() as group:
        group.create_task(fill_disk(_caller, connection))


@router.post("/full-folder")
async def fill_folder(_caller: CanRead, number: int = errno.ENOSPC) -> None:
    """A full disk of the service itself, whose cause is wrapped in other exceptions."""
    try:
        raise OSError(number, "No space left on device")
    except OSError as error:
        raise RuntimeError("the file could not be written") from error


@router.get("/crash")
async def crash(_caller: CanRead) -> None:
    """Fail in a way that nobody foresaw."""
    raise RuntimeError("the password is hunter2")


@router.post("/body")
async def take_body(payload: Body, _caller: CanRead) -> dict[str, Any]:
    """Give back what was sent."""
    return payload.model_dump()


def probe(**settings: Any) -> FastAPI:
    """The application, on the schema of the registry."""
    return create_app(
        small_service("schools", "Probe 探针", router),
        settings=ServiceSettings.for_service("schools", jobs="off", **settings),
    )
