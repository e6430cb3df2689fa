"""Import of assignments, which must not overlap for one person, school and role."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from services.chassis.core.resources import Resources
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Database, as_service
from services.chassis.imports.declaration.hints import (
    FIRST_DAY,
    LAST_DAY,
    SCHOOL_CODE,
    STAFF_NO,
    Hint,
)
from services.chassis.imports.declaration.spec import (
    Check,
    ImportSpec,
    Keep,
    PartMerge,
    Removal,
    Side,
    Words,
)
from services.chassis.lists.row_rules import Condition, Narrowing
from services.schools.assignments.models import KEY, Assignment, AssignmentCreate
from services.schools.assignments.queries import ASSIGNMENT_ROWS, ASSIGNMENTS
from services.schools.staff.queries import sees_restricted
from services.schools.staff.scopes import StaffScope

# A school sees its own staff and people already assigned to it (see `locking.lock_person`).
_NOBODY = Words(
    "staff.unknown", Text("没有这位教职工：{value}", "Unknown member of staff: {value}")
)
_IS_KNOWN = (
    "(exists (select from staff s where s.bureau_code = $1 and s.staff_no = c.staff_no) or "
    "exists (select from assignment a where a.bureau_code = $1 and a.staff_no = c.staff_no))"
)
_UNKNOWN_PERSON = Check(
    "staff_no",
    _NOBODY,
    f"select _row as row, staff_no as value from {{changed}} c where not {_IS_KNOWN}",
)
_RESTRICTED = Check(
    "staff_no",
    Words(
        "staff.restricted",
        Text("{value} 的个人信息已限制处理或删除", "{value} is restricted or erased"),
    ),
    f"select _row as row, staff_no as value from {{changed}} c where {_IS_KNOWN} "
    "and is_restricted($1, staff_no)",
    unless=(lambda caller: not sees_restricted(caller), _NOBODY),
)
_UNKNOWN_SCHOOL = Check(
    "school_code",
    Words("school.unknown", Text("没有这所学校：{value}", "Unknown school: {value}")),
    "select _row as row, school_code as value from {changed} where school_code not in "
    "(select school_code from school where bureau_code = $1)",
)
_AFTER_LEAVING = Check(
    "starts_on",
    Words(
        "starts_on.after_leaving",
        Text(
            "开始日期 {starts_on} 晚于此人的离职日期 {value}",
            "The first day, {starts_on}, is after the person's last day, {value}",
        ),
    ),
    "select c._row as row, s.left_on as value, c.starts_on from {changed} c join staff s "
    "on s.bureau_code = $1 and s.staff_no = c.staff_no where c.starts_on > s.left_on",
    params=("value", "starts_on"),
    as_service=True,
)
_OF_RESTRICTED = (
    "exists (select from staff s where s.bureau_code = t.bureau_code "
    "and s.staff_no = t.staff_no and s.restricted_at is not null)"
)
_LOCK = (
    "select from staff where bureau_code = $1 and staff_no in (select staff_no from {rows} r) "
    "order by staff_no for update"
)
# Of two rows of the file the later one is faulty; of a stored and a new one, the new one. A
# stored row that the file changes counts in its new form; one that is hidden from the caller does
# not count.
_OVERLAPS = Check(
    "starts_on",
    Words(
        "assignment.overlaps",
        Text(
            "与此人在该校同一岗位的另一任职重叠（{value} 起）",
            "Overlaps another assignment with the same role at this school (from {value})",
        ),
    ),
    """
    with mine as materialized (
        select _row, _id, staff_no, school_code, role, starts_on, ends_on from {after} m
    ), others as materialized (
        select null::bigint as _row, staff_no, school_code, role, starts_on, ends_on
        from assignment a where bureau_code = $1
            and staff_no in (select staff_no from mine)
            and staff_no not in (select staff_no from {side})
            and not exists (select from mine m where m._id = a.id)
        union all select _row, staff_no, school_code, role, starts_on, ends_on from mine
    )
    select m._row as row, min(o.starts_on) as value
    from mine m join others o using (staff_no, school_code, role)
    where (o._row is null or o._row < m._row)
        and o.starts_on <= coalesce(m.ends_on, 'infinity')
        and m.starts_on <= coalesce(o.ends_on, 'infinity')
    group by m._row
    """,
)


def _not_hidden(caller: Caller, row: str) -> list[Condition]:
    """As `ASSIGNMENT_ROWS` does, but once for all rows of a file, or of the bureau."""
    if sees_restricted(caller):
        return []
    return [Condition(f"{row}staff_no not in (select staff_no from {{{{side}}}})")]


async def _hidden_persons(resources: Resources, caller: Caller) -> Sequence[tuple[Any, ...]]:
    """Restricted persons who are hidden from the caller, with their assignments."""
    if sees_restricted(caller):
        return []
    async with resources[Database].connection(None) as connection:
        rows = await connection.fetch(
            "select staff_no from staff where bureau_code = $1 and restricted_at is not null",
            caller.bureau_code,
        )
    return [tuple(row) for row in rows]


async def _unfit_meanwhile(merge: PartMerge) -> list[int]:
    """Lock the persons of a part, as every writer of assignments does; whom others were faster for.

    What the whole file changes has been judged; here only what was written since is looked for:
    assignments that overlap, and persons who have been restricted.
    """
    changed = merge.run.staging_tables.changed
    async with as_service(merge.connection):
        await merge.connection.execute(
            _LOCK.format(rows=f"(select staff_no from {changed} where _part = $2)"),
            merge.caller.bureau_code,
            merge.part,
        )
        rows = await merge.connection.fetch(
            merge.run.fill(
                "select distinct m._row from {after} m join assignment a "
                "using (staff_no, school_code, role) where m._part = $2 and a.bureau_code = $1 "
                "and a.id is distinct from m._id "
                "and a.starts_on <= coalesce(m.ends_on, 'infinity') "
                "and m.starts_on <= coalesce(a.ends_on, 'infinity') "
                "and not exists (select from {changed} o where o._id = a.id) "
                "union select c._row from {changed} c join staff s using (staff_no) "
                "where c._part = $2 and s.bureau_code = $1 and s.restricted_at is not null"
            ),
            merge.caller.bureau_code,
            merge.part,
        )
    return [row["_row"] for row in rows]


_HINTS = {
    "staff_no": STAFF_NO,
    "school_code": Hint("任职所在学校，不一定是人事关系所在学校", SCHOOL_CODE.synonyms),
    "role": Hint("", ("岗位", "职务", "任职职务", "担任岗位")),
    "kind": Hint("", ("任职类型", "任职性质")),
    "subject": Hint("任教或负责的学科", ("学科", "科目", "任教科目")),
    "class_name": Hint("只由班主任填写", ("班主任班级", "所带班级", "任教班级")),
    "weekly_lessons": Hint("每周课时，由任课人员填写", ("课时", "周课时数", "每周课时", "课时量")),
    "starts_on": Hint(f"任职首日，{FIRST_DAY.meaning}", ("任职日期", *FIRST_DAY.synonyms)),
    "ends_on": Hint(f"任职末日，{LAST_DAY.meaning}；未定则留空", LAST_DAY.synonyms),
}

ASSIGNMENT_IMPORT = ImportSpec(
    resource="assignments",
    title=Text("任职", "Assignments"),
    model=Assignment,
    row=AssignmentCreate,
    listing=ASSIGNMENTS,
    key=KEY,
    scope=StaffScope.WRITE,
    reveals=StaffScope.PII,
    rows=replace(ASSIGNMENT_ROWS, narrowing=Narrowing(_not_hidden)),
    side=Side({"staff_no": "text"}, _hidden_persons),
    checks=(_UNKNOWN_PERSON, _RESTRICTED, _UNKNOWN_SCHOOL, _AFTER_LEAVING, _OVERLAPS),
    removal=Removal(
        # Like `lock_person` for one person: restricted records are not changed.
        keeps=(Keep("restricted", _OF_RESTRICTED, is_shown_to=sees_restricted),),
        lock=_LOCK,
    ),
    unfit=_unfit_meanwhile,
    hints=_HINTS,
)
