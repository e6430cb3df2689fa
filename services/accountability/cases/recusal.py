"""Recusal (回避): nobody learns of a case that names them, or works on it.

A person is recognised by the staff number in the token. An account that is limited to schools and
has no staff number may belong to anybody who works at these schools, so it is kept from every case
that names one of them. Each case carries whom it has ever named (`case_file.named`, kept by a
trigger), so that the check reads the locked row itself: somebody who is named while they are
writing is refused. Row security holds the same rule (migration k004).
"""

from collections.abc import Sequence

from sqlalchemy import ARRAY, ColumnElement, all_, literal, not_
from sqlalchemy import Text as SqlText
from sqlmodel import col

from services.accountability.cases.models import Case
from services.accountability.registry import Person
from services.chassis.core.errors import Fault
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller

_SELF = Text("不能登记本人为责任人", "You cannot name yourself as a respondent")
_MAYBE_SELF = Text(
    "本账号未登记工号，无法排除 {value} 即为本人；请系统管理员为账号登记工号",
    "This account has no staff number, so {value} may be yourself; "
    "ask the system administrator to enter it",
)


class Recusal:
    """The conditions under which a caller may know of a case.

    Args:
        caller: who asks.
    """

    def __init__(self, caller: Caller) -> None:
        self._staff_no = caller.staff_no
        self._schools = caller.schools

    def conditions(self, case: str = "case_file") -> list[tuple[str, object]]:
        """SQL conditions on the table `case`, each with the one value of its `{}`."""
        if self._staff_no:
            return [(f"{{}}::text <> all({case}.named)", self._staff_no)]
        if self._schools:
            return [(f"not {case}.named_schools && {{}}::text[]", list(self._schools))]
        return []

    def criteria(self) -> list[ColumnElement[bool]]:
        """The same for a statement of the ORM."""
        if self._staff_no:
            return [literal(self._staff_no) != all_(col(Case.named))]
        if self._schools:
            schools = literal(list(self._schools), ARRAY(SqlText))
            overlaps = col(Case.named_schools).op("&&", is_comparison=True)(schools)
            return [not_(overlaps)]
        return []

    def literal(self, case: str) -> str:
        """The same as one piece of SQL without arguments, for the statements of an import."""
        if self._staff_no:
            return f"{_quoted(self._staff_no)} <> all({case}.named)"
        if self._schools:
            schools = ", ".join(map(_quoted, self._schools))
            return f"not {case}.named_schools && array[{schools}]"
        return "true"


def self_faults(caller: Caller, numbers: Sequence[str], people: dict[str, Person]) -> list[Fault]:
    """Faults for each of `numbers` that is, or may be, the caller."""
    faults = []
    for index, staff_no in enumerate(numbers):
        found = _fault(caller, people.get(staff_no))
        if found:
            code, message = found
            pointer = f"/respondents/{index}/staff_no"
            faults.append(Fault(pointer, code, message, {"value": staff_no}))
    return faults


def _fault(caller: Caller, person: Person | None) -> tuple[str, Text] | None:
    if person is None:
        return None
    if caller.staff_no:
        return ("respondent.self", _SELF) if person.staff_no == caller.staff_no else None
    may_be = not person.works_at.isdisjoint(caller.schools)
    return ("respondent.maybe_self", _MAYBE_SELF) if may_be else None


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
