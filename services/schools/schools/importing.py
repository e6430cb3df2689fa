"""Import of schools."""

from services.chassis.core.text import Text
from services.chassis.imports.declaration.derived import NAME
from services.chassis.imports.declaration.hints import SCHOOL_CODE, Hint
from services.chassis.imports.declaration.spec import Check, ImportSpec, Keep, Removal, Words
from services.chassis.lists.pinyin.named import NAME_KEYS
from services.schools.schools.models import School, SchoolCreate
from services.schools.schools.queries import SCHOOLS
from services.schools.schools.scopes import SchoolScope

_HINTS = {
    "school_code": Hint(f"{SCHOOL_CODE.meaning}，前两位与办学类型相符", SCHOOL_CODE.synonyms),
    "name": Hint("学校全称", ("学校", "单位名称", "校名", "school name")),
    "school_type": Hint("", ("学校类型", "学校类别", "办学类别")),
    "area_type": Hint("", ("城乡分类", "城乡类别", "所在地类型")),
    "parent_code": Hint(
        "教学点所属的中心学校；须已登记或在同一文件中", ("中心校代码", "上级学校", "主管学校代码")
    ),
    "status": Hint("", ("学校状态", "办学状态")),
    "enrolment": Hint("在籍学生人数", ("学生数", "学生人数", "在校学生数", "pupils")),
    "local_code": Hint("其他本地系统中的编码", ("本地编码", "内部编码")),
    "address": Hint("通信地址", ("学校地址", "详细地址")),
    "opened_on": Hint("", ("建校时间", "成立日期", "创办日期")),
}

# A school with staff or open teaching points cannot close. Restricted persons are not counted: a
# school that stays open only because of them would reveal them.
_IN_USE = """(
    exists (select from staff s where s.bureau_code = t.bureau_code
        and s.school_code = t.school_code and s.status = 'active' and s.restricted_at is null)
    or exists (select from assignment a join staff s using (bureau_code, staff_no)
        where a.bureau_code = t.bureau_code and a.school_code = t.school_code
        and coalesce(a.ends_on, 'infinity') >= current_date and s.restricted_at is null)
    or exists (select from school c where c.bureau_code = t.bureau_code
        and c.parent_code = t.school_code and c.status <> 'closed')
)"""

SCHOOL_IMPORT = ImportSpec(
    resource="schools",
    title=Text("学校", "Schools"),
    model=School,
    row=SchoolCreate,
    listing=SCHOOLS,
    key=("school_code",),
    scope=SchoolScope.WRITE,
    is_key_global=True,
    derived={"name": NAME},
    quiet=frozenset(NAME_KEYS),
    hints=_HINTS,
    removal=Removal("t.status <> 'closed'", "status = 'closed'", keeps=(Keep("in_use", _IN_USE),)),
    checks=(
        Check(
            "parent_code",
            Words("school.unknown", Text("没有这所学校：{value}", "Unknown school: {value}")),
            "select _row as row, parent_code as value from {changed} "
            "where parent_code is not null and parent_code not in "
            "(select school_code from {keys}) and parent_code not in "
            "(select school_code from school where bureau_code = $1)",
        ),
    ),
)
