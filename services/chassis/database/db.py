"""Database access: one transaction per request, committed before the response.

Two ways in, one rule. `Session` (SQLModel) is for reading and writing single entities;
`Connection` (asyncpg) for set-based SQL: lists, exports, imports, determination. Both open one
transaction with the caller's row-security context set, and commit it before the answer leaves.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, Request
from sqlalchemy import DateTime, MetaData, event, func, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import object_session
from sqlmodel import Field, SQLModel

from services.chassis.core.errors import AppError, Overloaded
from services.chassis.core.metrics import watch_pool
from services.chassis.core.request_id import current_request_id
from services.chassis.core.resources import resources_of
from services.chassis.core.settings import ServiceSettings, service_dsn
from services.chassis.core.tracing import watch_statements
from services.chassis.database.auth import Caller, current_caller
from services.chassis.database.turns import Turns

NAMING = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}

# Settings that row security reads. `role` first: it chooses the policies of one level.
CONTEXT = (
    "role",
    *(f"app.{name}" for name in ("bureau", "schools", "staff_no", "actor", "subject")),
    *(f"app.{name}" for name in ("kind", "request_id", "scopes")),
)
SET_CONTEXT = "select " + ", ".join(
    f"set_config('{name}', {{{n}}}, true)" for n, name in enumerate(CONTEXT)
)


class Row(SQLModel):
    """Columns of every table: id, version, times (标识、版本、时间)."""

    id: UUID = Field(
        default=None,
        primary_key=True,
        sa_column_kwargs={"server_default": text("uuidv7()")},
        description="Opaque, time-ordered identifier (UUIDv7)",
    )
    version: int = Field(
        default=1,
        sa_column_kwargs={"server_default": text("1")},
        description="Counts the row's changes",
    )
    created_at: datetime = Field(
        default=None,
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": func.now()},
        description="When the row was created",
    )
    updated_at: datetime = Field(
        default=None,
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": func.now()},
        description="When the row was last changed",
    )


def tables_of(schema: str) -> MetaData:
    """The metadata of one service's tables: its own schema, and predictable constraint names."""
    return MetaData(schema=schema, naming_convention=NAMING)


def count_changes(table: type[Row]) -> None:
    """Let every ORM update of `table` and its subclasses count up the row version.

    Only what changes a row counts: SQLAlchemy also announces rows that were given the values they
    have, and an ETag that changes without a change would refuse writers for nothing.
    """

    @event.listens_for(table, "before_update", propagate=True)
    def count_change(_mapper: Any, _connection: Any, row: Row) -> None:
        session = object_session(row)
        if session is None or not session.is_modified(row):
            return
        row.version += 1
        row.updated_at = func.now()  # type: ignore[assignment]


