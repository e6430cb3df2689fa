"""Code lists of accountability (`domain.md` A2)."""

from services.chassis.core.text import Text
from services.chassis.schemas.codes import CodeList

TRIGGERS = CodeList(
    "triggers",
    Text("问责情形", "Trigger"),
    {
        "T1-1": Text("履职或迎检工作不到位", "Duties or inspection work neglected"),
        "T1-2": Text("上级检查问题整改不及时", "Superior's finding not rectified in time"),
        "T1-3": Text("检查中隐瞒、虚报或漏报", "Concealment or false report in an inspection"),
        "T1-4": Text("其他不作为、慢作为、乱作为", "Other failure to act or improper act"),
        "T2-1": Text("未设领导小组或人员经费不落实", "No leading group, people or funds"),
        "T2-2": Text("工作未部署或指标未达标", "Work not deployed or standards missed"),
        "T2-3": Text("控辍保学不力", "Poor dropout control"),
        "T2-4": Text("安全监管失职致伤亡", "Safety failure with casualties"),
        "T2-5": Text("校园环境脏乱", "Dirty and disordered campus"),
        "T2-6": Text("检查发现问题整改不及时", "Inspection finding not rectified in time"),
        "T2-7": Text("弄虚作假等其他情形", "Falsification and other cases"),
    },
    "责任追究制度",
)

# In order of severity: codes compare as M1 < M2 < … < M5.
MEASURES = CodeList(
    "measures",
    Text("问责措施", "Measure"),
    {
        "M1": Text("责令改正或书面检查", "Order to correct or written self-criticism"),
        "M2": Text("通报批评", "Circulated criticism"),
        "M3": Text("诫勉谈话", "Admonition talk"),
        "M4": Text("当年年度考核确定为不合格", "Unqualified in the year's appraisal"),
        "M5": Text("调整工作岗位", "Transfer to another post"),
    },
    "责任追究制度",
)

SOURCES = CodeList(
    "sources",
    Text("线索来源", "Source of a lead"),
    {
        "central_inspection": Text("中央督导检查", "Central inspection"),
        "superior_inspection": Text("上级督导检查", "Superior's inspection"),
        "party_inspection": Text("巡视巡察移交", "Referred by a Party inspection"),
        "discipline_inspection": Text(
            "纪检监察机关移交", "Referred by a discipline inspection authority"
        ),
        "self_check": Text("自查", "Self-check"),
        "audit": Text("审计", "Audit"),
        "complaint": Text("投诉举报", "Complaint"),
        "joint_inspection": Text("联合检查", "Joint inspection"),
        "finding": Text("督导问题台账", "Finding on file"),
    },
)

RESPONSIBILITIES = CodeList(
    "responsibilities",
    Text("责任类型", "Responsibility"),
    {
        "first": Text("第一责任人", "First responsible person"),
        "direct": Text("直接责任人", "Directly responsible person"),
    },
    "责任追究制度",
)

DELIVERY_STATES = CodeList(
    "delivery-states",
    Text("考核指令送达状态", "Delivery of an appraisal directive"),
    {
        "pending": Text("待送达", "Pending"),
        "delivered": Text("已送达", "Delivered"),
        "refused": Text("被拒收", "Refused"),
    },
)
