"""One PostgreSQL server per run; one database per worker, cloned from a migrated template."""

import asyncio
import os
import tempfile
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from deploy.local.secrets import ensure_secrets
from deploy.local.throwaway import throwaway_postgres
from deploy.postgres.setup import read_passwords, set_up

ADMIN_URL = "JUNHENG_TEST_ADMIN_URL"
TEMPLATE = "junheng_template"

_SERIALS = count(1)


def start_server() -> ExitStack:
    """Start the run's server with a migrated template; close the stack to remove both."""
    with ExitStack() as stack:
        server = stack.enter_context(throwaway_postgres())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="junheng-secrets-"))
        os.environ["JUNHENG_SECRETS_DIR"] = str(ensure_secrets(Path(folder) / "secrets"))
        asyncio.run(set_up(server.url(TEMPLATE), read_passwords()))
        os.environ[ADMIN_URL] = server.url("postgres")
        return stack.pop_all()


def create_database(purpose: str) -> str:
    """Clone the template; the address of the clone, with the administrator's credentials.

    Its name is of this process and of this call: a process that is handed tests of a package a
    second time sets up the package's fixtures again.
    """
    name = f"{purpose}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{next(_SERIALS)}"

    async def clone() -> None:
        connection = await asyncpg.connect(os.environ[ADMIN_URL])
        await connection.execute(f'create database "{name}" template {TEMPLATE}')
        await connection.close()

    asyncio.run(clone())
    return urlsplit(os.environ[ADMIN_URL])._replace(path=f"/{name}").geturl()


def admin_url() -> str:
    """The address of this worker's database, with the administrator's credentials."""
    return os.environ["JUNHENG_TEST_DATABASE"]
