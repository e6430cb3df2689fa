"""`python -m tests.chassis.logged`: handle secrets of every kind, so that the logs can be read."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.imports.engine.imports import Imports
from services.schools.main import app
from tests.schools.county import County, csv_of, id_number, person, school
from tests.support.database import admin_url
from tests.support.importing import ended, file_jobs, open_import
from tests.support.running import running
from tests.support.tokens import bearer

NAME = "欧阳测试人"
# More than a thread validates: the service hands it to processes of its own.
MANY = 16_000


async def handle() -> None:
    """Requests that succeed, fail, and crash, all of them with something to hide."""
    async with running(app, jobs=file_jobs()) as client:
        county = County(client, sys.argv[1], serial=9000 + int(sys.argv[1]) % 500)
        await county.call("POST", "/v1/schools", json=school(county.one))
        await county.call("POST", "/v1/staff", json=person("T1", county.one, 1))
        await county.call("POST", "/v1/staff", json=person("T2", county.one, 1))
        await county.call("POST", "/v1/staff", json=person("T3", county.one, 3, name=5))
        await import_files(county)
        await county.call("GET", f"/v1/staff?q={id_number(1)}")
        await county.call("GET", f"/v1/staff/by-key/{id_number(1)}")
        await client.get("/v1/staff", headers={"Authorization": "Bearer stolen.token.here"})
        del app.state.resources._by_type[KeyRing]  # unforeseen
        await county.call("POST", "/v1/staff", json=person("T6", county.one, 6))


async def import_files(county: County) -> None:
    """Files that come in, that are refused, and that break what works on them."""
    named = person("T5", county.one, 5, name=NAME)
    await county.load("staff", csv_of([named]), f"{NAME}.csv")
    refused = await county.load("staff", csv_of([named | {"staff_no": "T4"}]), mode="valid_rows")
    await county.load("staff", csv_of([named | {"school_code": "2100000000", "name": ""}]))
    await county.load("staff", csv_of([named]) + f"T7,{NAME}\0".encode())
    await county.load("staff", f"{NAME},{id_number(5)}\n1,2\n")
    for what in ("faults", "failed-rows", "applied-rows"):
        await county.call("GET", f"/v1/imports/{refused['id']}/{what}")
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    broken = f"--b\r\n{NAME}{id_number(5)}".encode()
    await county.call("POST", "/v1/imports", content=broken, headers=form)
    people = [person(f"M{n}", county.one, n, name=NAME) for n in range(MANY)]
    await county.load("staff", csv_of([*people, people[0] | {"employed_on": id_number(5)}]))
    async with breaking_constraint():
        await break_down(county, csv_of([named | {"name": NAME + "二"}]))
    async with validators_without_database():
        await break_down(county, csv_of(people))


async def break_down(county: County, content: bytes) -> None:
    """An import that fails in a way nobody foresees; it is called off then."""
    headers = bearer("bureau_admin", bureau=county.bureau)
    job = (await open_import(county.client, headers, "staff", file_name="a.csv")).json()
    path = f"/v1/imports/{job['id']}"
    await county.call("PUT", f"{path}/content", content=content)
    async with administrator() as admin:
        failed = (
            "select from schools.job_run r join schools.pgqueuer q on q.id = r.job_id "
            "where r.failed_at is not null and "
            "convert_from(q.payload, 'UTF8')::jsonb #>> '{payload,import}' = $1"
        )
        while not await admin.fetch(failed, job["id"]):
            await asyncio.sleep(0.05)
        await county.call("POST", f"{path}:cancel")
        await ended(county.client, headers, path)


@asynccontextmanager
async def breaking_constraint() -> AsyncIterator[None]:
    """PostgreSQL refuses rows with all that they hold in its message."""
    async with administrator() as admin:
        await admin.execute(
            "alter table schools.staff add constraint broken check (name not like '%二') not valid"
        )
        yield
        await admin.execute("alter table schools.staff drop constraint broken")


@asynccontextmanager
async def validators_without_database() -> AsyncIterator[None]:
    """What validates large files cannot reach PostgreSQL."""
    address = os.environ["JUNHENG_DATABASE_URL"]
    os.environ["JUNHENG_DATABASE_URL"] = "postgresql://127.0.0.1:1/junheng"
    await app.state.resources[Imports].in_processes.close()
    yield
    os.environ["JUNHENG_DATABASE_URL"] = address


@asynccontextmanager
async def administrator() -> "AsyncIterator[asyncpg.Connection[Any]]":
    """A connection that may do everything."""
    connection = await asyncpg.connect(admin_url())
    yield connection
    await connection.close()


if __name__ == "__main__":
    asyncio.run(handle())
