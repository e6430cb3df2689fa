"""Code lists of the school registry (`domain.md` B7)."""

from services.chassis.core.text import Text
from services.chassis.schemas.codes import CodeList

SCHOOL_TYPES = CodeList(
    "school-types",
    Text("办学类型", "School type"),
    {
        "111": Text("幼儿园", "Kindergarten"),
        "211": Text("小学", "Primary school"),
        "218": Text("小学教学点", "Primary teaching point"),
        "311": Text("初级中学", "Junior middle school"),
        "312": Text("九年一贯制学校", "Nine-year school"),
        "321": Text("职业初中", "Vocational junior school"),
        "341": Text("完全中学", "Complete middle school"),
        "342": Text("高级中学", "Senior middle school"),
        "345": Text("十二年一贯制学校", "Twelve-year school"),
        "365": Text("职业高中", "Vocational senior school"),
        "371": Text("专门学校", "Specialised school"),
        "511": Text("盲人学校", "School for the blind"),
        "512": Text("聋人学校", "School for the deaf"),
        "513": Text("培智学校", "School for intellectual disability"),
        "514": Text("其他特教学校", "Other special school"),
    },
    "教育统计 办学类型",
    {
        "初中": ("311", "312", "321"),
        "初级中学校": ("311",),
        "中学": ("311", "341", "342"),
        "教学点": ("218",),
        "小学教学班": ("218",),
        "完小": ("211",),
        "完全小学": ("211",),
        "村小": ("211", "218"),
        "中心小学": ("211",),
        "中心校": ("211", "312"),
        "九年一贯制": ("312",),
        "九年制学校": ("312",),
        "九年制": ("312",),
        "一贯制": ("312", "345"),
        "十二年一贯制": ("345",),
        "完中": ("341",),
        "高中": ("342", "341"),
        "普通高中": ("342", "341"),
        "职高": ("365",),
        "职中": ("365", "321"),
        "中职": ("365",),
        "职业中学": ("365", "321"),
        "职教中心": ("365",),
        "工读学校": ("371",),
        "工读": ("371",),
        "特教": ("514", "513"),
        "特殊教育学校": ("514", "513", "512"),
        "聋哑学校": ("512",),
        "聋校": ("512",),
        "盲校": ("511",),
        "幼儿": ("111",),
        "学前班": ("111",),
        "托儿所": ("111",),
    },
)

# The first two digits of a school code must agree with the school's type (`domain.md` B7a).
CODE_CLASSES = {
    "111": "11", "211": "21", "218": "21", "311": "31", "312": "31", "321": "32", "341": "34",
    "342": "34", "345": "34", "365": "36", "371": "37", "511": "51", "512": "51", "513": "51",
    "514": "51",
}  # fmt: skip

AREA_TYPES = CodeList(
    "area-types",
    Text("城乡类型", "Urban or rural"),
    {
        "111": Text("主城区", "Main urban area"),
        "112": Text("城乡结合区", "Urban fringe"),
        "121": Text("镇中心区", "Town centre"),
        "122": Text("镇乡结合区", "Town fringe"),
        "123": Text("特殊区域", "Special area"),
        "210": Text("乡中心区", "Township centre"),
        "220": Text("村庄", "Village"),
    },
    "统计用城乡划分",
    {
        "城区": ("111", "112"),
        "城市": ("111", "112"),
        "市区": ("111", "112"),
        "县城": ("121", "111"),
        "县镇": ("121", "122"),
        "镇区": ("121", "122"),
        "乡镇": ("121", "210"),
        "集镇": ("210", "121"),
        "乡村": ("220", "210"),
        "农村": ("220", "210"),
        "村": ("220",),
        "山区": ("220",),
        "牧区": ("220",),
    },
)

SCHOOL_STATUSES = CodeList(
    "school-statuses",
    Text("学校状态", "School status"),
    {
        "active": Text("在办", "Open"),
        "suspended": Text("停办", "Suspended"),
        "closed": Text("撤销", "Closed"),
    },
)

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
