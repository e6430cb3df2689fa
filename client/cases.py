"""Accountability cases through the API."""

from collections.abc import Iterator
from typing import Any

from client.api import JunhengClient
from client.models import Case
from client.problems import Problem

CASES = "/accountability/v1/cases"
_NOT_FOUND = 404
IN_FORCE = frozenset({"decided", "executed", "closed"})


def get_case(client: JunhengClient, case_no: str) -> Case:
    """The bureau's case with this number."""
    return Case.model_validate(client.get(f"{CASES}/by-key/{case_no}"))


def find_case(client: JunhengClient, case_no: str) -> Case | None:
    """The bureau's case with this number, None if there is none."""
    try:
        return get_case(client, case_no)
    except Problem as problem:
        if problem.status == _NOT_FOUND:
            return None
        raise


def cases_of(client: JunhengClient) -> Iterator[Case]:
    """Every case of the bureau, ordered by number."""
    return (Case.model_validate(row) for row in client.iterate(CASES, sort="case_no"))


def open_case(client: JunhengClient, lead: dict[str, Any]) -> Case:
    """Record a lead (线索) as a new case."""
    return Case.model_validate(client.post(CASES, lead))


def act_on_case(
    client: JunhengClient, case: Case, verb: str, body: dict[str, Any] | None = None
) -> Case:
    """Call a verb of a case, for example `file`, `propose`, `review` or `decide`.

    Raises:
        Problem: status 412 if the case has changed since it was read.
    """
    path = f"{CASES}/{case.id}:{verb}"
    return Case.model_validate(client.post(path, body, if_match=case.etag))


def has_undelivered(case: Case) -> bool:
    """Whether a directive of the case has not yet been delivered to the appraisal service."""
    return any(one.directive and one.directive.state == "pending" for one in case.respondents)
