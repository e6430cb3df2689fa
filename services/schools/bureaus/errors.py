"""Problems of bureaus."""

from services.chassis.core.errors import Conflict
from services.chassis.core.text import Text


class BureauCodeTaken(Conflict):
    """A bureau with this code already exists."""

    code = "schools.bureau_code_taken"
    title = Text("教育局已存在", "Bureau exists")
    detail = Text("行政区划代码 {bureau_code} 已有教育局。", "Bureau {bureau_code} already exists.")
