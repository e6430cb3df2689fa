"""Procedures and their routes say the same: verbs, scopes, problems; and who serves them."""

import httpx
import pytest

from services.chassis.exports.kind import EXPORTS
from services.chassis.imports.engine.kind import IMPORTS
from services.chassis.procedures.machine import StateMachine, Verb
from tests.architecture.processes import (
    SERVICES,
    Route,
    declaration_of,
    operation_of,
    routes_of,
)
from tests.architecture.test_lists import is_log, listing_of, pages
from tests.support.tokens import bearer

MACHINES = [
    (service, machine) for service in SERVICES for machine in declaration_of(service).procedures
]
VERBS = [
    pytest.param(service, machine, verb, id=f"{service}/{machine.name}:{verb.name}")
    for service, machine in MACHINES
    for verb in machine.verbs
    if verb.scope is not None
]
# Operations refuse a verb with problems of their kind, and accept it with 202.
OPERATIONS = {kind.machine.name: kind for kind in (IMPORTS, EXPORTS)}
# Rows that have a state which their readers cannot move.
WITHOUT_VERBS = {"appraisal/directives"}
# Their states are those of the job queue.
ELSEWHERE = {"jobs"}


def route_of(service: str, machine: StateMachine, verb: Verb) -> Route:
    """The route of a verb."""
    found = [
        route
        for route in routes_of(service)
        if route.method == "POST"
        and route.path.startswith(f"/v1/{machine.name}/{{")
        and route.path.endswith(f":{verb.name}")
    ]
    (route,) = found
    return route


@pytest.mark.parametrize(("service", "machine", "verb"), VERBS)
def test_the_route_of_a_verb_demands_its_scope_and_names_its_problems(
    service: str, machine: StateMachine, verb: Verb
) -> None:
    route = route_of(service, machine, verb)
    assert route.scopes == [verb.scope]
    responses = operation_of(route)["responses"]
    problems = machine.problems(verb.name)
    (status,) = [one for one in responses if one.startswith("2")]
    if kind := OPERATIONS.get(machine.name):
        problems = problems[1:]
        if verb.name == "cancel":
            problems = (kind.problems.ended,)
    for problem in problems:
        assert problem.code in responses[str(problem.status)]["description"]
    schema = responses[status]["content"]["application/json"]["schema"]
    assert schema["$ref"].endswith("WithVerbs")


@pytest.mark.parametrize("route", [one for one in pages() if not is_log(one)], ids=str)
def test_every_list_of_rows_with_states_shows_the_verbs(route: Route) -> None:
    listing = listing_of(route)
    if "state" not in listing.read.model_fields or listing.resource in ELSEWHERE:
        return
    shows = "allowed_verbs" in listing.item.model_fields
    assert shows != (f"{route.process}/{listing.resource}" in WITHOUT_VERBS)
    assert shows == (listing.procedure is not None)
    if listing.procedure:
        assert listing.procedure in declaration_of(route.process).procedures


@pytest.mark.parametrize("service", SERVICES)
async def test_procedures_are_served(service: str, clients: dict[str, httpx.AsyncClient]) -> None:
    headers = bearer("staff", bureau="620123")
    answer = await clients[service].get("/v1/procedures", headers=headers)
    assert answer.status_code == 200, answer.text
    served = {one["name"]: one for one in answer.json()}
    machines = {machine.name: machine for machine in declaration_of(service).procedures}
    assert served.keys() == machines.keys()
    for name, machine in machines.items():
        one = await clients[service].get(f"/v1/procedures/{name}", headers=headers)
        assert one.json() == served[name]
        assert [state["is_initial"] for state in one.json()["states"]].count(True) == 1
        states = f"/v1/code-lists/{machine.state_list}"
        codes = (await clients[service].get(states, headers=headers)).json()
        assert [code["code"] for code in codes["codes"]] == [
            state["code"] for state in one.json()["states"]
        ]


@pytest.mark.parametrize(
    ("service", "machine"), MACHINES, ids=lambda one: getattr(one, "name", one)
)
async def test_diagrams_are_served_in_the_readers_language(
    service: str, machine: StateMachine, clients: dict[str, httpx.AsyncClient]
) -> None:
    path = f"/v1/procedures/{machine.name}?format=mermaid"
    for language in ("zh-CN", "en"):
        headers = bearer("staff", bureau="620123") | {"Accept-Language": language}
        answer = await clients[service].get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/vnd.mermaid; charset=utf-8"
        assert answer.headers["content-language"] == language
        assert answer.text.startswith("stateDiagram-v2\n")
        for state in machine.states:
            assert f"{state.code} : {state.label.render(language)}\n" in answer.text


@pytest.mark.parametrize("service", SERVICES)
async def test_an_unknown_procedure_names_those_that_there_are(
    service: str, clients: dict[str, httpx.AsyncClient]
) -> None:
    headers = bearer("staff", bureau="620123") | {"Accept-Language": "en"}
    answer = await clients[service].get("/v1/procedures/none", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "procedure.not_found")
    for machine in declaration_of(service).procedures:
        assert machine.name in answer.json()["detail"]
    assert (await clients[service].get("/v1/procedures")).status_code == 401
