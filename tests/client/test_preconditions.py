"""Changes with a precondition (If-Match)."""

import pytest

from client.api import JunhengClient
from client.models import Case
from client.problems import CHANGED_MEANWHILE, Problem
from tests.client.fake import FakePlatform, answer, problem

METHODS = ("POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("method", METHODS)
def test_changes_send_the_given_etag(
    platform: FakePlatform, client: JunhengClient, method: str
) -> None:
    platform.on(method, "/x", answer({"version": 3}))
    change = getattr(client, method.lower())
    body = {} if method == "DELETE" else {"body": {"name": "二小"}}
    assert change("/x", if_match='"2"', **body) == {"version": 3}
    change("/x", **body)
    based, blind = platform.sent(method, "/x")
    assert based.headers["If-Match"] == '"2"'
    assert "If-Match" not in blind.headers


def test_a_failed_precondition_is_raised_without_retry(
    platform: FakePlatform, client: JunhengClient
) -> None:
    platform.on("PATCH", "/x", problem(412, "platform.precondition_failed"))
    with pytest.raises(Problem) as raised:
        client.patch("/x", {}, if_match='"2"')
    assert raised.value.status == CHANGED_MEANWHILE
    assert platform.waits == []


def test_typed_objects_have_an_etag() -> None:
    case = Case(id="k", version=4, case_no="2025-001", title="", state="lead")
    assert case.etag == '"4"'
