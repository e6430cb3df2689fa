"""Code lists of people in the school registry: posts, titles, assignments (`domain.md` B7d)."""

from services.chassis.core.text import Text
from services.chassis.schemas.codes import CodeList

POST_CATEGORIES = CodeList(
    "post-categories",
    Text("岗位类别", "Post category"),
    {
        "management": Text("管理岗位", "Management"),
        "professional": Text("专业技术岗位", "Professional and technical"),
        "worker": Text("工勤技能岗位", "Workers"),
    },
    "事业单位岗位设置",
)

TITLES = CodeList(
    "titles",
    Text("职称", "Professional title"),
    {
        "senior_professor": Text("正高级教师", "Professor-level senior teacher"),
        "senior": Text("高级教师", "Senior teacher"),
        "first": Text("一级教师", "First-grade teacher"),
        "second": Text("二级教师", "Second-grade teacher"),
        "third": Text("三级教师", "Third-grade teacher"),
    },
    "人社部发〔2015〕79号",
)

STAFF_STATUSES = CodeList(
    "staff-statuses",
    Text("在职状态", "Employment status"),
    {
        "active": Text("在职", "Employed"),
        "retired": Text("退休", "Retired"),
        "transferred": Text("调出", "Transferred to another employer"),
        "resigned": Text("辞职", "Resigned"),
        "dismissed": Text("辞退、开除", "Dismissed"),
        "deceased": Text("去世", "Deceased"),
        "left": Text("离职", "Left for another reason"),
    },
    synonyms={
        "在岗": ("active",),
        "在编": ("active",),
        "离退休": ("retired",),
        "内退": ("retired",),
        "调离": ("transferred",),
        "调动": ("transferred",),
        "辞去公职": ("resigned",),
        "解聘": ("dismissed",),
        "辞退": ("dismissed",),
        "开除": ("dismissed",),
        "死亡": ("deceased",),
        "亡故": ("deceased",),
        "离岗": ("left",),
    },
)

ID_NUMBER_REPORT_REASONS = CodeList(
    "id-number-report-reasons",
    Text("身份证号报送原因", "Why an ID number is reported"),
    {
        "taken": Text("已登记在他人名下", "Recorded under another person"),
        "differs": Text("与登记的号码不一致", "Not the number that is recorded"),
    },
)

GENDERS = CodeList(
    "genders",
    Text("性别", "Gender"),
    {"male": Text("男", "Male"), "female": Text("女", "Female")},
    "GB/T 2261.1",
)

ASSIGNMENT_ROLES = CodeList(
    "assignment-roles",
    Text("任职岗位", "Role at a school"),
    {
        "party_secretary": Text("党组织书记", "Secretary of the Party organisation"),
        "head": Text("校长", "Head"),
        "deputy_head": Text("副校长", "Deputy head"),
        "dean": Text("教导主任", "Dean of studies"),
        "moral_education_dean": Text("德育主任", "Dean of moral education"),
        "general_affairs_dean": Text("总务主任", "Dean of general affairs"),
        "bookkeeper": Text("报账员", "Bookkeeper"),
        "finance_group": Text("财务小组成员", "Member of the finance group"),
        "subject_leader": Text("教研组长", "Subject group leader"),
        "grade_leader": Text("年级组长", "Grade leader"),
        "head_teacher": Text("班主任", "Head teacher of a class"),
        "teacher": Text("教师", "Teacher"),
        "support": Text("教辅", "Teaching support"),
        "other": Text("其他", "Other"),
    },
    synonyms={
        "书记": ("party_secretary",),
        "党支部书记": ("party_secretary",),
        "党总支书记": ("party_secretary",),
        "教务主任": ("dean",),
        "政教主任": ("moral_education_dean",),
        "后勤主任": ("general_affairs_dean",),
        "会计": ("bookkeeper",),
        "备课组长": ("subject_leader",),
        "任课教师": ("teacher",),
        "科任教师": ("teacher",),
    },
)

# For teachers, who continue teaching; a head who also teaches is a teacher in
# an assignment of its own.
TEACHING_ROLES = frozenset({"subject_leader", "grade_leader", "head_teacher", "teacher"})

ASSIGNMENT_KINDS = CodeList(
    "assignment-kinds",
    Text("任职方式", "Kind of assignment"),
    {
        "regular": Text("本校任职", "At the own school"),
        "exchange": Text("交流轮岗", "Exchange"),
        "support": Text("支教", "Support of another school"),
        "shared": Text("走教", "Shared between schools"),
        "concurrent": Text("兼任", "Concurrent"),
    },
)
