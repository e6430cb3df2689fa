"""Decisions stand although no log can be written; with the disk full they wait, and none is lost.

Each test decides something while there is trouble, and looks at what became of it afterwards.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.troubled import Troubled, troubled, wait_for
from tests.e2e.troubles import ENDS_POSTGRES, TROUBLES, Trouble

ATTEMPTS = 5
ROWS = 300


@pytest.fixture(scope="module", params=TROUBLES, ids=lambda kind: kind.__name__)
def world(request: pytest.FixtureRequest) -> Iterator[Troubled]:
    kind: type[Trouble] = request.param
    with troubled(kind()) as found:
        yield found


@pytest.fixture
def trouble(world: Troubled) -> Iterator[Troubled]:
    """The platform; a test lets trouble begin when it has prepared what it needs."""
    world.is_over = False
    yield world
    if not world.is_over:
        world.end()


def test_failed_logins_are_counted_until_the_account_is_locked(trouble: Troubled) -> None:
    name = trouble.account()
    trouble.begin()
    answers = [trouble.login(name, "wrong").status_code for _ in range(ATTEMPTS)]
    assert set(answers) <= {401} | trouble.trouble.answers
    if trouble.trouble.answers:
        trouble.end()
        missing = ATTEMPTS - answers.count(401)
        answers = [trouble.login(name, "wrong").status_code for _ in range(missing)]
        assert set(answers) <= {401, 429}
    locked = trouble.login(name)
    assert (locked.status_code, locked.json()["code"]) == (429, "auth.account_locked")


def test_a_spent_refresh_token_ends_its_family(trouble: Troubled) -> None:
    first = trouble.login(trouble.account()).json()["refresh_token"]
    last = trouble.next_token(trouble.next_token(first))
    trouble.begin()
    reused = trouble.refresh(first)
    if reused.status_code in trouble.trouble.answers:
        trouble.end()
        reused = trouble.refresh(first)
    assert (reused.status_code, reused.json()["code"]) == (400, "oauth.invalid_grant")
    trouble.end()
    assert trouble.refresh(last).status_code == 400


def test_an_account_is_disabled(trouble: Troubled) -> None:
    name = trouble.account()
    token = trouble.login(name).json()["refresh_token"]
    trouble.begin()
    change = {"status": "disabled"}
    trouble.until_done("PATCH", f"/v1/accounts/{name}", "system_admin", json=change)
    if not trouble.is_over:
        trouble.end()
    assert trouble.login(name).status_code == 401
    assert trouble.refresh(token).status_code == 400


def test_a_directive_is_delivered_and_never_parked(trouble: Troubled) -> None:
    path = trouble.case_to_decide()
    trouble.begin()
    trouble.until_done("POST", f"{path}:decide", "bureau_leader", json={"basis": "第一类第3项"})
    if not trouble.is_over:
        trouble.end()
    wait_for(lambda: trouble.directive(path)["state"] != "pending")
    assert trouble.directive(path)["state"] == "delivered"
    parked = trouble.call("GET", "/accountability/v1/jobs?state=parked", "system_admin")
    assert parked.json()["data"] == []


def test_an_import_goes_on_when_there_is_room(trouble: Troubled) -> None:
    begun = trouble.send(trouble.people("A", ROWS)).json()
    trouble.begin()
    later = trouble.send(trouble.people("B", ROWS))
    if later.status_code in trouble.trouble.answers:
        trouble.end()
        later = trouble.send(trouble.people("B", ROWS))
    assert later.status_code == 202, later.text
    if not trouble.is_over:
        trouble.end()
    for job in (begun, later.json()):
        check_completed(trouble, job)


def check_completed(trouble: Troubled, job: dict[str, Any]) -> None:
    """An import comes to its end, and every row is stored."""

    def read() -> dict[str, Any]:
        path = f"/schools/v1/imports/{job['id']}"
        found: dict[str, Any] = trouble.call("GET", path, "bureau_admin").json()
        return found

    wait_for(lambda: read()["state"] in ("completed", "failed", "cancelled"))
    found = read()
    assert (found["state"], found["problem"]) == ("completed", None)
    assert found["progress"]["created"] == ROWS


def test_a_database_that_ended_is_started_until_it_can_go_on() -> None:
    with troubled(ENDS_POSTGRES()) as world:
        name = world.account()
        assert [world.login(name, "wrong").status_code for _ in range(ATTEMPTS)] == [401] * ATTEMPTS
        begun = world.send(world.people("A", ROWS)).json()
        world.begin()
        for _ in range(3):
            assert world.login(name).status_code in world.trouble.answers
            time.sleep(1)
        world.end()
        assert world.login(name).status_code == 429
        check_completed(world, begun)
