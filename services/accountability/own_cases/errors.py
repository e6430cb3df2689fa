"""Problems of a respondent's own cases."""

from services.chassis.core.errors import Conflict, NotFound
from services.chassis.core.text import Text


class OwnCaseNotFound(NotFound):
    """No such case in which the caller has been notified."""

    code = "accountability.own_case_not_found"
    title = Text("没有这件案件", "No such case")
    detail = Text(
        "没有向您告知过案件 {key}。", "There is no case {key} of which you have been notified."
    )


class DefenceClosed(Conflict):
    """Defences are heard between the notice of facts and the decision."""

    code = "accountability.defence_closed"
    title = Text("现在不能陈述申辩", "A defence cannot be submitted now")
    detail = Text(
        "陈述申辩须在告知之后、决定之前提出。",
        "A defence is heard between the notice of facts and the decision.",
    )


class TooManyDefences(Conflict):
    """The respondent has submitted as many statements as are heard."""

    code = "accountability.too_many_defences"
    title = Text("陈述申辩次数过多", "Too many defences")
    detail = Text(
        "同一案件最多提交 {limit} 次陈述申辩。", "At most {limit} statements are heard in one case."
    )
