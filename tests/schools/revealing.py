"""`python -m tests.schools.revealing`: handle personal data in full, so the logs can be read."""

import asyncio
import sys

from services.chassis.database.db import Database
from services.chassis.database.encrypted_columns import KeyRing
from services.schools.main import app
from tests.schools.county import County, id_number, person, school
from tests.schools.rotating import new_key
from tests.support.running import running

NAME = "欧阳测试人"


async def handle(bureau: str) -> None:
    """Every route on personal data, as it should be and as it should not; then crashes."""
    async with running(app) as client:
        county = County(client, bureau, serial=9500 + int(bureau) % 500)
        await county.call("POST", "/v1/schools", json=school(county.one))
        body = person("T1", county.one, 1, name=NAME)
        staff = (await county.call("POST", "/v1/staff", json=body)).json()
        path = f"/v1/staff/{staff['id']}"
        for given in (id_number(1), id_number(1)[:-1] + "?", id_number(2), ""):
            await county.call("POST", "/v1/staff:search", json={"id_number": given})
        await county.call("GET", f"/v1/staff:search?id_number={id_number(1)}")
        await county.call("POST", f"{path}:reveal", json={"purpose": "核对"})
        await county.call("POST", f"{path}:reveal", json={"id_number": id_number(1)})
        change = {"id_number": id_number(2)}
        await county.call("PATCH", "/v1/staff/by-key/T1", json=change, role="integration")
        listed = (await county.call("GET", "/v1/id-number-reports")).json()
        report = f"/v1/id-number-reports/{listed['data'][0]['id']}"
        await county.call("POST", f"{report}:reveal", json={"purpose": "核对"})
        await county.call("POST", "/v1/staff", json=body | change, role="integration")
        await county.call("GET", f"{path}/personal-data")
        await county.call("POST", f"{path}:restrict", json={"reason": "申请"})
        await county.call("POST", f"{path}:erase", json={"reason": "申请"})
        # Another ring: nothing can be read.
        ring = app.state.resources[KeyRing]
        app.state.resources.add(KeyRing("kx", {"kx": new_key().encode()[:32]}, ring.index_key))
        await county.call("POST", f"{path}:reveal", json={"purpose": "核对"})
        # A broken ring: what nobody foresees, in the ORM and beside it.
        app.state.resources.add(KeyRing("k1", {"k1": new_key().encode()[:32]}, ring.index_key))
        await county.call("POST", f"{path}:reveal", json={"purpose": "核对"})
        await county.call("POST", f"{path}:unrestrict", json={"reason": "申请"})
        await county.call("POST", f"{report}:accept")
        await county.call("PATCH", "/v1/staff/by-key/T1", json={"name": NAME + "二"})
        assert app.state.resources[Database].engine.sync_engine.hide_parameters


if __name__ == "__main__":
    asyncio.run(handle(sys.argv[1]))
