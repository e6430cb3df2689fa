"""Which assignments a caller sees, and how they are listed."""

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing, Related
from services.chassis.schemas.fields import Day
from services.schools.assignments.errors import AssignmentNotFound
from services.schools.assignments.models import Assignment, AssignmentRead
from services.schools.staff.queries import sees_restricted


def visible_to(caller: Caller, where: Where) -> None:
    """The bureau's assignments, those at the caller's schools, or the caller's own anywhere."""
    where.add("bureau_code = {}", caller.bureau_code)
    if caller.is_person:
        where.add("staff_no = {}", caller.staff_no or "")
    elif caller.schools:
        where.add("school_code = any({})", list(caller.schools))
    if not sees_restricted(caller):
        where.add("not is_restricted(bureau_code, staff_no)")


def select_visible(caller: Caller) -> SelectOfScalar[Assignment]:
    """The assignments that a caller may write; the lock checks whether their person allows it."""
    statement = select(Assignment).where(Assignment.bureau_code == caller.bureau_code)
    if caller.schools:
        statement = statement.where(col(Assignment.school_code).in_(caller.schools))
    return statement


ASSIGNMENTS = Listing(
    "assignments",
    AssignmentRead,
    "assignment",
    visible_to,
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
    shows_more=True,
    keys_return=True,
)
