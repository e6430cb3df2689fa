"""What is held of a body depends on the route that takes it, not on how its address looks."""

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from services.schools.settings import SchoolsSettings
from tests.imports.driving import admin_of, end_of, opened, people, put
from tests.schools.county import County, csv_of, person
from tests.support.importing import counts

SETTINGS = SchoolsSettings.for_service("schools")
PIECE = b" " * 65_536
PIECES = SETTINGS.max_body_bytes // len(PIECE) + 50


class Sender:
    """A body of more than is ever held; counts how much of it was taken."""

    def __init__(self, pieces: int = PIECES) -> None:
        self.pieces, self.taken = pieces, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.pieces):
            self.taken += len(PIECE)
            yield PIECE


async def send(
    county: County, method: str, path: str, sender: Sender, **headers: str
) -> httpx.Response:
    """A request with that body, and with a key."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await county.client.request(
        method,
        path,
        content=sender,
        headers=admin_of(county) | {"Idempotency-Key": uuid4().hex} | names,
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/imports/{id}/content", 405),
        ("POST", "/v1/imports/{id}/content/", 404),
        ("POST", "/v1/imports/x%2Fy/content", 404),
        ("POST", "/v1/nowhere/content", 404),
        ("POST", "/v1/imports/{id}", 405),
        ("PATCH", "/v1/imports/{id}/content", 405),
    ],
)
async def test_of_what_no_route_takes_nothing_is_held(
    county: County, method: str, path: str, status: int
) -> None:
    job, sender = await opened(county), Sender()
    answer = await send(county, method, path.format(id=job["id"]), sender)
    assert answer.status_code == status
    assert sender.taken == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/imports"),
        ("POST", "/v1/exports"),
        ("POST", "/v1/schools"),
        ("POST", "/v1/schools:batch"),
        ("POST", "/v1/staff:search"),
        ("POST", "/v1/imports/{id}:commit"),
        ("PUT", "/v1/schools/by-key/2162990001"),
        ("PATCH", "/v1/schools/by-key/2162990001"),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream"])
async def test_what_is_held_has_a_small_limit(
    county: County, method: str, path: str, kind: str
) -> None:
    job, sender = await opened(county), Sender()
    answer = await send(county, method, path.format(id=job["id"]), sender, Content_Type=kind)
    if path.endswith(":commit"):  # takes no body; with a key, it is held to compare it
        assert answer.status_code in (404, 409, 413)
    else:
        assert (answer.status_code, answer.json()["code"]) == (413, "platform.body_too_large")
    # Behind the limit the rest is taken in and forgotten, so that the answer gets through.
    assert answer.headers.get("connection") == ("close" if answer.status_code == 413 else None)


async def test_a_file_is_passed_on_whatever_its_type_says(county: County) -> None:
    rows = [person(f"T{n:05}", county.one, n, name="员工" * 60) for n in range(100)]
    content = csv_of(rows) + b"\n" * (SETTINGS.max_body_bytes + 1)
    for kind in ("application/json", "text/csv; charset=utf-16", "multipart/form-data"):
        job = await opened(county)
        headers = {"Content-Type": kind, "Idempotency-Key": uuid4().hex}
        path = f"/v1/imports/{job['id']}/content"
        answer = await county.call("PUT", path, content=content, headers=headers)
        assert answer.status_code == 202, answer.text
        assert (await end_of(county, job))["size"] == len(content)


async def test_a_form_is_one_however_its_type_is_spelled(county: County) -> None:
    content = people(county)
    request = httpx.Request(
        "POST", "http://x/", data={"resource": "staff"}, files={"file": ("rows.csv", content)}
    )
    kind = request.headers["content-type"].replace("multipart/form-data", "Multipart/Form-Data")
    answer = await county.call(
        "POST",
        "/v1/imports",
        content=request.read(),
        headers={"Content-Type": kind, "Idempotency-Key": uuid4().hex},
    )
    assert answer.status_code == 202, answer.text
    assert counts(await end_of(county, answer.json())) == (20, 0, 0, 0)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("[" * 40 + "]" * 40, "platform.json_too_deep"),
        ("[" + "0," * 30_000 + "0]", "import.form_invalid"),
        ('{"mode": "valid_rows", "mode": "all_or_nothing"}', "platform.json_name_repeated"),
        (json.dumps({f"k{n}": 1 for n in range(600)}), "platform.json_too_many_names"),
    ],
)
async def test_json_in_a_form_is_measured_too(county: County, options: str, code: str) -> None:
    answer = await county.call(
        "POST",
        "/v1/imports",
        data={"resource": "staff", "options": options},
        files={"file": ("rows.csv", people(county))},
        headers={"Idempotency-Key": uuid4().hex},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_file_without_a_token_is_not_taken_in(county: County) -> None:
    job, sender = await opened(county), Sender()
    path = f"/v1/imports/{job['id']}/content"
    answer = await county.client.put(path, content=sender)
    assert (answer.status_code, sender.taken) == (401, 0)
    assert (await put(county, job, people(county))).status_code == 202


async def test_a_batch_of_a_thousand_fits(county: County) -> None:
    items = [
        {
            "school_code": county.code(n),
            "name": "县" * 50 + str(n),
            "school_type": "211",
            "area_type": "121",
        }
        for n in range(3, 99)
    ]
    assert len(str(items).encode()) * (1000 / len(items)) < SETTINGS.max_body_bytes / 2
    answer = await county.call("POST", "/v1/schools:batch", json={"items": items})
    assert answer.status_code == 201, answer.text
