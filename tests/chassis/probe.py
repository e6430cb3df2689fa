"""A small application on the chassis, with a route for everything that can go wrong."""

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
