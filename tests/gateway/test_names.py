"""Names by id: those of one's own bureau, and no others."""

from typing import Any
from uuid import uuid4

import pytest

from tests.gateway.people import Platform


async def names(platform: Platform, ids: list[str], headers: dict[str, str]) -> list[Any]:
    """What is found of these ids."""
    answer = await platform.http.post("/v1/names", json={"ids": ids}, headers=headers)
    assert answer.status_code == 200, answer.text
    return [(one["id"], one["name"], one["kind"]) for one in answer.json()]


@pytest.mark.quick("gateway.names")
async def test_a_bureau_knows_the_names_of_its_own(platform: Platform, name: str) -> None:
    body = {"username": name, "display_name": "李娜", "password": "a long pass phrase"}
    made = await platform.http.post(
        "/v1/accounts", json=body | {"bureau_code": "620123"}, headers=platform.sysadmin
    )
    assert made.status_code == 201, made.text
    client = await platform.client(f"c-{name}")
    ids = [made.json()["id"], client["id"], str(uuid4())]
    found = [(ids[0], "李娜", "account"), (ids[1], client["name"], "client")]
    own = await platform.person(f"{name}b", "supervisor", bureau_code="620123")
    other = await platform.person(f"{name}c", "bureau_admin", bureau_code="620124")
    assert sorted(await names(platform, ids, own)) == sorted(found)
    assert await names(platform, ids, other) == []
    assert sorted(await names(platform, ids, platform.auditor)) == sorted(found)


async def test_ids_are_bounded(platform: Platform) -> None:
    for ids in ([], [str(uuid4())] * 501):
        answer = await platform.http.post("/v1/names", json={"ids": ids}, headers=platform.auditor)
        assert answer.status_code == 422
