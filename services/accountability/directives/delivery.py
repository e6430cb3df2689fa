"""The job that brings a directive to the appraisal service.

It runs until the directive is accepted or refused, whatever happens in between: a service that is
down, a lost answer, a killed worker. Posting twice does no harm: the directive's number is its
natural key there.
"""

from typing import Any, Literal, NamedTuple, TypedDict

import httpx
from sqlmodel import select

from services.accountability.cases.history import Actor, count_change, record
from services.accountability.cases.models import Case
from services.accountability.directives.models import DirectiveDelivery
from services.chassis.core.errors import Unavailable
from services.chassis.database.clock import Clock
from services.chassis.database.db import Database
from services.chassis.peers.client import PlatformClient
from services.chassis.peers.contract import Use
from services.chassis.queue.jobs import JobContext, TryAgain

_PATH = "/appraisal/v1/directives"
_ACCEPTED = frozenset({200, 201})
_REFUSED = frozenset(
    {httpx.codes.FORBIDDEN, httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY}
)
_SERVICE = "service-accountability"


class DirectiveBody(TypedDict):
    """A directive as the appraisal service takes it."""

    directive_no: str
    year: int
    staff_no: str
    effect: Literal["fix"]
    result: Literal["unqualified"]
    case_no: str
    measure: str
    basis: str
    decided_on: str


USES = (Use("appraisal", "POST", "/v1/directives", sends=DirectiveBody, statuses=_ACCEPTED),)


class Outcome(NamedTuple):
    """The outcome of one attempt: `delivered`, `refused`, or still `pending`."""

    state: str
    detail: str | None


async def deliver_directive(context: JobContext, payload: dict[str, Any]) -> None:
    """Post the directive and store the outcome.

    Raises:
        TryAgain: the appraisal service has neither accepted nor refused it.
    """
    directive = await _pending(context.database, payload["directive_no"])
    if directive is None:
        return
    outcome = await _send(context.resources[PlatformClient], directive)
    actor = Actor(_SERVICE, _SERVICE, await context.resources[Clock].now())
    await _store(context.database, directive, outcome, actor)
    if outcome.state == "pending":
        raise TryAgain(outcome.detail)


async def _pending(database: Database, directive_no: str) -> DirectiveDelivery | None:
    async with database.session(None) as session:
        found = await session.execute(
            select(DirectiveDelivery).where(
                DirectiveDelivery.directive_no == directive_no,
                DirectiveDelivery.state == "pending",
            )
        )
        return found.scalar_one_or_none()


async def _send(platform: PlatformClient, directive: DirectiveDelivery) -> Outcome:
    body: DirectiveBody = {
        "directive_no": directive.directive_no,
        "year": directive.year,
        "staff_no": directive.staff_no,
        "effect": "fix",
        "result": "unqualified",
        "case_no": directive.case_no,
        "measure": directive.measure,
        "basis": directive.basis,
        "decided_on": directive.decided_on.isoformat(),
    }
    try:
        response = await platform.request(directive.bureau_code, "POST", _PATH, json=body)
    except Unavailable as error:
        return Outcome("pending", error.code)
    if response.status_code in _ACCEPTED:
        return Outcome("delivered", None)
    state = "refused" if response.status_code in _REFUSED else "pending"
    return Outcome(state, _reason(response))


def _reason(response: httpx.Response) -> str:
    """The problem's code, detail and faults, as far as the answer is a problem."""
    try:
        problem = response.json()
        parts = [problem["code"], problem["detail"]]
        parts += [f"{fault['pointer']} {fault['message']}" for fault in problem["errors"]]
        return " ".join(parts)
    except (ValueError, KeyError, TypeError):
        return f"HTTP {response.status_code}"


async def _store(
    database: Database, directive: DirectiveDelivery, outcome: Outcome, actor: Actor
) -> None:
    async with database.session(None) as session:
        # The case first, as every verb does: so the two never wait for each other.
        case = await session.get_one(Case, directive.case_id, with_for_update=True)
        stored = await session.get_one(DirectiveDelivery, directive.id, with_for_update=True)
        if stored.state != "pending":
            return
        stored.attempts += 1
        stored.state, stored.detail = outcome.state, outcome.detail
        if outcome.state == "pending":
            count_change(case)  # it shows the attempt
            return
        if outcome.state == "delivered":
            stored.delivered_at = actor.at
        verb = f"directive_{outcome.state}"
        await record(
            session, case, actor, verb, outcome.detail, directive_no=directive.directive_no
        )
