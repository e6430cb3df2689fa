"""Problems of cycles."""

from services.chassis.core.errors import AppError, Conflict, NotFound, Taken
from services.chassis.core.text import Text


class CycleNotFound(NotFound):
    """The bureau has no such cycle."""

    code = "appraisal.cycle_not_found"
    title = Text("没有这个考核年度", "No such cycle")
    detail = Text("没有考核年度 {key}，或您无权查看。", "No cycle {key}, or not visible to you.")


class CycleExists(Taken):
    """The bureau already has a cycle for this year."""

    code = "appraisal.cycle_exists"
    field = "year"
    title = Text("考核年度已存在", "Cycle exists")
    detail = Text("{year} 年度的考核已建立。", "There is already a cycle for {year}.")


class RosterEmpty(Conflict):
    """The registry has no one to appraise."""

    code = "appraisal.roster_empty"
    title = Text("没有应参加考核的人员", "No participants")
    detail = Text(
        "学校登记中没有考核周期末在职的人员，请先导入教职工。",
        "The registry has no staff employed at the end of the period; import staff first.",
    )


class RegistryRefused(AppError):
    """The registry responded without the roster."""

    status = 502
    code = "appraisal.registry_refused"
    title = Text("未能取得人员名册", "Roster not available")
    detail = Text("学校登记服务答复 {status}。", "The registry responded with {status}.")


class ScoresMissing(Conflict):
    """Some participants who must be graded have no scores."""

    code = "appraisal.scores_missing"
    title = Text("评分不完整", "Scores missing")
    detail = Text(
        "尚有 {count} 人缺少评分，例如 {examples}。请补录后再确定档次。",
        "{count} participant(s) have no scores, for example {examples}. Record them first.",
    )


class ResultsStale(Conflict):
    """A directive arrived after determination."""

    code = "appraisal.results_stale"
    title = Text("结果需要重新确定", "Results stale")
    detail = Text(
        "确定档次之后又收到问责影响，请先重新确定档次（:determine）。",
        "A directive arrived after determination; determine again first (:determine).",
    )


class PublicNoticeRunning(Conflict):
    """The public notice has not ended."""

    code = "appraisal.public_notice_running"
    title = Text("公示期未满", "Public notice not ended")
    detail = Text(
        "公示至 {to_on}，今天是 {today}；期满次日起可以确认。",
        "The public notice ends on {to_on}, today is {today}; confirm from the day after.",
    )


class PublicNoticeTooShort(Conflict):
    """According to the present calendar, the public notice had too few working days."""

    code = "appraisal.public_notice_too_short"
    title = Text("公示工作日不足", "Public notice too short")
    detail = Text(
        "按现在的工作日历，公示只有 {days} 个工作日，应不少于 {required} 个；请撤回后重新公示。",
        "According to the present calendar the notice had {days} working days instead of "
        "{required}; withdraw it and publish the notice again.",
    )
