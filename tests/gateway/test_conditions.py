"""Accounts and clients: nobody overwrites what they have not seen, and 304 is the truth."""

import asyncio

import httpx
import pytest

from tests.gateway.people import Platform, tokens


async def write(
    platform: Platform, method: str, path: str, body: object, etag: str
) -> httpx.Response:
    """A write by whoever may, based on a version."""
    who = platform.sysadmin if path.startswith("/v1/accounts") else platform.secadmin
    if path.endswith("/roles"):
        who = platform.secadmin
    return await platform.http.request(method, path, json=body, headers=who | {"If-Match": etag})


@pytest.mark.parametrize(
    ("path", "method", "bodies"),
    [
        ("/v1/accounts/{}", "PATCH", [{"display_name": name} for name in "甲乙丙"]),
        ("/v1/accounts/{}/roles", "PUT", [{"roles": [r]} for r in ("auditor", "system_admin")]),
        ("/v1/clients/{}", "PATCH", [{"name": name} for name in "甲乙丙"]),
    ],
)
async def test_of_writers_with_one_etag_one_wins(
    platform: Platform, name: str, path: str, method: str, bodies: list[object]
) -> None:
    if "clients" in path:
        await platform.client(name)
    else:
        await platform.create(name)
    path = path.format(name)
    read = await platform.http.get(path.removesuffix("/roles"), headers=platform.secadmin)
    assert (await write(platform, method, path, bodies[0], '"999"')).status_code == 412
    answers = await asyncio.gather(
        *(write(platform, method, path, body, read.headers["etag"]) for body in bodies)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (len(bodies) - 1)


async def test_a_lock_and_a_secret_change_what_is_shown(platform: Platform, name: str) -> None:
    async def again(path: str, etag: str) -> httpx.Response:
        headers = platform.secadmin | {"If-None-Match": etag}
        return await platform.http.get(path, headers=headers)

    await platform.create(name)
    account = await platform.http.get(f"/v1/accounts/{name}", headers=platform.secadmin)
    assert (await again(f"/v1/accounts/{name}", account.headers["etag"])).status_code == 304
    for _ in range(10):
        await tokens(platform.http, name, "wrong pass phrase")
    assert (await again(f"/v1/accounts/{name}", account.headers["etag"])).status_code == 200

    await platform.client(name)
    path = f"/v1/clients/{name}"
    client = await platform.http.get(path, headers=platform.secadmin)
    (secret,) = client.json()["secrets"]
    await platform.http.delete(f"{path}/secrets/{secret['id']}", headers=platform.secadmin)
    assert (await again(path, client.headers["etag"])).status_code == 200
