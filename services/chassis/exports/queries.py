"""Which exports a caller sees, and how they are listed."""

from functools import cache
from typing import Any

from services.chassis.core.errors import NotFound
from services.chassis.core.text import Language, Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.database.sql_conditions import Where
from services.chassis.exports.schemas import ExportRead
from services.chassis.lists.listing import Listing


class ExportNotFound(NotFound):
    """No such export, or not visible to the caller."""

    code = "export.not_found"
    title = Text("没有这个导出任务", "No such export")
    detail = Text("没有导出任务 {key},或您无权查看。", "No export {key}, or not visible to you.")


def reach_of(caller: Caller) -> str:
    """Whose rows a caller sees, apart from its scopes."""
    return f"{caller.level} {','.join(sorted(caller.schools))} {caller.staff_no or ''}"


def visible_to(caller: Caller, where: Where) -> None:
    """The caller's own exports, as long as it may still see all that they show."""
    where.add("bureau_code is not distinct from {}", caller.bureau)
    where.add("subject = {}", caller.subject)
    where.add("reach = {}", reach_of(caller))
    where.add("scopes <@ {}::text[]", sorted(caller.scopes))


@cache
def exports_listing(language: Language) -> Listing:
    """The list of exports, problems in `language`."""
    return Listing(
        "exports",
        ExportRead,
        "export_job",
        visible_to,
        sorts=("created_at", "finished_at"),
        sql={"problem": f"problem->'{language}'"},
        missing=ExportNotFound,
        shows_more=True,
    )


async def require_export(connection: Conn, caller: Caller, export_id: Any) -> Any:
    """The row of an export that the caller may see.

    Raises:
        ExportNotFound: there is none.
    """
    where = Where()
    visible_to(caller, where)
    where.add("id = {}", export_id)
    row = await connection.fetchrow(f"select * from export_job {where.sql()}", *where.args)
    if row is None:
        raise ExportNotFound(key=export_id)
    return row
