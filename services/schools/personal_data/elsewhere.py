"""Where else than in the registry a person's data are, and how long (docs/security.md)."""

from typing import NamedTuple

from services.chassis.text import Text


class Kept(NamedTuple):
    """Data of persons in another service, which neither restriction nor erasure reaches."""

    service: str
    holds: Text
    until: Text


KEPT_ELSEWHERE = (
    Kept(
        "appraisal",
        Text(
            "年度考核名册(姓名、工号、单位、岗位)、考勤与奖惩事实、评分、结果及更正",
            "Roster of each annual appraisal (name, staff number, school, post), facts, scores, "
            "results and corrections",
        ),
        Text(
            "属人事档案材料,按档案保管期限保存(个人信息保护法第四十七条第二款);请向考核机构申请",
            "Personnel-file material, kept for the archive's term (personal-information law, art "
            "47 para 2); ask the appraisal office",
        ),
    ),
    Kept(
        "accountability",
        Text(
            "问责案件的责任人(姓名、工号、单位、处理)及案件文书中的叙述",
            "Respondents of cases (name, staff number, school, measure), and what the papers of a "
            "case say",
        ),
        Text(
            "属问责案卷,按档案保管期限保存(个人信息保护法第四十七条第二款);请向问责机构申请",
            "Case files, kept for the archive's term (personal-information law, art 47 para 2); "
            "ask the office that holds the case",
        ),
    ),
    Kept(
        "gateway",
        Text("登录账号(如有):显示名、工号、学校", "A login, if any: display name, number, schools"),
        Text(
            "由系统管理员停用账号并更改显示名",
            "Until the system administrator disables the account and changes its display name",
        ),
    ),
)
