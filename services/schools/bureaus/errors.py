"""Problems of bureaus."""

from services.chassis.core.errors import Taken
from services.chassis.core.text import Text


class BureauCodeTaken(Taken):
    """A bureau with this code already exists."""

    code = "schools.bureau_code_taken"
    field = "bureau_code"
    title = Text("教育局已存在", "Bureau exists")
    detail = Text("行政区划代码 {bureau_code} 已有教育局。", "Bureau {bureau_code} already exists.")
