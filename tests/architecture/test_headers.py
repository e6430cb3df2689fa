"""Headers keep to the lengths that their documentation states."""

from typing import Any

import httpx
import pytest

from services.chassis.http.header_lengths import LONGEST
from tests.architecture.conforming import must_be_documented
from tests.architecture.processes import Route, all_routes, operation_of
from tests.architecture.test_nasty_values import EVERY_SCOPE
from tests.architecture.test_roles import address
from tests.support.tokens import bearer

pytestmark = pytest.mark.quick


def header_parameters(route: Route) -> list[dict[str, Any]]:
    return [one for one in operation_of(route).get("parameters", []) if one["in"] == "header"]


ROUTES = [route for route in all_routes() if not route.is_page and header_parameters(route)]


def longest(parameter: dict[str, Any]) -> int:
    kinds = [parameter["schema"], *parameter["schema"].get("anyOf", [])]
    return max(int(kind.get("maxLength", 0)) for kind in kinds)


@pytest.fixture
def headers(bureau: str) -> dict[str, str]:
    """Somebody who may do everything, in a bureau where there is nothing."""
    return bearer("bureau_admin", bureau=bureau, scopes=EVERY_SCOPE, name="sender")


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_a_header_over_its_length_is_refused(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    for parameter in header_parameters(route):
        name, most = parameter["name"], longest(parameter)
        assert LONGEST[name] == most
        sent = {most: "x" * most, most + 1: "x" * (most + 1)}
        answers = {
            length: await clients[route.process].request(
                route.method, address(route), headers=headers | {name: value}
            )
            for length, value in sent.items()
        }
        assert answers[most].status_code != 431
        too_long = answers[most + 1]
        assert (too_long.status_code, too_long.json()["code"]) == (431, "platform.header_too_long")
        must_be_documented(route, too_long)
        must_be_documented(route, answers[most])


async def test_a_header_of_several_lines_is_as_long_as_all_of_them(
    clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    lines = [("If-None-Match", '"1"')] * 100
    answer = await clients["schools"].get("/v1/staff", headers=[*headers.items(), *lines])
    assert answer.status_code == 431
