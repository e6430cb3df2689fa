"""Import of leads: creates new ones and corrects those that are still leads."""

from collections.abc import Sequence
from typing import Any

from services.accountability.cases.history import Actor, record_imported
from services.accountability.cases.models import FOUND_IN_TIME, Case
from services.accountability.cases.queries import CASES, import_lock
from services.accountability.cases.rows import WORKED_ON
from services.accountability.cases.schemas import LeadRow
from services.accountability.cases.scopes import CaseScope
from services.accountability.cases.service import OUT_OF_SCOPE, UNKNOWN_SCHOOL
from services.accountability.registry import Registry
from services.chassis.core.resources import Resources
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.clock import Clock
from services.chassis.imports.declaration.day_checks import past_check
from services.chassis.imports.declaration.hints import SCHOOL_CODE, Hint
from services.chassis.imports.declaration.spec import Check, ImportSpec, PartMerge, Side, Words
from services.chassis.imports.staging.merging import TAKEN
from services.chassis.peers.client import PlatformClient

_NOT_LEAD = (
    "select c._row as row, c.case_no as value from {changed} c join case_file f on f.id = c._id "
    "where f.state <> 'lead'"
)
# Visible when the rows were staged, but not any more, because the case now names the caller.
_HIDDEN = (
    "select c._row as row, c.case_no as value from {changed} c "
    "where c._id is not null and not exists (select from case_file f where f.id = c._id)"
)
_NAME = "(select k.name from {side} k where k.school_code = s.school_code)"


async def _schools(resources: Resources, caller: Caller) -> Sequence[tuple[Any, ...]]:
    return await Registry(resources[PlatformClient]).all_schools(caller.bureau_code)


async def _no_longer_leads(merge: PartMerge) -> list[int]:
    """Lock leads; returns those that were filed or hidden since they were checked."""
    await merge.connection.execute("select pg_advisory_xact_lock($1)", import_lock(merge.caller))
    unfit = " union all ".join(f"({sql} and c._part = $1)" for sql in (_NOT_LEAD, _HIDDEN))
    rows = await merge.connection.fetch(merge.run.fill(unfit), merge.part)
    return [row["row"] for row in rows]


async def _record(merge: PartMerge) -> None:
    actor = Actor.of(merge.caller, await merge.resources[Clock].now())
    await record_imported(merge, actor)


_HINTS = {
    "case_no": Hint("在本局内唯一", ("案件编号", "编号", "线索编号", "案件号")),
    "title": Hint("一句话说明所涉事项", ("标题", "线索标题", "事由", "subject")),
    "facts": Hint("查明或反映的事实", ("主要事实", "事实描述", "线索内容", "情况说明")),
    "trigger": Hint("", ("问责事由", "情形", "问责情形代码")),
    "source": Hint("", ("来源", "线索渠道", "问题来源")),
    "school_code": Hint(f"事项所涉学校，{SCHOOL_CODE.meaning}", SCHOOL_CODE.synonyms),
    "found_on": Hint("其年份为默认考核年度", ("发现时间", "线索日期", "受理日期")),
}

LEAD_IMPORT = ImportSpec(
    resource="cases",
    title=Text("线索", "Leads"),
    model=Case,
    row=LeadRow,
    listing=CASES,
    key=("case_no",),
    scope=CaseScope.WRITE,
    is_private=True,
    rows=WORKED_ON,
    checks=(
        Check(
            "school_code",
            Words("school.out_of_scope", OUT_OF_SCOPE),
            "select _row as row, school_code as value from {changed} where not ({visible})",
            visible=WORKED_ON.level_literal,
        ),
        Check(
            "school_code",
            Words("school.unknown", UNKNOWN_SCHOOL),
            "select _row as row, school_code as value from {changed} where school_code not in "
            "(select school_code from {side})",
        ),
        Check(
            "case_no",
            Words(
                "case.not_lead",
                Text("案件 {value} 已不是线索，不能再导入", "Case {value} is no longer a lead"),
            ),
            _NOT_LEAD,
        ),
        Check("case_no", TAKEN, _HIDDEN),
        past_check(FOUND_IN_TIME),
    ),
    computed={
        "school_name": _NAME,
        "opened_by": "nullif(current_setting('app.subject', true), '')",
    },
    recomputed={"school_name": _NAME},
    side=Side({"school_code": "text", "name": "text"}, _schools),
    unfit=_no_longer_leads,
    after=_record,
    hints=_HINTS,
)
