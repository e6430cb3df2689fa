"""The cases of a sample year: every trigger, source, measure, outcome and moment occurs."""

from dataclasses import dataclass

from client.sample.model import Measure, Moment, Outcome, Responsibility

AFTER_DETERMINATION: Moment = "after_determination"
AFTER_CONFIRMATION: Moment = "after_confirmation"


@dataclass(frozen=True, slots=True)
class Part:
    """One respondent to be found: the duty, the responsibility, the proposed measure.

    `is_star` asks for somebody who would be the best of the school, so that the measure is seen
    to change a result.
    """

    duty: str
    responsibility: Responsibility
    measure: Measure | None
    is_star: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A case before school and persons are known; `{school}` stands for the school's name."""

    title: str
    facts: str
    trigger: str
    source: str
    found: tuple[int, int]
    parts: tuple[Part, ...]
    outcome: Outcome = "decided"
    moment: Moment = "before_determination"


COUNTY_CASES = (
    Template(
        "均衡发展工作未部署、无具体方案",
        "上级督导检查发现，{school}未部署年度均衡发展工作，无具体实施方案，部分指标未达到标准。",
        "T2-2",
        "superior_inspection",
        (3, 18),
        (Part("校长", "first", "M1"), Part("教导主任", "direct", "M1")),
    ),
    Template(
        "迎检期间隐瞒仪器设备缺口",
        "联合检查核对实物与台账，{school}实验仪器缺口未如实上报，检查时有隐瞒行为。",
        "T1-3",
        "joint_inspection",
        (4, 9),
        (Part("校长", "first", "M3"), Part("教导主任", "direct", "M4", is_star=True)),
    ),
    Template(
        "控辍保学措施不力",
        "{school}辍学率高于规定限度，未按要求劝返并建立台账。",
        "T2-3",
        "superior_inspection",
        (4, 22),
        (Part("校长", "first", "M2"), Part("班主任", "direct", "M3")),
    ),
    Template(
        "安全监管失职造成学生受伤",
        "{school}围墙维修现场未设隔离，课间两名学生受伤，安全监管责任未落实。",
        "T2-4",
        "joint_inspection",
        (5, 12),
        (Part("校长", "first", "M4"), Part("总务主任", "direct", "M5")),
    ),
    Template(
        "校园环境脏乱差",
        "群众反映并经核实，{school}厕所与垃圾点长期无人清理，校园环境脏乱。",
        "T2-5",
        "complaint",
        (5, 27),
        (Part("校长", "first", None), Part("总务主任", "direct", "M1")),
    ),
    Template(
        "上级督导反馈问题未按期整改",
        "去年督导反馈{school}图书生均册数不足等三项问题，至期限届满仍有两项未整改。",
        "T1-2",
        "superior_inspection",
        (6, 5),
        (Part("校长", "first", "M2"), Part("教导主任", "direct", "M2")),
        outcome="returned",
    ),
    Template(
        "虚列公用经费支出",
        "经费审计发现，{school}以虚假票据列支办公用品，涉及三笔支出，款项已追回。",
        "T2-7",
        "audit",
        (6, 19),
        (Part("校长", "first", "M3"), Part("报账员", "direct", "M4")),
        moment=AFTER_CONFIRMATION,
    ),
    Template(
        "未成立工作领导小组，人员经费不落实",
        "中央督导组抽查发现，{school}未成立均衡发展领导小组，专项工作无人负责、无经费安排。",
        "T2-1",
        "central_inspection",
        (9, 4),
        (Part("校长", "first", "M5"), Part("副校长", "direct", "M2")),
    ),
    Template(
        "消极应付家长投诉，造成不良影响",
        "家长三次反映课后服务问题，{school}经办教师推诿不办，事件在网络上造成不良影响。",
        "T1-4",
        "complaint",
        (9, 17),
        (Part("校长", "first", "M1"), Part("教师", "direct", "M4", is_star=True)),
        moment=AFTER_DETERMINATION,
    ),
    Template(
        "自查问题整改逾期",
        "{school}自查发现食堂留样记录不全，未按期整改。后查明整改材料已按时报送，系登记遗漏。",
        "T2-6",
        "self_check",
        (10, 10),
        (Part("校长", "first", "M2"), Part("总务主任", "direct", "M1")),
        outcome="rejected",
    ),
    Template(
        "伪造听课与教案检查记录",
        "检查组比对发现，{school}上报的听课记录与课表不符，系事后补造。",
        "T2-7",
        "joint_inspection",
        (10, 23),
        (Part("校长", "first", "M2"), Part("教师", "direct", "M4")),
    ),
    Template(
        "档案建设与迎检工作敷衍",
        "{school}均衡发展档案缺失两类，整理人员履职不到位。",
        "T1-1",
        "central_inspection",
        (11, 6),
        (Part("校长", "first", "M1"), Part("教研组长", "direct", "M1")),
        moment=AFTER_DETERMINATION,
    ),
)


M4_CASES = tuple(case for case in COUNTY_CASES if any(part.measure == "M4" for part in case.parts))
OTHER_CASES = tuple(case for case in COUNTY_CASES if case not in M4_CASES)
