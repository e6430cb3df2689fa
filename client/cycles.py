"""Appraisal cycles of a bureau through the API."""

from typing import Any

from client.api import JunhengClient
from client.models import Correction, Cycle, SchoolSummary
from client.problems import Problem
from client.resources import CYCLES

CORRECTIONS = "/appraisal/v1/corrections"
# States of a cycle in order; only explicit verbs move it back.
STATES = ("draft", "open", "scoring", "determined", "public_notice", "confirmed")
_NOT_FOUND, _CONFLICT = 404, 409


def find_cycle(client: JunhengClient, year: int) -> Cycle | None:
    """The bureau's cycle of a year, None if there is none."""
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
    """The cycle of a year, created if missing, and whether it was created."""
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
    """Call a verb of a cycle, for example `open`, `start-scoring` or `determine`."""
    return Cycle.model_validate(client.post(f"{CYCLES}/{cycle.id}:{verb}", body))


def has_reached(cycle: Cycle, state: str) -> bool:
    """Whether the cycle is in `state` or a later one."""
    return STATES.index(cycle.state) >= STATES.index(state)


def summary_of(client: JunhengClient, cycle: Cycle) -> list[SchoolSummary]:
    """Results and quota by school."""
    rows = client.iterate(f"{CYCLES}/{cycle.id}/summary")
    return [SchoolSummary.model_validate(row) for row in rows]


def open_corrections(client: JunhengClient, year: int) -> list[Correction]:
    """Corrections of a confirmed year that are neither applied nor dismissed."""
    rows = client.iterate(CORRECTIONS, year=year, state="open")
    return [Correction.model_validate(row) for row in rows]


def count_corrections(client: JunhengClient, year: int) -> int:
    """The number of all corrections of a year, open or not."""
    return client.count(CORRECTIONS, year=year)


def apply_correction(client: JunhengClient, correction: Correction) -> None:
    """Apply a correction to a confirmed result.

    Raises:
        Problem: status 412 if the correction has changed since it was read.
    """
    client.post(f"{CORRECTIONS}/{correction.id}:apply", if_match=correction.etag)
