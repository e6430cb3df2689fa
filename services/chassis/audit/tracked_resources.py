"""Declarations of the resources that a service's change log follows.

They define the resource's history (`histories`) and the readers of its changes (`feed`). A
test compares the declarations with the triggers in PostgreSQL: nothing is logged that nobody can
read.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.chassis.core.errors import NotFound
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing, Scope


@dataclass(frozen=True)
class Recorded:
    """A resource in the change log.

    Attributes:
        resource: its name there.
        title: what one of its records is called.
        scope: the one that reading it demands.
        source: FROM clause; its own table comes first.
        visible_to: adds the caller's row predicate.
        key: SQL of a row's id.
        missing: the problem when a record is not there for the caller.
        entries: adds the condition under which a bureau's feed and audit trail show entries of
            `change_log` about it; None where everybody who reads them sees every record.
    """

    resource: str
    title: Text
    scope: str
    source: str
    visible_to: Scope
    key: str = "id"
    missing: type[NotFound] = NotFound
    entries: Scope | None = None

    @classmethod
    def listed(
        cls, listing: Listing, title: Text, scope: str, entries: Scope | None = None
    ) -> "Recorded":
        """A resource with the visibility of its list."""
        return cls(
            listing.resource,
            title,
            scope,
            listing.source,
            listing.scope,
            listing.key,
            listing.missing,
            entries,
        )

    @property
    def table(self) -> str:
        """The table that is logged."""
        return self.source.split()[0]

    def of(self, caller: Caller, condition: str, *values: object) -> Where:
        """The rows that are visible to the caller and match `condition`."""
        where = Where()
        self.visible_to(caller, where)
        where.add(condition, *values)
        return where


class TrackedResources(tuple[Recorded, ...]):
    """All resources that one service's change log follows."""

    __slots__ = ()

    def readable_with(self, scopes: Iterable[str]) -> frozenset[str]:
        """Names of the resources that a caller with `scopes` may read."""
        held = frozenset(scopes)
        return frozenset(one.resource for one in self if one.scope in held)

    def add_entries_scope(self, caller: Caller, where: Where) -> None:
        """Restrict entries of `change_log` to records that are visible to the caller."""
        for one in self:
            if one.entries is None:
                continue
            inner = Where()
            inner.args = where.args
            one.entries(caller, inner)
            if inner.conditions:
                of_another = f"resource <> {where.arg(one.resource)}"
                where.conditions.append(f"({of_another} or {' and '.join(inner.conditions)})")
