"""`python -m tests.chassis.logged`: handle secrets of every kind, so that the logs can be read."""

import asyncio
import sys

from services.schools.main import app
from tests.schools.county import County, csv_of, id_number, person, school
from tests.support.running import running


async def handle() -> None:
    """Requests that succeed, fail, and crash, all of them with something to hide."""
    async with running(app) as client:
        county = County(client, sys.argv[1], serial=int(sys.argv[1]) % 9000)
        await county.call("POST", "/v1/schools", json=school(county.one))
        await county.call("POST", "/v1/staff", json=person("T1", county.one, 1))
        await county.call("POST", "/v1/staff", json=person("T2", county.one, 1))
        await county.call("POST", "/v1/staff", json=person("T3", county.one, 3, name=5))
        await county.load("staff", csv_of([person("T4", county.one, 1)]))
        await county.load("staff", csv_of([person("T5", "2100000000", 5)]))
        await county.call("GET", f"/v1/staff?q={id_number(1)}")
        await county.call("GET", f"/v1/staff/by-key/{id_number(1)}")
        await client.get("/v1/staff", headers={"Authorization": "Bearer stolen.token.here"})
        del app.state.key_ring  # what nobody foresees
        await county.call("POST", "/v1/staff", json=person("T6", county.one, 6))


if __name__ == "__main__":
    asyncio.run(handle())
