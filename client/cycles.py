"""A bureau's appraisal year through the API."""

from typing import Any

from client.api import JunhengClient
from client.models import Correction, Cycle, SchoolSummary
from client.problems import Problem
from client.resources import CYCLES

CORRECTIONS = "/appraisal/v1/corrections"
# The order of a year; a cycle only ever moves along it, except by going back on purpose.
STATES = ("draft", "open", "scoring", "determined", "publicised", "confirmed")
_NOT_FOUND, _CONFLICT = 404, 409


def find_cycle(client: JunhengClient, year: int) -> Cycle | None:
    """The bureau's cycle of a year, if there is one."""
    try:
        return Cycle.model_validate(client.get(f"{CYCLES}/by-key/{year}"))
    except Problem as problem:
        if problem.status == _NOT_FOUND:
            return None
        raise


def get_cycle(client: JunhengClient, year: int) -> Cycle:
    """The bureau's cycle of a year."""
    return Cycle.model_validate(client.get(f"{CYCLES}/by-key/{year}"))


def ensure_cycle(client: JunhengClient, year: int) -> tuple[Cycle, bool]:
    """The cycle of a year, created when there is none; second value: whether it is new."""
    found = find_cycle(client, year)
    if found is not None:
        return found, False
    try:
        return Cycle.model_validate(client.post(CYCLES, {"year": year})), True
    except Problem as problem:
        if problem.status != _CONFLICT:
            raise
    return get_cycle(client, year), False


def act_on_cycle(
    client: JunhengClient, cycle: Cycle, verb: str, body: dict[str, Any] | None = None
) -> Cycle:
    """Move a cycle on: `open`, `start-scoring`, `determine`, `publicise` and the like."""
    return Cycle.model_validate(client.post(f"{CYCLES}/{cycle.id}:{verb}", body))


def has_reached(cycle: Cycle, state: str) -> bool:
    """Whether the cycle is in `state` or beyond."""
    return STATES.index(cycle.state) >= STATES.index(state)


def summary_of(client: JunhengClient, cycle: Cycle) -> list[SchoolSummary]:
    """Results and quota by school."""
    rows = client.iterate(f"{CYCLES}/{cycle.id}/summary")
    return [SchoolSummary.model_validate(row) for row in rows]


def open_corrections(client: JunhengClient, year: int) -> list[Correction]:
    """Decisions that came after the year was confirmed and await an answer."""
    rows = client.iterate(CORRECTIONS, year=year, state="open")
    return [Correction.model_validate(row) for row in rows]


def count_corrections(client: JunhengClient, year: int) -> int:
    """How many such decisions came in all, answered or not."""
    return client.count(CORRECTIONS, year=year)


def apply_correction(client: JunhengClient, correction: Correction) -> None:
    """Change a confirmed result as the correction says.

    Raises:
        Problem: 412 when the correction is no longer as it was read.
    """
    client.post(f"{CORRECTIONS}/{correction.id}:apply", if_match=correction.etag)
