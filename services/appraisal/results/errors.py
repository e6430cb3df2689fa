"""Problems of results."""

from services.chassis.core.errors import NotFound
from services.chassis.core.text import Text


class ResultNotFound(NotFound):
    """No result for this person in this cycle, or not visible to the caller."""

    code = "appraisal.result_not_found"
    title = Text("没有这项结果", "No such result")
    detail = Text("没有 {key} 的考核结果。", "No result for {key}.")
