"""The example service on a database of its own, where its migration has run."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from alembic import command
from fastapi import FastAPI
from sqlalchemy import Connection

from services.chassis.core.settings import FileSettings
from services.chassis.runtime.app import create_app
from services.chassis.runtime.migrate import alembic_config
from tests.architecture.test_migrations import as_owner
from tests.example_feature.features import SERVICE
from tests.support.database import create_database
from tests.support.running import running

Migrate = Callable[[str], None]
_MIGRATIONS = Path(__file__).parent / "migrations"


@pytest.fixture(scope="module")
def url() -> str:
    """A clone of the migrated database."""
    return create_database("example")


async def migrate(url: str, *, up: bool = True) -> None:
    """Run the example's migration on top of those of its service, or undo it."""

    def work(connection: Connection) -> None:
        config = alembic_config("schools", "schools", connection)
        folders = config.get_main_option("version_locations")
        config.set_main_option("version_locations", f"{folders}\n{_MIGRATIONS}")
        if up:
            command.upgrade(config, "example@head")
        else:
            command.downgrade(config, "example@base")

    await as_owner(url, "schools", work, "schools, public")


@pytest.fixture(scope="module")
async def superuser(url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """The administrator of the migrated database."""
    await migrate(url)
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
def app(url: str) -> FastAPI:
    """The example service."""
    parts = urlsplit(url)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    settings = FileSettings.for_service(SERVICE.name, database_url=address)
    return create_app(SERVICE, settings=settings)


@pytest.fixture(scope="module")
async def client(
    app: FastAPI, superuser: "asyncpg.Connection[asyncpg.Record]"
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, whose jobs run."""
    async with running(app, jobs=SERVICE.jobs) as client:
        yield client
