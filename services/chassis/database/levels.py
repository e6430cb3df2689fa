"""Levels of row security, and the claims of a token that rows are compared with.

Every caller has exactly one level (`Caller.level`). A further one, such as the zones of an
inspector or the classes of a head teacher, needs a name here, a claim of the token and a setting of
the transaction (`Database._context`); the scopes of tables then name it like the others.
"""

from dataclasses import dataclass
from typing import NamedTuple

from services.chassis.database.auth import Caller

BUREAU, SCHOOLS, PERSON, PLATFORM, SERVICE = LEVELS = (
    "bureau",
    "schools",
    "person",
    "platform",
    "service",
)
NOBODY = "false"
EVERYBODY = "true"
# A session that took on a role and has no context is nobody, whatever its level.
KNOWN = "(select nullif(current_setting('app.subject', true), '')) is not null"


@dataclass(frozen=True)
class CallerClaim:
    """A claim that the columns of a table can be compared with.

    Attributes:
        attribute: of the `Caller`.
        setting: of the transaction, which holds the same for row security.
        is_list: whether the claim is a list, which holds the column's value.
    """

    attribute: str
    setting: str
    is_list: bool = False

    def of(self, caller: Caller) -> str | list[str]:
        """The caller's value; empty, and so equal to nothing, if the token has none."""
        value = getattr(caller, self.attribute)
        return [*value] if self.is_list else value or ""

    def matches(self, column: str, value: str) -> str:
        """SQL: whether `column` has the claim's value, or one of its values."""
        return f"{column} = any({value})" if self.is_list else f"{column} = {value}"

    @property
    def in_context(self) -> str:
        """SQL: the claim as the transaction holds it; a setting that is empty matches no row."""
        value = f"nullif(current_setting('{self.setting}', true), '')"
        return (
            f"(select string_to_array({value}, ','))::text[]"
            if self.is_list
            else f"(select {value})"
        )


OWN_BUREAU = CallerClaim("bureau", "app.bureau")
OWN_SCHOOLS = CallerClaim("schools", "app.schools", is_list=True)
OWN_STAFF_NO = CallerClaim("staff_no", "app.staff_no")
OWN_SUBJECT = CallerClaim("subject", "app.subject")
OWN_NAME = CallerClaim("name", "app.actor")


class Policy(NamedTuple):
    """The row-security policy of one level on one table.

    Attributes:
        condition: SQL.
        is_read_only: whether it lets the level read, and write nothing.
    """

    condition: str
    is_read_only: bool = False
