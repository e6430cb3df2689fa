"""A registry on a server of its own, whose processes are killed while it imports."""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import psutil

from deploy.local import ports
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.process import Child
from deploy.local.throwaway import throwaway_postgres
from deploy.postgres.setup import prepare, read_passwords
from services.chassis.imports.engine.queries import SOURCE
from services.chassis.runtime.migrate import migrate
from tests.schools.county import csv_of, person, school
from tests.support.forked import start
from tests.support.importing import Job
from tests.support.tokens import bearer
from tests.support.trusting import environment

STORED, FAULTY_EVERY = 600, 40
ROWS = 2500
_PIECE = 60_000
_ENDED = ("completed", "failed", "cancelled")
# One entry in the change log for each time that a row was written.
_SNAPSHOT = """
select s.staff_no, s.name, s.gender, s.birth_date, s.duty, s.version,
    right(s.school_code, 2) as school,
    (select array_agg(l.operation order by l.id) from schools.change_log l where l.row_id = s.id)
        as written
from schools.staff s where s.bureau_code = $1 order by s.staff_no
"""
# As the list of imports has it.
_SAID = f"""
select created_now as created, updated_now as updated, rows_now as rows from {SOURCE}
where bureau_code = $1 order by created_at desc limit 1
"""


class Unreachable(Exception):
    """The service or its database is away."""


@dataclass
class KillWorld:
    """One server, one service, and how to end them."""

    server: EmbeddedPostgres
    port: int
    kills: int = 0
    _service: Child | None = None

    def start(self) -> None:
        """Start the service."""
        database = f"postgresql://127.0.0.1:{self.server.port}/junheng"
        settings = {"JUNHENG_DATABASE_URL": database, "JUNHENG_JOBS": "inline"}
        known = environment(self.port) | settings
        self._service = start(known, "tests.imports.import_process", "schools")

    def end(self) -> None:
        """Kill the service."""
        assert self._service
        self._service.kill()
        self._service.wait()

    def kill(self, what: str) -> None:
        """Kill the service, one of its validators or the database; start again what was killed."""
        self.kills += 1
        if what == "validator" and (validators := self._validators()):
            random.choice(validators).kill()
        elif what == "postgres":
            pid = int((self.server.data / "postmaster.pid").read_text("utf-8").split("\n")[0])
            os.kill(pid, signal.SIGQUIT)  # as `pg_ctl stop -m immediate`
            while self.server.is_running():
                time.sleep(0.01)
            self.server.stop()
            self.server.start()
        else:
            self.end()
            self.start()

    def _validators(self) -> list[psutil.Process]:
        assert self._service
        return psutil.Process(self._service.pid).children(recursive=True)

    async def snapshot(self, bureau: str) -> list[tuple[Any, ...]]:
        """The bureau's staff as they are stored, without what no two runs have in common."""
        connection = await asyncpg.connect(self.server.url("junheng"))
        try:
            return [tuple(row) for row in await connection.fetch(_SNAPSHOT, bureau)]
        finally:
            await connection.close()

    async def said_and_stored(self, bureau: str) -> tuple[dict[str, Any], int]:
        """What the bureau's last import would say of itself just now, and how many are stored."""
        connection = await asyncpg.connect(self.server.url("junheng"))
        try:
            await connection.execute("set search_path = schools")
            async with connection.transaction(isolation="repeatable_read"):
                said = await connection.fetchrow(_SAID, bureau)
                assert said is not None
                return dict(said), len(await connection.fetch(_SNAPSHOT, bureau))
        finally:
            await connection.close()

    async def left_over(self) -> list[str]:
        """Tables that imports have left behind."""
        connection = await asyncpg.connect(self.server.url("junheng"))
        try:
            rows = await connection.fetch("select relname from pg_class where relpersistence = 'u'")
            return [row["relname"] for row in rows]
        finally:
            await connection.close()


@asynccontextmanager
async def kill_world() -> AsyncIterator[KillWorld]:
    """A server of its own with a registry on it."""
    with throwaway_postgres() as server:
        server.stop()
        server.fast = False  # what is committed must outlive the server
        server.start()
        await prepare(server.url("junheng"), read_passwords())
        await migrate(server.url("junheng"), ["schools"])
        world = KillWorld(server, ports.find_free())
        world.start()
        try:
            yield world
        finally:
            world.end()


@dataclass
class Sender:
    """A script that imports one bureau's files, and does not give up."""

    world: KillWorld
    bureau: str

    def __post_init__(self) -> None:
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.world.port}", timeout=30)
        self._headers = bearer("bureau_admin", bureau=self.bureau)

    def code(self, number: int) -> str:
        """The code of one of the bureau's schools."""
        return f"21{self.bureau}{number:02}"

    def file(self, *, is_faulty: bool) -> bytes:
        """People of whom some are stored so, some otherwise; some rows are faulty."""
        rows = [self._person(n) for n in range(ROWS)]
        for row in rows[: STORED // 3]:
            row["duty"] = "校长"
        for row in rows[FAULTY_EVERY::FAULTY_EVERY] if is_faulty else []:
            row["school_code"] = "2199999999"
        return csv_of(rows)

    def stored(self) -> bytes:
        """The people who are stored before."""
        return csv_of([self._person(n) for n in range(STORED)])

    def _person(self, number: int) -> dict[str, Any]:
        return person(f"K{number:04}", self.code(number % 2), number, duty="")

    async def prepare(self) -> None:
        """Write the schools."""
        for number in (0, 1):
            await self.call("POST", "/v1/schools", json=school(self.code(number)))

    async def call(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """Make a call until it is answered."""
        headers = self._headers | {"Idempotency-Key": uuid4().hex} | kwargs.pop("headers", {})
        give_up = time.monotonic() + 60
        while True:
            try:
                answer = await self._client.request(method, path, headers=headers, **kwargs)
                if answer.status_code < 500 and answer.status_code not in (409, 416, 429):
                    assert answer.is_success, answer.text
                    return answer
                said = answer.text
            except httpx.TransportError as error:
                said = repr(error)
            if method == "PUT":
                raise Unreachable(said)
            assert time.monotonic() < give_up, said
            await asyncio.sleep(0.1)

    async def send(self, content: bytes, **options: Any) -> Job:
        """Import a file piece by piece, going on where it broke off; the import at its end."""
        stated = {"resource": "staff", "file_name": "rows.csv", "size": len(content), **options}
        job: Job = (await self.call("POST", "/v1/imports", json=stated)).json()
        path = f"/v1/imports/{job['id']}"
        give_up = time.monotonic() + 300
        while (job := (await self.call("GET", path)).json())["state"] == "open":
            assert time.monotonic() < give_up, job
            first = job["received"]
            assert first < len(content), "an open import waits for a byte more"
            piece = content[first : first + _PIECE]
            span = f"bytes {first}-{first + len(piece) - 1}/{len(content)}"
            try:
                headers = {"Content-Range": span}
                await self.call("PUT", f"{path}/content", content=piece, headers=headers)
            except Unreachable:
                await asyncio.sleep(0.1)
        while job["state"] not in _ENDED:
            assert time.monotonic() < give_up, job
            job = (await self.call("GET", path, params={"wait": 5})).json()
        return job

    async def faults(self, job: Job) -> list[tuple[Any, ...]]:
        """Every fault of an import."""
        params = {"limit": 1000}
        answer = await self.call("GET", f"/v1/imports/{job['id']}/faults", params=params)
        return [(f["row"], f["field"], f["code"]) for f in answer.json()["data"]]
