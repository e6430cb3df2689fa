"""Code lists of schools (`domain.md` B7)."""

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
