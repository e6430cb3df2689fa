"""Reason codes of results with their texts, and the SQL that fills in the parameters.

Determination stores codes and parameters; texts are put in when a result is read, in the
reader's language. This file is the only place where a reason has words.
"""

import re
from functools import cache

from services.appraisal.codes import RESULTS
from services.chassis.core.text import Language, Text

REASONS: dict[str, Text] = {
    "directive_fix": Text(
        "问责案件 {case_no}（{measure}）确定为{result_label}：{basis}",
        "Accountability case {case_no} ({measure}) fixes the result as {result_label}: {basis}",
    ),
    "directive_cap": Text(
        "问责案件 {case_no}（{measure}）限定不高于{result_label}：{basis}",
        "Accountability case {case_no} ({measure}) allows no better than {result_label}: {basis}",
    ),
    "directive_floor": Text(
        "决定 {case_no}（{measure}）限定不低于{result_label}：{basis}",
        "Decision {case_no} ({measure}) sets the floor {result_label}: {basis}",
    ),
    "refused": Text(
        "无正当理由不参加考核，经教育后仍拒绝，直接确定为不合格（《事业单位工作人员考核规定》第四十四条）",
        "Refused to participate without good reason: unqualified (2023 rules, art 44)",
    ),
    "absent_over_half": Text(
        "病、事假等累计 {days} 天，超过考核周期 {period_days} 天的一半，"
        "不定等次（《事业单位工作人员考核规定》第四十一条）",
        "Counted leave of {days} days is more than half of {period_days}: undetermined (art 41)",
    ),
    "new_hire_under_half": Text(
        "{employed_on} 入职，考核周期内工作 {days} 天，不足 {period_days} 天的一半，"
        "只写评语（《事业单位工作人员考核规定》第三十七条）",
        "Employed on {employed_on}: {days} of {period_days} days, less than half: comment only "
        "(art 37)",
    ),
    "under_investigation": Text(
        "涉嫌违纪违法被立案审查尚未结案，不写评语、不定等次（《事业单位工作人员考核规定》第四十二条）",
        "Under investigation, not closed: no comment, no grade (art 42)",
    ),
    "scores_missing": Text(
        "没有评分，按规则不定等次", "No scores: not graded according to the rules"
    ),
    "maternity_not_counted": Text(
        "产假 {days} 天不计入请假，正常评定等次（《事业单位工作人员考核规定》第四十一条）",
        "Maternity leave of {days} days does not count as absence (art 41)",
    ),
    "graded_by_host": Text(
        "借调 {days} 天超过半年，由借调单位 {school_code} 考核"
        "（《事业单位工作人员考核规定》第三十八条）",
        "Seconded for {days} days, over half: appraised by the host {school_code} (art 38)",
    ),
    "total_score": Text(
        "总分 {total}：德 {virtue}×{virtue_weight}% + 能 {ability}×{ability_weight}% + "
        "勤 {diligence}×{diligence_weight}% + 绩 {achievement}×{achievement_weight}% + "
        "廉 {integrity}×{integrity_weight}%",
        "Total {total}: virtue {virtue}×{virtue_weight}% + ability {ability}×{ability_weight}% + "
        "diligence {diligence}×{diligence_weight}% + achievement "
        "{achievement}×{achievement_weight}% + integrity {integrity}×{integrity_weight}%",
    ),
    "grade_by_total": Text(
        "总分达到{grade_label}线 {threshold}", "The total reaches {threshold} for {grade_label}"
    ),
    "below_every_threshold": Text(
        "总分低于基本合格线 {threshold}", "The total is below {threshold} for basically qualified"
    ),
    "within_quota": Text(
        "优秀名额 {limit}（{base} 人的 {rate}%），候选名次 {rank}，评为优秀",
        "Quota {limit} ({rate}% of {base}), candidate rank {rank}: excellent",
    ),
    "over_quota": Text(
        "达到优秀线，但优秀名额 {limit}（{base} 人的 {rate}%）已满，候选名次 {rank}，评为合格",
        "Reaches excellent, but the quota is {limit} ({rate}% of {base}) and the candidate rank "
        "{rank}: qualified",
    ),
    "quota_tie": Text(
        "与名额线上 {peers} 人各项同分（候选名次 {rank}，名额 {limit}），规则不能区分，均评为合格",
        "Tied in every dimension with {peers} at the quota line (candidate rank {rank}, quota "
        "{limit}); the rules cannot tell them apart: qualified",
    ),
    "correction": Text(
        "更正：由{from_label}改为{result_label}，依据案件 {case_no}（{measure}）：{basis}",
        "Corrected from {from_label} to {result_label} by case {case_no} ({measure}): {basis}",
    ),
}

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@cache
def message_sql(reason: str, language: Language) -> str:
    """SQL for the text of a reason; `reason` is a jsonb expression with `code` and `params`."""
    cases = " ".join(
        f"when '{code}' then {_format_sql(reason, _in(text, language), language)}"
        for code, text in REASONS.items()
    )
    return f"case {reason}->>'code' {cases} else {reason}->>'code' end"


def _in(text: Text, language: Language) -> str:
    return text.zh if language == "zh-CN" else text.en


def _format_sql(reason: str, template: str, language: Language) -> str:
    names = _PLACEHOLDER.findall(template)
    pattern = _PLACEHOLDER.sub("%s", template.replace("%", "%%")).replace("'", "''")
    arguments = "".join(f", {_argument(reason, name, language)}" for name in names)
    return f"format('{pattern}'{arguments})"


def _argument(reason: str, name: str, language: Language) -> str:
    """A parameter; `result_label` is the label of the result code in parameter `result`."""
    value = f"{reason}->'params'->>'{name.removesuffix('_label')}'"
    if not name.endswith("_label"):
        return value
    labels = " ".join(f"when '{c}' then '{_in(t, language)}'" for c, t in RESULTS.labels.items())
    return f"case {value} {labels} end"
