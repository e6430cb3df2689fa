"""Problems of corrections."""

from services.chassis.core.errors import Conflict, NotFound
from services.chassis.core.text import Text


class CorrectionNotFound(NotFound):
    """No such correction in the bureau."""

    code = "appraisal.correction_not_found"
    title = Text("没有这项更正", "No such correction")
    detail = Text("没有更正 {key}，或您无权查看。", "No correction {key}, or not visible to you.")


class OwnCorrection(Conflict):
    """Nobody decides on the correction of their own result."""

    code = "appraisal.own_correction"
    title = Text("不能决定本人的更正", "Your own correction")
    detail = Text(
        "该更正涉及您本人的考核结果，须由他人决定。",
        "This correction is of your own result; someone else must decide on it.",
    )
