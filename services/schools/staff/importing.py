"""Import of staff."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import compress
from typing import Any

from services.chassis.core.text import Text
from services.chassis.database.db import as_service
from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.imports.declaration.copy_text import NULL, copy_bytes
from services.chassis.imports.declaration.day_checks import order_check
from services.chassis.imports.declaration.derived import NAME
from services.chassis.imports.declaration.hints import PERSON_NAME, SCHOOL_CODE, STAFF_NO, Hint
from services.chassis.imports.declaration.reported import Reported
from services.chassis.imports.declaration.spec import (
    Check,
    Derived,
    ImportSpec,
    Keep,
    PartMerge,
    Removal,
    Unique,
    Words,
)
from services.chassis.lists.pinyin.named import NAME_KEYS
from services.chassis.schemas.id_numbers.checking import is_valid
from services.chassis.schemas.id_numbers.parts import birth_day_of, gender_of
from services.schools.id_numbers.identity import NEW_VACANT_INDEX, vacant_cipher
from services.schools.id_numbers.reporting import report_staged
from services.schools.settings import SchoolsSettings
from services.schools.staff.models import Staff, StaffCreate
from services.schools.staff.numbers import WRITES_NUMBERS
from services.schools.staff.queries import STAFF, STAFF_ROWS, sees_birth_dates, sees_restricted
from services.schools.staff.rules import OLD_ENOUGH
from services.schools.staff.scopes import StaffScope

_MASKED = re.compile(r"[0-9*]{6}\*{11}[0-9X*]")

_CHECKS = (
    Check(
        "staff_no",
        Words(
            "staff.restricted",
            Text("{value} 的个人信息已限制处理或删除", "{value} is restricted or erased"),
        ),
        "select c._row as row, c.staff_no as value from {changed} c join staff s on s.id = c._id "
        "where s.restricted_at is not null",
    ),
    Check(
        "school_code",
        Words("school.unknown", Text("没有这所学校：{value}", "Unknown school: {value}")),
        "select _row as row, school_code as value from {changed} where school_code not in "
        "(select school_code from school where bureau_code = $1)",
    ),
    Check(
        "id_number",
        Words(
            "id_number.masked",
            Text(
                "脱敏的身份证号只能用于已登记的人员，新增人员请填写完整号码",
                "A masked ID number is only accepted for a registered person; enter the full "
                "number of a new person",
            ),
        ),
        "select _row as row, staff_no as value from {changed} where _id is null "
        "and id_number_index is null and _absent & {bit[id_number]} = 0",
    ),
    order_check(OLD_ENOUGH, "staff", sees_stored=sees_birth_dates),
)

# No assignment begins after the person's last day.
_ASSIGNED_LATER = (
    "exists (select from assignment a where a.bureau_code = t.bureau_code "
    "and a.staff_no = t.staff_no and a.starts_on > coalesce(t.left_on, current_date))"
)
_HINTS = {
    "staff_no": STAFF_NO,
    "name": PERSON_NAME,
    "id_number": Hint(
        "居民身份证号，18 位（旧证 15 位）；加密存储，列表与导出中不显示",
        ("身份证", "身份证号码", "证件号码", "公民身份号码", "证件号", "identity card"),
    ),
    "school_code": Hint(f"人事关系所在学校，{SCHOOL_CODE.meaning}", SCHOOL_CODE.synonyms),
    "post_category": Hint("", ("岗位类型", "岗位性质", "岗位")),
    "post_level": Hint("管理 1-10 级，专业技术 1-13 级，工勤 1-6 级", ("岗位级别", "职级")),
    "title": Hint("", ("专业技术职称", "职称等级", "专业技术职务")),
    "duty": Hint("在学校担任的工作", ("职务", "行政职务", "担任职务")),
    "employed_on": Hint("入职首日", ("参加工作日期", "入职时间", "工作时间", "hired on")),
    "left_on": Hint("在职末日", ("离职时间", "离岗日期", "调出日期")),
    "status": Hint("", ("人员状态", "在职情况", "状态")),
}


_ID_NUMBER_ONCE = Unique(
    "id_number_index",
    "id_number",
    Words(
        "id_number.duplicate_in_file",
        Text("身份证号与第 {first} 行重复", "Same ID number as row {first}"),
    ),
    Words(
        "id_number.taken",
        Text("身份证号已属于工号 {value}", "The ID number belongs to staff number {value}"),
    ),
)


def staff_import(keys: KeyRing) -> ImportSpec:
    """Import of staff, with ID numbers encrypted with `keys`."""

    def encode_all(numbers: Sequence[str]) -> Iterator[str]:
        for number, cipher in zip(numbers, keys.encrypt_all(numbers), strict=True):
            index = copy_bytes(keys.blind_index(number))
            yield f"{copy_bytes(cipher)}\t{index}\t{gender_of(number)}\t{birth_day_of(number)}"

    def encode(number: str) -> str:
        return next(encode_all((number,)))

    def encode_valid(cells: Sequence[Any]) -> list[str | None]:
        today = date.today()  # noqa: DTZ011 -- as in the check
        valid = [is_valid(cell, today) for cell in cells]
        encoded = encode_all([*compress(cells, valid)])
        return [next(encoded) if good else None for good in valid]

    return ImportSpec(
        resource="staff",
        title=Text("教职工", "Staff"),
        model=Staff,
        row=StaffCreate,
        listing=STAFF,
        key=("staff_no",),
        scope=StaffScope.WRITE,
        reveals=StaffScope.PII,
        derived={
            "name": NAME,
            "id_number": Derived(
                (
                    "id_number_cipher",
                    "id_number_index",
                    "gender",
                    "birth_date",
                ),
                encode,
                at_once=encode_valid,
                partial=_as_masked,
            ),
        },
        uniques=(_ID_NUMBER_ONCE,),
        reported=_reported(keys),
        checks=_CHECKS,
        kept=frozenset({"id_number_cipher", "id_number_index", "gender", "birth_date"}),
        # Equal numbers have equal blind indexes; their ciphertexts always differ.
        quiet=frozenset({"id_number_cipher", *NAME_KEYS}),
        removal=Removal(
            "t.status = 'active'",
            "status = 'left', left_on = greatest(coalesce(left_on, current_date), employed_on)",
            keeps=(
                # Restricted persons are not marked as having left.
                Keep("restricted", "t.restricted_at is not null", is_shown_to=sees_restricted),
                Keep("in_use", _ASSIGNED_LATER),
            ),
        ),
        rows=STAFF_ROWS,
        hints=_HINTS,
        aliases={"id_number_masked": "id_number", "身份证号（脱敏）": "id_number"},
    )


def _reported(keys: KeyRing) -> Reported:
    """ID numbers in imports by callers who cannot write them."""

    def vacate() -> str:
        cipher = f"'\\x{vacant_cipher(keys).hex()}'::bytea"
        return f"id_number_cipher = {cipher}, id_number_index = {NEW_VACANT_INDEX}"

    return Reported(
        field="id_number",
        column="id_number_index",
        columns=("id_number_cipher", "id_number_index"),
        scope=WRITES_NUMBERS,
        vacate=vacate,
        keep=_keep_reports,
        code="id_number.not_applied",
        notice=Text(
            "{rows} 行为已登记人员：其身份证号由教育局核对，不直接写入。",
            "{rows} row(s) of registered people: their ID numbers are checked by the bureau and "
            "not applied.",
        ),
    )


async def _keep_reports(merge: PartMerge) -> None:
    stage: str = merge.run.staging_tables.reported
    keys = merge.resources[KeyRing]
    alert_above = merge.resources[SchoolsSettings].id_number_reports_alert
    async with as_service(merge.connection) as connection:
        await report_staged(connection, merge.caller, keys, stage, merge.part, alert_above)


def _as_masked(cell: str) -> str | None:
    """Whether a number is masked, in the present or an earlier form; the stored one is kept."""
    if "*" not in cell or not _MASKED.fullmatch(cell):
        return None
    return "\t".join([NULL] * 4)
