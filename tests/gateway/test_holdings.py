"""What the gateway tells the registry of one person: the logins, and what became of them."""

from typing import Any
from uuid import uuid4

import httpx

from services.chassis.core.settings import read_secret
from tests.gateway.people import Headers, Platform, code_of

PATH = "/v1/personal-data"


async def service(http: httpx.AsyncClient, name: str, bureau: str) -> Headers:
    """A token of a service's own client."""
    form = {
        "grant_type": "client_credentials",
        "client_id": f"service-{name}",
        "client_secret": str(read_secret(f"{name}_client_secret")),
        "bureau": bureau,
    }
    answer = await http.post("/oauth/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def held(http: httpx.AsyncClient, bureau: str, staff_no: str) -> dict[str, Any]:
    headers = await service(http, "schools", bureau)
    answer = await http.get(PATH, params={"staff_no": staff_no}, headers=headers)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_a_persons_logins_are_told_without_their_passwords(
    platform: Platform, name: str
) -> None:
    staff_no = f"T{uuid4().hex[:8]}"
    await platform.create(name, bureau_code="620123", staff_no=staff_no)
    await platform.change(name, display_name="李娜")
    part = await held(platform.http, "620123", staff_no)
    (account,) = part["records"]["accounts"]
    assert (account["username"], account["display_name"]) == (name, "李娜")
    assert [event["operation"] for event in part["events"]] == ["insert", "update"]
    assert part["events"][0]["detail"]["password_hash"] == [None, "***"]
    assert "argon2" not in str(part)


async def test_of_an_account_that_changed_hands_nobody_is_told_the_others_name(
    platform: Platform, name: str
) -> None:
    before, after = f"T{uuid4().hex[:8]}", f"T{uuid4().hex[:8]}"
    await platform.create(name, bureau_code="620123", staff_no=before, display_name="赵敏")
    await platform.change(name, display_name="李娜", staff_no=after)
    await platform.change(name, display_name="李娜娜")
    part = await held(platform.http, "620123", after)
    assert [event["detail"]["display_name"] for event in part["events"]] == [["李娜", "李娜娜"]]
    assert "赵敏" not in str(part)
    assert before not in str(part)


async def test_each_look_is_audited_in_the_registrys_name(platform: Platform) -> None:
    staff_no = f"T{uuid4().hex[:8]}"
    await held(platform.http, "620123", staff_no)
    asked = {"resource": "personal-data", "key": staff_no}
    answer = await platform.http.get("/v1/audit-events", params=asked, headers=platform.auditor)
    (event,) = answer.json()["data"]
    assert (event["actor"], event["client_kind"], event["detail"]) == (
        "service-schools", "client", {"action": "export"},
    )  # fmt: skip


async def test_the_same_number_is_somebody_else_elsewhere(platform: Platform, name: str) -> None:
    staff_no = f"T{uuid4().hex[:8]}"
    await platform.create(name, bureau_code="620123", staff_no=staff_no)
    assert await held(platform.http, "620124", staff_no) == {
        "records": {"accounts": []}, "events": [],
    }  # fmt: skip


async def test_nobody_but_the_registry_is_told(platform: Platform, name: str) -> None:
    asked = {"staff_no": "T1"}
    assert code_of(await platform.http.get(PATH, params=asked)) == "auth.invalid_token"
    admin = await platform.person(name, "bureau_admin", bureau_code="620123")
    others = [
        await service(platform.http, one, "620123") for one in ("appraisal", "accountability")
    ]
    for headers in (admin, platform.sysadmin, platform.secadmin, platform.auditor, *others):
        refused = await platform.http.get(PATH, headers=headers, params=asked)
        assert code_of(refused) == "auth.missing_scope"


async def test_an_account_has_its_history_by_its_id(platform: Platform, name: str) -> None:
    created = (await platform.create(name, bureau_code="620123")).json()
    await platform.change(name, display_name="李娜", password="another long pass phrase")
    path = f"/v1/accounts/{created['id']}/history"
    for caller in (platform.sysadmin, platform.secadmin, platform.auditor):
        page = (await platform.http.get(path, headers=caller)).json()
        assert [entry["operation"] for entry in page["data"]] == ["update", "insert"]
        assert page["data"][0]["changes"]["password_hash"] == ["***", "***"]
    own = await platform.person(f"{name}-2", "bureau_admin", bureau_code="620123")
    assert code_of(await platform.http.get(path, headers=own)) == "auth.missing_scope"
    nobody = await platform.http.get(f"/v1/accounts/{uuid4()}/history", headers=platform.auditor)
    assert code_of(nobody) == "accounts.not_found"


async def test_a_deleted_secret_keeps_its_history(platform: Platform, name: str) -> None:
    client = await platform.client(name)
    path = f"/v1/clients/{name}/secrets"
    added = await platform.http.post(path, headers=platform.secadmin)
    secret = added.json()
    assert secret["created_at"].endswith("+08:00")
    gone = await platform.http.delete(f"{path}/{secret['id']}", headers=platform.secadmin)
    assert gone.status_code == 204
    history = f"/v1/client-secrets/{secret['id']}/history"
    page = (await platform.http.get(history, headers=platform.auditor)).json()
    assert [entry["operation"] for entry in page["data"]] == ["delete", "insert"]
    assert page["data"][0]["changes"]["secret_hash"] == ["***", None]
    assert secret["client_secret"] not in str(page)
    of_client = f"/v1/clients/{client['id']}/history"
    assert (await platform.http.get(of_client, headers=platform.auditor)).status_code == 200
    assert code_of(await platform.http.get(history, headers=platform.sysadmin)) == (
        "auth.missing_scope"
    )
