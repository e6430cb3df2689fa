"""Recusal (回避): nobody learns of a case that names them, or works on it.

A person is recognised by the staff number in the token. An account that is limited to schools and
has no staff number may belong to anybody who works at these schools, so it is kept from every case
that names one of them. Each case carries whom it has ever named (`case_file.named`, kept by a
trigger), so that the check reads the locked row itself: somebody who is named while they are
writing is refused. Row security holds the same rule (migration k004).
"""

from collections.abc import Sequence

from services.accountability.registry import Person
from services.chassis.core.errors import Fault
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.levels import OWN_SCHOOLS, OWN_STAFF_NO
from services.chassis.lists.row_rules import Condition, Narrowing

_SELF = Text("不能登记本人为责任人", "You cannot name yourself as a respondent")
_MAYBE_SELF = Text(
    "本账号未登记工号，无法排除 {value} 即为本人；请系统管理员为账号登记工号",
    "This account has no staff number, so {value} may be yourself; "
    "ask the system administrator to enter it",
)


def _not_named(caller: Caller, row: str) -> list[Condition]:
    """The conditions under which a caller may know of a case."""
    if caller.staff_no:
        return [Condition(f"{{}}::text <> all({row}named)", (caller.staff_no,))]
    if caller.schools:
        return [Condition(f"not {row}named_schools && {{}}::text[]", ([*caller.schools],))]
    return []


_PERSON, _SCHOOLS = OWN_STAFF_NO.in_context, OWN_SCHOOLS.in_context
RECUSAL = Narrowing(
    _not_named,
    {
        "bureau": f"coalesce({_PERSON}, '') <> all(named)",
        "schools": (
            f"case when {_PERSON} is null then not named_schools && {_SCHOOLS} "
            f"else {_PERSON} <> all(named) end"
        ),
    },
)


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
