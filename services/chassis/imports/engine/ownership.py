"""Ownership of an import: only the account that opened it sends its file and commits it."""

from typing import Any

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller


class NotYours(AppError):
    """An import stores its file in the name of the account that opened it: no other sends it."""

    status = 403
    code = "import.not_yours"
    title = Text("不是您新建的导入", "Not your import")
    detail = Text(
        "只有新建者 {created_by} 可以上传文件或提交试运行；要导入文件，请自行新建导入。",
        "Only {created_by}, who opened it, can send its file or commit it. To import a file, open "
        "your own import.",
    )


def require_opener(job: Any, caller: Caller) -> None:
    """Require the opener, in whose name and with whose rights the rows are stored.

    Raises:
        NotYours: that is somebody else.
    """
    if job["subject"] != caller.subject:
        raise NotYours(created_by=job["created_by"])
