"""Declarations of the lists that can be exported as a job."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.chassis.core.text import Language
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.lists.listing import Listing, Within
from services.chassis.lists.worded import Worded, in_language

Parents = Mapping[str, UUID]
Guard = Callable[[Conn, Caller, Parents], Awaitable[None]]


@dataclass(frozen=True)
class Exportable:
    """A list, as the job that exports it needs to know it.

    Attributes:
        listing: the list, or how to get it in a language when its words depend on that.
        scope: the one that its route demands.
        within: what its rows belong to, by the names that stand in its address: SQL of each.
        guard: refuses parents that the caller does not see.
    """

    listing: Worded
    scope: str
    within: Mapping[str, str] = field(default_factory=dict)
    guard: Guard | None = None

    @property
    def resource(self) -> str:
        """Its name in addresses."""
        return self.listing_in("zh-CN").resource

    def listing_in(self, language: Language) -> Listing:
        """The list in a language."""
        return in_language(self.listing, language)

    def columns(self, parents: Mapping[str, Any]) -> Within:
        """The columns that fix what the rows belong to."""
        return {column: parents[name] for name, column in self.within.items()}
