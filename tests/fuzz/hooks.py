"""What schemathesis runs before each request; it is loaded by path (see `running.config`)."""

import random
import uuid
from typing import Any

import schemathesis

_KEY = "Idempotency-Key"
_MOSTLY, _OFTEN = 0.9, 0.5
# Of a long poll; longer ones would use up the time of a run.
_LONGEST_WAIT = 2


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Give a request what generated values hardly ever are: a new key, the same key twice."""
    if case.method == "POST" and case.headers.get(_KEY) and random.random() < _MOSTLY:
        case.headers[_KEY] = uuid.uuid4().hex
    if case.method == "PUT" and isinstance(case.body, dict) and random.random() < _OFTEN:
        case.body |= {name: case.path_parameters[name] for name in _in_both(case)}
    wait = (case.query or {}).get("wait")
    if isinstance(wait, int) and wait > _LONGEST_WAIT and random.random() < _MOSTLY:
        case.query["wait"] = _LONGEST_WAIT


def _in_both(case: Any) -> set[str]:
    """What an upsert names in the address and in the body."""
    return set((case.path_parameters or {}).keys() & case.body.keys())
