"""Visibility and listing of assignments."""

from dataclasses import replace

from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from services.chassis.database.auth import Caller
from services.chassis.lists.listing import Listing, Related
from services.chassis.lists.row_rules import (
    WHOLE_BUREAU,
    Condition,
    Narrowing,
    of_person,
    of_schools,
)
from services.chassis.lists.row_scopes import RowScope
from services.chassis.schemas.fields import Day
from services.schools.assignments.errors import AssignmentNotFound
from services.schools.assignments.models import Assignment, AssignmentRead
from services.schools.schools.queries import SCHOOL
from services.schools.staff.queries import PERSON, sees_restricted


def _of_unrestricted(caller: Caller, row: str) -> list[Condition]:
    if sees_restricted(caller):
        return []
    return [Condition(f"not is_restricted({row}bureau_code, {row}staff_no)")]


# Those of a person anywhere; of a school's staff those at the school only.
ASSIGNMENT_ROWS = RowScope(
    "assignment",
    {"bureau": WHOLE_BUREAU, "schools": of_schools(), "person": of_person()},
    Narrowing(_of_unrestricted),
)


def select_visible(caller: Caller) -> SelectOfScalar[Assignment]:
    """The assignments that a caller may write; the lock checks whether their person allows it."""
    scope = replace(ASSIGNMENT_ROWS, narrowing=None)
    return select(Assignment).where(scope.criterion(caller, Assignment))


ASSIGNMENTS = Listing(
    "assignments",
    AssignmentRead,
    "assignment",
    ASSIGNMENT_ROWS,
    related={
        "on": Related(
            "In force on this day (当日在任)",
            "{}::date between starts_on and coalesce(ends_on, 'infinity')",
            Day,
        ),
    },
    sorts=("staff_no", "starts_on", "created_at", "updated_at", "ends_on", "school_code"),
    # Functions of the database: callers who see an assignment see these two names with it, although
    # row security may hide the rows that contain them (docs/adr/0019-names-across-schools.md).
    sql={
        "name": "person_name(bureau_code, staff_no)",
        "school_name": "school_name(bureau_code, school_code)",
    },
    missing=AssignmentNotFound,
    expansions={"school": SCHOOL, "staff": PERSON},
    shows_more=True,
    keys_return=True,
)
