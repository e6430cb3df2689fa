"""Labels of codes in the tables at the end of a run."""

from client.text import Text

RESULTS = {
    "excellent": Text("优秀", "Excellent"),
    "qualified": Text("合格", "Qualified"),
    "basically_qualified": Text("基本合格", "Basically qualified"),
    "unqualified": Text("不合格", "Unqualified"),
    "undetermined": Text("不定等次", "Undetermined"),
}
REASONS = {
    "absent_over_half": Text("缺勤超过半年", "Absent over half the year"),
    "new_hire_under_half": Text("新入职不足半年", "Employed for less than half the year"),
    "under_investigation": Text("立案审查未结", "Under investigation"),
    "scores_missing": Text("没有评分", "No scores"),
}
MEASURES = {
    "M1": Text("责令改正或书面检查", "Order to correct or self-criticism"),
    "M2": Text("通报批评", "Circulated criticism"),
    "M3": Text("诫勉谈话", "Admonition talk"),
    "M4": Text("当年考核确定为不合格", "Unqualified in the year's appraisal"),
    "M5": Text("调整工作岗位", "Transfer to another post"),
}
CAUSES = {
    "correction": Text("更正，案件 {case_no}", "correction, case {case_no}"),
    "directive_fix": Text("案件 {case_no}", "case {case_no}"),
    "within_quota": Text("名额递补", "place became available"),
}
