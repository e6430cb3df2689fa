"""Problems of scores."""

from services.chassis.core.errors import NotFound
from services.chassis.core.text import Text


class NotOnRoster(NotFound):
    """The person takes no part in this cycle, or is not the caller's to score."""

    code = "appraisal.not_on_roster"
    title = Text("不在考核名册", "Not on the roster")
    detail = Text("工号 {staff_no} 不在考核名册。", "{staff_no} is not on the roster.")
