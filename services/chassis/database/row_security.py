"""Row security: one simple policy per level and table, the net under the application's own check.

The level is a role that the login takes on for one transaction (`db.CONTEXT`). Never an OR:
a policy that joined two levels cost 62 times the query without it, one comparison with a setting
costs nothing measurable. A setting that is absent or empty matches no row.
"""

from dataclasses import dataclass, replace

from alembic import op

from services.chassis.database.levels import (
    EVERYBODY,
    KNOWN,
    LEVELS,
    NOBODY,
    OWN_BUREAU,
    OWN_SCHOOLS,
    OWN_STAFF_NO,
)

# Names that migrations import.
__all__ = [
    "EVERYBODY",
    "KNOWN",
    "LEVELS",
    "NOBODY",
    "OF_BUREAU",
    "Protection",
    "protect",
    "unprotect",
]

OF_BUREAU = OWN_BUREAU.matches("bureau_code", OWN_BUREAU.in_context)


@dataclass(frozen=True)
class Protection:
    """Which rows of a table each level may read and write, as SQL conditions.

    The defaults fit what a bureau keeps to itself. Platform administrators see nothing unless
    a table says so; the service itself (jobs, start-up) sees everything.
    """

    bureau: str = OF_BUREAU
    schools: str = NOBODY
    person: str = NOBODY
    platform: str = NOBODY
    service: str = EVERYBODY

    def with_schools(self, column: str = "school_code") -> "Protection":
        """School accounts see the rows of their schools."""
        at_schools = OWN_SCHOOLS.matches(column, OWN_SCHOOLS.in_context)
        return replace(self, schools=f"{OF_BUREAU} and {at_schools}")

    def with_person(self, column: str = "staff_no") -> "Protection":
        """A person's own account sees the rows of that person."""
        of_person = OWN_STAFF_NO.matches(column, OWN_STAFF_NO.in_context)
        return replace(self, person=f"{OF_BUREAU} and {of_person}")

    def for_all_of_bureau(self) -> "Protection":
        """Everybody of the bureau sees all of them (a cycle, the calendar)."""
        return replace(self, schools=OF_BUREAU, person=OF_BUREAU)

    def for_platform(self) -> "Protection":
        """Platform administrators see all of them (bureaus, accounts)."""
        return replace(self, platform=KNOWN)

    def through(self, parent: str) -> "Protection":
        """Schools and persons see what belongs to a row of another table that they see.

        Args:
            parent: `table t where t.key = …`; that table's own policies do the narrowing.
        """
        condition = f"{OF_BUREAU} and exists (select from {parent})"
        return replace(self, schools=condition, person=condition)


def protect(schema: str, table: str, protection: Protection) -> None:
    """Switch row security on for a table, forced, with one policy per level (in a migration)."""
    name = f"{schema}.{table}"
    op.execute(f"alter table {name} enable row level security")
    op.execute(f"alter table {name} force row level security")
    for level in LEVELS:
        condition = getattr(protection, level)
        if condition != NOBODY:
            op.execute(
                f"create policy {level} on {name} to junheng_{schema}_{level} "
                f"using ({condition}) with check ({condition})"
            )


def unprotect(schema: str, table: str) -> None:
    """Take the policies away again (in a downgrade)."""
    name = f"{schema}.{table}"
    for level in LEVELS:
        op.execute(f"drop policy if exists {level} on {name}")
    op.execute(f"alter table {name} no force row level security")
    op.execute(f"alter table {name} disable row level security")
