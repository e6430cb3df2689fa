"""Whether an answer is one that its operation documents."""

import httpx

from tests.architecture.processes import Route, operation_of


def must_be_documented(route: Route, answer: httpx.Response, what: object = None) -> None:
    """Fail unless status and media type of the answer are in the document."""
    responses = operation_of(route)["responses"]
    status = str(answer.status_code)
    assert status in responses, (status, what, answer.text[:500])
    content = responses[status].get("content", {})
    kind = answer.headers.get("content-type", "").partition(";")[0]
    assert kind in content if kind or answer.content else not content, (kind, what)