class Database:
    """The pools of one service, both logged in as the service's own role."""

    engine: AsyncEngine
    pool: "asyncpg.Pool[asyncpg.Record]"

    def __init__(self, name: str, settings: ServiceSettings) -> None:
        self.name = name
        self.settings = settings
        self.dsn = service_dsn(
            settings.database_url, f"junheng_{name}", settings.db_password.get_secret_value()
        )

    async def open(self) -> None:
        """Create both pools; connections are made when first needed."""
        server_settings = {
            "search_path": self.name,
            "application_name": f"junheng-{self.name}",
            "statement_timeout": str(self.settings.statement_timeout_ms),
            "idle_in_transaction_session_timeout": "60000",
            "timezone": "Asia/Shanghai",
            "jit": "off",
            "standard_conforming_strings": "on",
            # Whether SQL follows the clock that can be moved, as `Clock` does.
            "app.clock_moves": "on" if self.settings.is_development else "off",
            # Nobody's, until a transaction says whose it is.
            **dict.fromkeys(CONTEXT[1:], ""),
        }
        self.engine = create_async_engine(
            self.dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=self.settings.pool_size,
            max_overflow=0,
            pool_timeout=self.settings.acquire_timeout,
            pool_pre_ping=True,
            hide_parameters=True,  # or a failed statement would log people's names
            connect_args={"server_settings": server_settings, "timeout": 5},
        )
        event.listen(self.engine.sync_engine, "connect", _watch)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self.pool = asyncpg.create_pool(
            self.dsn,
            min_size=0,
            max_size=self.settings.pool_size,
            timeout=5,
            init=_prepare,
            reset=_nothing_left,
            server_settings=server_settings,
        )
        await self.pool
        self._long_reads = Turns(self.settings.pool_size // 2)
        self._show_pools()

    def _show_pools(self) -> None:
        orm: Any = self.engine.pool
        watch_pool(self.name, "orm", {"busy": orm.checkedout, "idle": orm.checkedin})
        idle = self.pool.get_idle_size
        busy = {"busy": lambda: self.pool.get_size() - idle(), "idle": idle}
        watch_pool(self.name, "sql", busy)

    async def close(self) -> None:
        """Close both pools."""
        await self.pool.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def session(self, caller: Caller | None) -> AsyncIterator[AsyncSession]:
        """One ORM transaction in the caller's context; None is the service itself."""
        async with self.sessions() as session, session.begin():
            statement = SET_CONTEXT.format(*(f":{letter}" for letter in "abcdefghi"))
            values = zip("abcdefghi", self._context(caller), strict=True)
            await session.execute(text(statement), dict(values))
            yield session

    @asynccontextmanager
    async def connection(
        self, caller: Caller | None, *, same_plan: bool = False
    ) -> AsyncIterator["Conn"]:
        """One asyncpg transaction in the caller's context; None is the service itself.

        Args:
            caller: whose rows are seen.
            same_plan: plan a query once, not for each set of arguments: planning a page under
                row security takes half as long as reading it.

        Raises:
            Overloaded: no connection became free in time (503, try again).
        """
        try:
            connection = await self.pool.acquire(timeout=self.settings.acquire_timeout)
        except TimeoutError as error:
            raise Overloaded from error
        try:
            # In one round trip, and the cheapest statements: on the way of every list page. What
            # is empty is so at the beginning of every transaction (`server_settings`).
            given = zip(CONTEXT, self._context(caller), strict=True)
            context = "; ".join(f"set local {k} = {_literal(v)}" for k, v in given if v)
            plan = "set local plan_cache_mode = force_generic_plan;" if same_plan else ""
            await connection.execute(f"begin; {plan} {context}")
            yield connection
            await connection.execute("commit")
        except BaseException:
            if not connection.is_closed() and connection.is_in_transaction():
                await connection.execute("rollback")
            raise
        finally:
            await self.pool.release(connection)

    def reading_long(self, caller: Caller) -> AbstractAsyncContextManager[None]:
        """A turn for a read that holds its connection for long: half of the pool is left to others.

        Raises:
            Overloaded: no turn came in time (503, try again).
        """
        return self._long_reads.turn(caller, self.settings.acquire_timeout)

    def _context(self, caller: Caller | None) -> tuple[str, ...]:
        """Role and settings that row security reads, in the order of `CONTEXT`."""
        if caller is None:
            role, actor = f"junheng_{self.name}_service", f"service-{self.name}"
            return role, "", "", "", actor, "", "service", current_request_id.get(), ""
        return (
            f"junheng_{self.name}_{caller.level}",
            caller.bureau or "",
            ",".join(caller.schools),
            caller.staff_no or "",
            caller.name,
            caller.subject,
            caller.kind,
            current_request_id.get(),
            " ".join(sorted(caller.scopes)),
        )


Conn: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)


@asynccontextmanager
async def savepoint(connection: Conn) -> AsyncIterator[None]:
    """Undo what is done inside when it raises, and nothing else of the transaction."""
    await connection.execute("savepoint inner_part")
    try:
        yield
    except BaseException:
        if connection.is_in_transaction():
            await connection.execute("rollback to inner_part; release inner_part")
        raise
    await connection.execute("release inner_part")


