"""Files arrive whole, in pieces, twice, broken off, or as something else."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.chassis.imports.engine.kind import IMPORTS
from services.chassis.imports.uploads import continuing
from services.schools.main import app
from tests.imports.driving import admin_of, end_of, opened, people, put, read
from tests.schools.county import County
from tests.support.answers import status_and_code
from tests.support.importing import Job, counts
from tests.support.tokens import bearer


class Broken(Exception):
    """The sender is gone."""


def span(first: int, content: bytes, total: int | str) -> dict[str, str]:
    """The header of a piece."""
    return {"Content-Range": f"bytes {first}-{first + len(content) - 1}/{total}"}


async def post(county: County, key: str | None, **options: Any) -> httpx.Response:
    """Open an import, with a key or without one."""
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
    headers = admin_of(county) | ({} if key is None else {"Idempotency-Key": key})
    async with client:
        return await client.post("/v1/imports", headers=headers, **options)


OPTIONS = {"json": {"resource": "staff"}}


def form(content: bytes, **fields: str) -> dict[str, Any]:
    """A form with a file."""
    data = {"resource": "staff", **fields}
    return {"data": data, "files": {"file": ("rows.csv", content)}}


@pytest.mark.parametrize("has_file", [False, True])
async def test_a_key_is_required(county: County, has_file: bool) -> None:
    answer = await post(county, None, **form(people(county)) if has_file else OPTIONS)
    assert status_and_code(answer) == (400, "platform.idempotency_key_required")
    answer = await post(county, "k" * 256, **OPTIONS)
    assert status_and_code(answer) == (431, "platform.header_too_long")


async def test_the_same_request_is_the_same_import(county: County, folder: Path) -> None:
    key = uuid4().hex
    first = await post(county, key, **form(people(county)))
    assert "idempotent-replayed" not in first.headers
    done = await end_of(county, first.json())
    assert counts(done) == (20, 0, 0, 0)
    again = await post(county, key, **form(people(county)))
    assert (again.status_code, again.headers["idempotent-replayed"]) == (202, "true")
    assert again.json() == done
    assert len((await county.ok("GET", "/v1/imports"))["data"]) == 1
    assert {path.name.partition(".")[0] for path in folder.glob("*.upload")} >= {done["id"]}


async def test_another_request_needs_another_key(county: County) -> None:
    key = uuid4().hex
    assert (await post(county, key, **form(people(county)))).status_code == 202
    others = (form(people(county, 19)), form(people(county), mode="valid_rows"), OPTIONS)
    for other in others:
        assert status_and_code(await post(county, key, **other)) == (
            422,
            "platform.idempotency_key_reused",
        )
    assert len((await county.ok("GET", "/v1/imports"))["data"]) == 1
    stranger = County(county.client, county.bureau)
    headers = bearer("bureau_admin", bureau=county.bureau, name="someone else")
    answer = await stranger.client.post(
        "/v1/imports", headers={**headers, "Idempotency-Key": key}, json={"resource": "staff"}
    )
    assert answer.status_code == 202, "a key is its owner's"


async def test_requests_at_once_with_one_key_are_one_import(county: County) -> None:
    key = uuid4().hex
    sent = [post(county, key, **form(people(county))) for _ in range(4)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.parametrize("has_file", [False, True])
async def test_an_account_has_so_many_unfinished_at_a_time(
    county: County, monkeypatch: pytest.MonkeyPatch, folder: Path, has_file: bool
) -> None:
    monkeypatch.setitem(vars(IMPORTS), "most_unfinished", 2)
    first, second = await opened(county), await opened(county)
    files = {*folder.iterdir()}
    refused = await post(county, "third", **(form(people(county)) if has_file else OPTIONS))
    assert status_and_code(refused) == (429, "import.too_many_waiting")
    assert refused.headers["retry-after"] == "10"
    assert {*folder.iterdir()} == files
    assert len((await county.ok("GET", "/v1/imports"))["data"]) == 2
    await county.ok("POST", f"/v1/imports/{first['id']}:cancel")
    again = await post(county, "third", **(form(people(county)) if has_file else OPTIONS))
    assert again.status_code == 202
    assert counts(await sent(county, second, people(county)))[3] == 0


async def test_one_upload_at_a_time(county: County) -> None:
    content = people(county)
    go_on, has_begun = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield content[:100]
        has_begun.set()
        await go_on.wait()
        yield content[100:]

    job = await opened(county)
    sending = asyncio.create_task(put(county, job, slowly()))
    await has_begun.wait()
    for _ in range(2):
        assert status_and_code(await put(county, job, b"other")) == (409, "import.upload_running")
    go_on.set()
    assert (await sending).status_code == 202
    done = await end_of(county, job)
    assert (counts(done), done["size"]) == ((20, 0, 0, 0), len(content))
    assert status_and_code(await put(county, job, content)) == (409, "import.not_open")


async def test_an_upload_goes_on_where_it_broke_off(county: County) -> None:
    content = people(county)
    digest = hashlib.sha256(content).hexdigest()
    job = await opened(county, size=len(content), sha256=digest)

    async def breaking() -> AsyncIterator[bytes]:
        yield content[:300]
        raise Broken

    broken = await put(county, job, breaking(), **span(0, content, len(content)))
    assert broken.status_code == 500
    assert (await read(county, job))["received"] == 300
    piece, rest = content[300:500], content[500:]
    answer = await put(county, job, piece, **span(300, piece, len(content)))
    assert (answer.json()["state"], answer.json()["received"]) == ("open", 500)
    answer = await put(county, job, rest, **span(500, rest, len(content)))
    assert answer.json()["state"] in ("queued", "validating")
    done = await end_of(county, job)
    assert (counts(done), done["sha256"]) == ((20, 0, 0, 0), digest)


async def test_a_length_may_become_known_with_the_last_piece(county: County) -> None:
    content = people(county)
    job = await opened(county)
    answer = await put(county, job, content[:99], **span(0, content[:99], "*"))
    assert answer.json()["state"] == "open"
    answer = await put(county, job, content[99:], **span(99, content[99:], len(content)))
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)


async def test_a_length_may_become_known_when_all_has_arrived(county: County) -> None:
    content = people(county)
    job = await opened(county)
    answer = await put(county, job, content, **span(0, content, "*"))
    assert (answer.json()["state"], answer.json()["received"]) == ("open", len(content))
    ends = {"Content-Range": f"bytes */{len(content)}"}
    assert (await put(county, job, b"", **ends)).status_code == 202
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)


async def test_that_all_has_arrived_is_said_with_nothing_more(county: County) -> None:
    content = people(county)
    job = await opened(county)
    await put(county, job, content, **span(0, content, "*"))
    ends = {"Content-Range": f"bytes */{len(content)}"}
    assert status_and_code(await put(county, job, b"more", **ends)) == (422, "import.file_differs")
    assert (await read(county, job))["received"] == 0, "nothing says where the others began"
    assert counts(await sent(county, job, content)) == (20, 0, 0, 0)


async def test_all_has_arrived_only_once_the_import_is_queued(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = people(county)
    job = await opened(county)
    await put(county, job, content[:99], **span(0, content[:99], len(content)))

    async def refuse(*_: Any) -> None:
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(continuing, "enqueue_on", refuse)
        answer = await put(county, job, content[99:], **span(99, content[99:], len(content)))
    assert answer.status_code == 500
    now = await read(county, job)
    assert (now["state"], now["received"]) == ("open", 99), "a byte more is always waited for"
    await put(county, job, content[99:], **span(99, content[99:], len(content)))
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)


@pytest.mark.parametrize("has_range", [False, True])
async def test_what_breaks_off_at_its_very_end_is_not_whole(
    county: County, has_range: bool
) -> None:
    content = people(county)
    options: dict[str, Any] = {} if has_range else {"size": len(content)}
    job = await opened(county, **options)

    async def breaking() -> AsyncIterator[bytes]:
        yield content
        raise Broken

    begin = span(0, content, len(content)) if has_range else {}
    assert (await put(county, job, breaking(), **begin)).status_code == 500
    now = await read(county, job)
    assert (now["state"], now["received"]) == ("open", len(content) - 1)
    rest = content[-1:]
    await put(county, job, rest, **span(now["received"], rest, len(content)))
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        "bytes */200",
        "bytes */*",
        "bytes 100-500/300",
        "bytes 50-59/100",
        "bytes 101-110/200",
        "bytes 9-5/100",
        "lines 1-2/3",
        "bytes 100-",
        "",
    ],
)
async def test_a_piece_that_does_not_go_on_is_told_where_to(county: County, wrong: str) -> None:
    content = people(county)
    job = await opened(county)
    await put(county, job, content[:100], **span(0, content[:100], "*"))
    answer = await put(county, job, b"x" * 10, **{"Content-Range": wrong})
    assert status_and_code(answer) == (416, "import.range_invalid")
    assert "100" in answer.json()["detail"]
    assert (await read(county, job))["received"] == 100
    rest = content[100:]
    await put(county, job, rest, **span(100, rest, len(content)))
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)


async def test_what_is_sent_anew_is_encrypted_otherwise(county: County, folder: Path) -> None:
    content = people(county)
    piece = content[:20]
    job = await opened(county)
    found = set()
    for _ in range(2):
        await put(county, job, piece, **span(0, piece, len(content)))
        found.add((folder / f"{job['id']}.upload").read_bytes()[-len(piece) :])
    assert len({piece, *found}) == 3
    assert counts(await sent(county, job, content)) == (20, 0, 0, 0)


async def sent(county: County, job: Job, content: bytes) -> Job:
    """The import, once its file is sent and it has ended."""
    answer = await put(county, job, content)
    assert answer.status_code == 202, answer.text
    return await end_of(county, job)


@pytest.mark.parametrize("what", ["size", "sha256"])
async def test_another_file_than_announced_is_refused_and_can_be_sent_again(
    county: County, what: str
) -> None:
    content = people(county)
    announced = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    other = people(county, 19) if what == "size" else content.replace(b"T0001", b"T1000")
    options: dict[str, Any] = {what: announced[what]}
    job = await opened(county, **options)
    answer = await put(county, job, other)
    assert status_and_code(answer) == (422, "import.file_differs")
    assert hashlib.sha256(other).hexdigest() in answer.json()["detail"]
    now = await read(county, job)
    assert (now["state"], now["received"]) == ("open", 0), "from its beginning"
    assert await county.all("/v1/staff") == []
    assert counts(await sent(county, job, content)) == (20, 0, 0, 0)


async def test_more_than_the_announced_length_is_refused_and_can_be_sent_again(
    county: County,
) -> None:
    content = people(county)
    job = await opened(county)
    answer = await put(county, job, content + b"more", **span(0, content, len(content)))
    assert status_and_code(answer) == (422, "import.file_differs")
    assert (await read(county, job))["state"] == "open"
    assert counts(await sent(county, job, content)) == (20, 0, 0, 0)


@pytest.mark.parametrize("is_form", [False, True])
@pytest.mark.parametrize("wrong", [{"size": 3}, {"sha256": "0" * 64}])
async def test_what_is_announced_with_the_file_is_checked(
    county: County, folder: Path, wrong: dict[str, Any], is_form: bool
) -> None:
    files = {*folder.iterdir()}
    fields = {name: str(value) for name, value in wrong.items()}
    given = form(people(county), **(fields if is_form else {"options": json.dumps(wrong)}))
    assert status_and_code(await post(county, uuid4().hex, **given)) == (422, "import.file_differs")
    assert {*folder.iterdir()} == files
    assert (await county.ok("GET", "/v1/imports"))["data"] == []


async def test_the_length_stays_what_it_was_said_to_be(county: County) -> None:
    content = people(county)
    job = await opened(county)
    await put(county, job, content[:10], **span(0, content[:10], len(content)))
    answer = await put(county, job, content[10:20], **span(10, content[10:20], 20))
    assert status_and_code(answer) == (422, "import.length_differs")
    assert (await read(county, job))["received"] == 10
    longer = await put(county, job, content[10:], **span(10, b"x", len(content)))
    assert status_and_code(longer) == (422, "import.file_differs"), "more than its range says"
    assert counts(await sent(county, job, content)) == (20, 0, 0, 0)


async def test_a_length_over_the_limit_is_refused_before_anything_is_sent(county: County) -> None:
    ten = 10 * 2**30
    answer = await post(county, uuid4().hex, json={"resource": "staff", "size": ten})
    assert status_and_code(answer) == (413, "platform.body_too_large")
    job = await opened(county)
    answer = await put(county, job, b"x" * 10, **{"Content-Range": f"bytes 0-9/{ten}"})
    assert status_and_code(answer) == (413, "platform.body_too_large")


@pytest.mark.parametrize("options", ['"abc"', '["abc"]', "[1,2]", '[["resource","staff"]]', "{"])
async def test_options_that_are_no_object_are_refused(county: County, options: str) -> None:
    for path in ("/v1/imports", "/v1/imports:preview"):
        given = form(people(county), options=options)
        answer = await county.call("POST", path, **given)
        assert status_and_code(answer) == (400, "import.form_invalid"), path


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"dry_run": 1}, "bool_type"),
        ({"dry_run": "true"}, "bool_type"),
        ({"allow_shrink": 0}, "bool_type"),
        ({"size": "3"}, "int_type"),
        ({"size": 3.0}, "int_type"),
        ({"size": True}, "int_type"),
    ],
)
async def test_options_as_json_are_of_their_types(
    county: County, wrong: dict[str, Any], code: str
) -> None:
    sent = [
        {"json": {"resource": "staff"} | wrong},
        form(people(county), options=json.dumps(wrong)),
    ]
    for given in sent:
        answer = await post(county, uuid4().hex, **given)
        (fault,) = answer.json()["errors"]
        assert (answer.status_code, fault["pointer"]) == (422, f"/{next(iter(wrong))}")
        assert fault["code"] == code


async def test_fields_of_a_form_are_text(county: County) -> None:
    fields = {"dry_run": "true", "allow_shrink": "0", "size": str(len(people(county)))}
    answer = await post(county, uuid4().hex, **form(people(county), **fields))
    assert (answer.status_code, answer.json()["dry_run"]) == (202, True)
    wrong = await post(county, uuid4().hex, **form(people(county), dry_run="perhaps", size="many"))
    pointers = {fault["pointer"] for fault in wrong.json()["errors"]}
    assert (wrong.status_code, pointers) == (422, {"/dry_run", "/size"})


async def test_another_bureaus_import_is_not_there(county: County) -> None:
    job = await county.load("staff", people(county))
    waiting = await opened(county)
    stranger = {"bureau": "999993"}
    calls = [
        ("GET", ""),
        ("GET", "/events"),
        ("GET", "/faults"),
        ("GET", "/failed-rows"),
        ("GET", "/applied-rows"),
        ("PUT", "/content"),
        ("POST", ":cancel"),
        ("POST", ":commit"),
    ]
    for one in (job, waiting):
        for method, path in calls:
            answer = await county.call(method, f"/v1/imports/{one['id']}{path}", subject=stranger)
            assert status_and_code(answer) == (404, "import.not_found"), path
    assert (await county.ok("GET", "/v1/imports", subject=stranger))["data"] == []
    assert counts(await sent(county, waiting, people(county))) == (0, 0, 20, 0)


async def test_a_school_sees_its_own_imports_only(county: County) -> None:
    theirs = await county.load("staff", people(county))
    subject = {"schools": [county.one], "name": "officer"}
    path = f"/v1/imports/{theirs['id']}"
    answer = await county.call("GET", path, role="school_officer", subject=subject)
    assert status_and_code(answer) == (404, "import.not_found")
    own = await county.load("staff", people(county), role="school_officer", subject=subject)
    page = await county.ok("GET", "/v1/imports", role="school_officer", subject=subject)
    assert [one["id"] for one in page["data"]] == [own["id"]]
