"""What schemathesis runs before each request; it is loaded by path (see `running.config`)."""

import random
import uuid
from typing import Any

import schemathesis

_KEY = "Idempotency-Key"
_OFTEN = 0.9


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Mostly give a request a key of its own: generated ones are alike, and already used."""
    if case.method == "POST" and case.headers.get(_KEY) and random.random() < _OFTEN:
        case.headers[_KEY] = uuid.uuid4().hex
