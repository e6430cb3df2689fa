"""Problems of scores."""

from services.chassis.core.errors import NotFound
from services.chassis.core.text import Text


class NotOnRoster(NotFound):
    """The person is not a participant, or outside the caller's scope."""

    code = "appraisal.not_on_roster"
    title = Text("不在考核名册", "Not on the roster")
    detail = Text("工号 {staff_no} 不在考核名册。", "{staff_no} is not on the roster.")
