"""Code lists of the annual appraisal (`domain.md` A1, B1)."""

from services.chassis.core.text import Text
from services.chassis.schemas.codes import CodeList

RESULTS = CodeList(
    "results",
    Text("考核结果", "Appraisal result"),
    {
        "excellent": Text("优秀", "Excellent"),
        "qualified": Text("合格", "Qualified"),
        "basically_qualified": Text("基本合格", "Basically qualified"),
        "unqualified": Text("不合格", "Unqualified"),
        "undetermined": Text("不定等次", "Undetermined"),
    },
)

# The four grades from worst to best: what `cap` and `floor` compare by.
GRADES = ("unqualified", "basically_qualified", "qualified", "excellent")

DIMENSIONS = CodeList(
    "dimensions",
    Text("考核内容", "Dimension"),
    {
        "virtue": Text("德", "Virtue"),
        "ability": Text("能", "Ability"),
        "diligence": Text("勤", "Diligence"),
        "achievement": Text("绩", "Achievement"),
        "integrity": Text("廉", "Integrity"),
    },
)

PARTICIPATION_RECORD_KINDS = CodeList(
    "participation-record-kinds",
    Text("参加考核情况", "Participation record"),
    {
        "sick_leave": Text("病假", "Sick leave"),
        "personal_leave": Text("事假", "Personal leave"),
        "study_leave": Text("非单位派出的学习", "Study not assigned by the unit"),
        "maternity_leave": Text("产假", "Maternity leave"),
        "secondment": Text("借调", "Secondment"),
        "under_investigation": Text("立案审查未结", "Under investigation"),
        "refused": Text("无故不参加考核", "Refused without reason"),
    },
)

EFFECTS = CodeList(
    "directive-effects",
    Text("问责影响", "Effect of a directive"),
    {
        "fix": Text("确定为", "Fixes the result"),
        "cap": Text("不高于", "No better than"),
        "floor": Text("不低于", "No worse than"),
    },
)

DIRECTIVE_STATES = CodeList(
    "directive-states",
    Text("问责影响状态", "State of a directive"),
    {
        "pending": Text("待确定档次时适用", "Waits for determination"),
        "applied": Text("已适用", "Applied"),
        "correction": Text("已转更正", "Opened a correction"),
        "not_applicable": Text("不在考核名册", "Person not on the roster"),
    },
)
