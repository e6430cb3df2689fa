"""`replace`: what the file no longer has is removed, if that is not too much by mistake."""

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.database.db import Conn
from services.chassis.imports.run import Run
from services.chassis.imports.spec import Removal

MOST_VANISHING = 0.2


class WouldShrink(AppError):
    """A file that lacks so much is more often a wrong file than a right one."""

    status = 422
    code = "import.would_shrink"
    title = Text("将移除过多记录", "Too much would vanish")
    detail = Text(
        "现有 {present} 条记录中有 {vanishing} 条不在文件里,超过 {percent}%;"
        "请核对文件,确要如此请设 allow_shrink=true。",
        "{vanishing} of the {present} stored rows are not in the file, more than {percent}%: "
        "check the file, and set allow_shrink=true if it is meant so.",
    )


async def require_no_shrink(connection: Conn, run: Run) -> None:
    """Refuse to remove more than a fifth.

    Raises:
        WouldShrink: it would be more.
    """
    vanishing, present = await count_vanishing(connection, run)
    if vanishing > MOST_VANISHING * present:
        percent = round(MOST_VANISHING * 100)
        raise WouldShrink(percent=percent, vanishing=vanishing, present=present)


async def count_vanishing(connection: Conn, run: Run) -> tuple[int, int]:
    """How many stored rows the file does not have, and how many there are."""
    row = await connection.fetchrow(
        f"select count(*) filter (where {_vanishes(run)}), count(*) "
        f"from {run.spec.target} t where {run.of_file} and {_removal(run).present}",
        *run.fixed,
    )
    assert row is not None
    return row[0], row[1]


async def remove_vanished(connection: Conn, run: Run) -> int:
    """Remove the stored rows that the file does not have; how many."""
    removal = _removal(run)
    where = f"{run.of_file} and {removal.present} and {_vanishes(run)}"
    if removal.assign is None:
        sql = f"delete from {run.spec.target} t where {where}"
    else:
        sql = (
            f"update {run.spec.target} t set {removal.assign}, version = t.version + 1, "
            f"updated_at = now() where {where}"
        )
    status = await connection.execute(sql, *run.fixed)
    return int(status.rpartition(" ")[2])


def _removal(run: Run) -> Removal:
    assert run.spec.removal is not None, "refused when the job was opened"
    return run.spec.removal


def _vanishes(run: Run) -> str:
    return f"not exists (select from {run.stages.keys} s where {run.same_key})"
