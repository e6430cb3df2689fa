"""Contracts between services, declared next to the calling code.

A test compares every `USES` with the provider's agreed OpenAPI document, so a provider learns of
a broken consumer when it changes its interface, not in production.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Use:
    """One operation of another service, as a consumer uses it.

    Attributes:
        provider: the other service.
        method: in capitals.
        path: as the provider's document has it, `/v1/…`.
        query: the query parameters sent, with the type of their values.
        sends: the body sent, as a TypedDict or NamedTuple.
        reads: what is read of the answer, likewise; of a list, what is read of each row.
        statuses: the successes that the consumer is ready for; all that the provider has.
    """

    provider: str
    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    sends: type | None = None
    reads: type | None = None
    statuses: frozenset[int] = frozenset({200})
