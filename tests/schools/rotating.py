"""A registry with a database and a key ring of its own, and processes that rotate its keys."""

import asyncio
import base64
import json
import os
import secrets
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import asyncpg
import httpx

from deploy.local.process import Child
from services.chassis.runtime.app import create_app
from services.schools.features import SERVICE
from services.schools.settings import SchoolsSettings
from tests.support.database import create_database
from tests.support.forked import start
from tests.support.importing import file_jobs
from tests.support.running import running


def new_key() -> str:
    """A random key, as it stands in the secret."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass
class Registry:
    """One database, whose keys the test chooses."""

    index: str = field(default_factory=new_key)
    keys: dict[str, str] = field(default_factory=lambda: {"k1": new_key(), "k2": new_key()})

    def __post_init__(self) -> None:
        self.admin_url = create_database("keys")
        parts = urlsplit(self.admin_url)
        self.url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    def secret(self, current: str, *names: str) -> str:
        """The secret `pii_keys` with these keys."""
        keys = {name: self.keys[name] for name in (current, *names)}
        return json.dumps({"current": current, "keys": keys, "index": self.index})

    @asynccontextmanager
    async def serving(self, secret: str) -> AsyncIterator[httpx.AsyncClient]:
        """The service with this secret, in this process; others rotate, this one imports."""
        with patch.dict(os.environ, self.environment(secret)):
            app = create_app(SERVICE, settings=SchoolsSettings.for_service("schools"))
            async with running(app, jobs=file_jobs()) as client:
                yield client

    def environment(self, secret: str) -> dict[str, str]:
        """What a process of this registry is told; validators of imports are processes, too."""
        return {"JUNHENG_DATABASE_URL": self.url, "JUNHENG_PII_KEYS": secret}

    def start(self, secret: str, *arguments: str) -> Child:
        """Another process with this secret, which dies with this one."""
        known = os.environ | self.environment(secret) | {"JUNHENG_EXIT_ON_STDIN_EOF": "1"}
        return start(known, *arguments)

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        """Rows as the administrator sees them."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            rows: list[asyncpg.Record] = await connection.fetch(query, *args)
            return rows
        finally:
            await connection.close()

    async def changed(self) -> int:
        """How many ID numbers the rotations have re-encrypted."""
        rows = await self.fetch("select sum(rows_changed)::bigint as n from schools.key_rotation")
        return rows[0]["n"] or 0

    async def is_running(self) -> bool:
        """Whether a rotation is not finished."""
        rows = await self.fetch("select from schools.key_rotation where state = 'running'")
        return bool(rows)

    async def kill_after(self, process: Child, more: int) -> bool:
        """Kill a process once `more` rows are done; whether it was still at work then."""
        goal = await self.changed() + more
        while await self.is_running() and await self.changed() < goal:
            if process.poll() is not None:
                return False
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return await self.is_running()
