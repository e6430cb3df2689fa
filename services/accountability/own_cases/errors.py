"""Problems of a respondent's own cases."""

from services.chassis.core.errors import Conflict, NotFound
from services.chassis.core.text import Text


class OwnCaseNotFound(NotFound):
    """There is no such case in which the caller has been notified."""

    code = "accountability.own_case_not_found"
    title = Text("没有这件案件", "No such case")
    detail = Text("没有向您告知过案件 {key}。", "You have not been notified of a case {key}.")


class DefenceClosed(Conflict):
    """A defence can be submitted only between the notice of facts and the decision."""

    code = "accountability.defence_closed"
    title = Text("现在不能陈述申辩", "Defence not possible now")
    detail = Text(
        "陈述申辩须在告知之后、决定之前提出。",
        "A defence can be submitted between the notice of facts and the decision.",
    )


class TooManyDefences(Conflict):
    """The respondent has submitted the maximum number of statements."""

    code = "accountability.too_many_defences"
    title = Text("陈述申辩次数过多", "Too many defences")
    detail = Text(
        "同一案件最多提交 {limit} 次陈述申辩。",
        "At most {limit} statements can be submitted in a case.",
    )
