"""Case templates of a sample year, which cover every trigger, source, measure and outcome."""

from dataclasses import dataclass

from client.sample.model import DecisionMoment, Measure, Outcome, Responsibility

AFTER_DETERMINATION: DecisionMoment = "after_determination"
AFTER_CONFIRMATION: DecisionMoment = "after_confirmation"


@dataclass(frozen=True, slots=True)
class Role:
    """A respondent to be chosen, by duty, with responsibility and proposed measure.

    `is_top_scorer` gives the person the best scores of the school, so that the measure visibly
    changes a result.
    """

    duty: str
    responsibility: Responsibility
    measure: Measure | None
    is_top_scorer: bool = False


@dataclass(frozen=True, slots=True)
class CaseTemplate:
    """A case without school and persons; `{school}` is replaced by the name of the school."""

    title: str
    facts: str
    trigger: str
    source: str
    found: tuple[int, int]
    roles: tuple[Role, ...]
    outcome: Outcome = "decided"
    moment: DecisionMoment = "before_determination"


COUNTY_CASES = (
    CaseTemplate(
        "均衡发展工作未部署、无具体方案",
        "上级督导检查发现，{school}未部署年度均衡发展工作，无具体实施方案，部分指标未达到标准。",
        "T2-2",
        "superior_inspection",
        (3, 18),
        (Role("校长", "first", "M1"), Role("教导主任", "direct", "M1")),
    ),
    CaseTemplate(
        "迎检期间隐瞒仪器设备缺口",
        "联合检查核对实物与台账，{school}实验仪器缺口未如实上报，检查时有隐瞒行为。",
        "T1-3",
        "joint_inspection",
        (4, 9),
        (Role("校长", "first", "M3"), Role("教导主任", "direct", "M4", is_top_scorer=True)),
    ),
    CaseTemplate(
        "控辍保学措施不力",
        "{school}辍学率高于规定限度，未按要求劝返并建立台账。",
        "T2-3",
        "superior_inspection",
        (4, 22),
        (Role("校长", "first", "M2"), Role("班主任", "direct", "M3")),
    ),
    CaseTemplate(
        "安全监管失职造成学生受伤",
        "{school}围墙维修现场未设隔离，课间两名学生受伤，安全监管责任未落实。",
        "T2-4",
        "joint_inspection",
        (5, 12),
        (Role("校长", "first", "M4"), Role("总务主任", "direct", "M5")),
    ),
    CaseTemplate(
        "校园环境脏乱差",
        "群众反映并经核实，{school}厕所与垃圾点长期无人清理，校园环境脏乱。",
        "T2-5",
        "complaint",
        (5, 27),
        (Role("校长", "first", None), Role("总务主任", "direct", "M1")),
    ),
    CaseTemplate(
        "上级督导反馈问题未按期整改",
        "去年督导反馈{school}图书生均册数不足等三项问题，至期限届满仍有两项未整改。",
        "T1-2",
        "superior_inspection",
        (6, 5),
        (Role("校长", "first", "M2"), Role("教导主任", "direct", "M2")),
        outcome="returned",
    ),
    CaseTemplate(
        "虚列公用经费支出",
        "经费审计发现，{school}以虚假票据列支办公用品，涉及三笔支出，款项已追回。",
        "T2-7",
        "audit",
        (6, 19),
        (Role("校长", "first", "M3"), Role("报账员", "direct", "M4")),
        moment=AFTER_CONFIRMATION,
    ),
    CaseTemplate(
        "未成立工作领导小组，人员经费不落实",
        "中央督导组抽查发现，{school}未成立均衡发展领导小组，专项工作无人负责、无经费安排。",
        "T2-1",
        "central_inspection",
        (9, 4),
        (Role("校长", "first", "M5"), Role("副校长", "direct", "M2")),
    ),
    CaseTemplate(
        "消极应付家长投诉，造成不良影响",
        "家长三次反映课后服务问题，{school}经办教师推诿不办，事件在网络上造成不良影响。",
        "T1-4",
        "complaint",
        (9, 17),
        (Role("校长", "first", "M1"), Role("教师", "direct", "M4", is_top_scorer=True)),
        moment=AFTER_DETERMINATION,
    ),
    CaseTemplate(
        "自查问题整改逾期",
        "{school}自查发现食堂留样记录不全，未按期整改。后查明整改材料已按时报送，系登记遗漏。",
        "T2-6",
        "self_check",
        (10, 10),
        (Role("校长", "first", "M2"), Role("总务主任", "direct", "M1")),
        outcome="rejected",
    ),
    CaseTemplate(
        "伪造听课与教案检查记录",
        "检查组比对发现，{school}上报的听课记录与课表不符，系事后补造。",
        "T2-7",
        "joint_inspection",
        (10, 23),
        (Role("校长", "first", "M2"), Role("教师", "direct", "M4")),
    ),
    CaseTemplate(
        "档案建设与迎检工作敷衍",
        "{school}均衡发展档案缺失两类，整理人员履职不到位。",
        "T1-1",
        "central_inspection",
        (11, 6),
        (Role("校长", "first", "M1"), Role("教研组长", "direct", "M1")),
        moment=AFTER_DETERMINATION,
    ),
)


M4_CASES = tuple(case for case in COUNTY_CASES if any(role.measure == "M4" for role in case.roles))
OTHER_CASES = tuple(case for case in COUNTY_CASES if case not in M4_CASES)