def _literal(value: str) -> str:
    """A value as an SQL literal; see `standard_conforming_strings`."""
    return "'" + value.replace("'", "''") + "'"


async def _nothing_left(_connection: Any) -> None:
    """Instead of asyncpg's reset, one more round trip: all we set ends with the transaction."""


def _watch(connection: Any, _record: Any) -> None:
    watch_statements(connection.driver_connection)


async def _prepare(connection: Any) -> None:
    watch_statements(connection)
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind,
            schema="pg_catalog",
            encoder=_as_json,
            decoder=orjson.loads,
        )


def _as_json(value: Any) -> str:
    """A value as JSON; text is JSON already, as the job queue writes it."""
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def database_of(request: Request) -> Database:
    """The database of the service that serves `request`."""
    return resources_of(request)[Database]


Beginner: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncSession]]


@asynccontextmanager
async def transaction(request: Request, caller: Caller) -> AsyncIterator[AsyncSession]:
    """The request's ORM transaction: its own, or the one that claimed its `Idempotency-Key`."""
    unit: AsyncSession | None = getattr(request.state, "unit", None)
    if unit is not None:
        yield unit
        return
    async with database_of(request).session(caller) as session:
        yield session


async def get_begin(
    request: Request, caller: Annotated[Caller, Depends(current_caller)]
) -> Beginner:
    """Opens the request's transaction when called, for routes with something slow to do first.

    With an `Idempotency-Key` that transaction also claims the key.
    """
    claimed: Beginner | None = getattr(request.state, "begin", None)
    return claimed or partial(transaction, request, caller)


async def get_session(
    request: Request, caller: Annotated[Caller, Depends(current_caller)]
) -> AsyncIterator[AsyncSession]:
    """The request's ORM transaction."""
    async with transaction(request, caller) as session:
        yield session


async def get_connection(
    request: Request, caller: Annotated[Caller, Depends(current_caller)]
) -> AsyncIterator[Conn]:
    """The request's asyncpg transaction, or the connection under its ORM transaction."""
    unit: AsyncSession | None = getattr(request.state, "unit", None)
    if unit is not None:
        yield await raw(unit)
        return
    async with database_of(request).connection(caller) as connection:
        yield connection


# scope="function": the dependency ends, and so commits, before the response is sent.
Session = Annotated[AsyncSession, Depends(get_session, scope="function")]
Connection = Annotated[Conn, Depends(get_connection, scope="function")]
TheDatabase = Annotated[Database, Depends(database_of)]
Begin = Annotated[Beginner, Depends(get_begin)]


async def raw(session: AsyncSession) -> "asyncpg.Connection[asyncpg.Record]":
    """The asyncpg connection under an ORM session, inside the same transaction."""
    connection = await (await session.connection()).get_raw_connection()
    assert connection.driver_connection is not None
    driver: asyncpg.Connection[asyncpg.Record] = connection.driver_connection
    return driver


@asynccontextmanager
async def as_service(connection: Conn) -> AsyncIterator[Conn]:
    """See every row for a moment, as the service itself does, still acting in the caller's name."""
    async with _at_level(connection, "service"):
        yield connection


@asynccontextmanager
async def as_person(connection: Conn) -> AsyncIterator[Conn]:
    """See for a moment what the caller's person sees, whatever the roles."""
    async with _at_level(connection, "person"):
        yield connection


@asynccontextmanager
async def _at_level(connection: Conn, level: str) -> AsyncIterator[None]:
    before = await connection.fetchval("select current_setting('role')")
    role = f"{before.rpartition('_')[0]}_{level}"
    await connection.execute("select set_config('role', $1, true)", role)
    yield
    await connection.execute("select set_config('role', $1, true)", before)


@asynccontextmanager
async def unique_or(session: AsyncSession, taken: AppError) -> AsyncIterator[None]:
    """Flush on leaving; a broken unique constraint becomes `taken` instead of a crash."""
    try:
        yield
        await session.flush()
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) == "23505":
            raise taken from error
        raise
