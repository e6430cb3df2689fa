"""`replace`: removes stored rows that are not in the file.

Three kinds of rows are neither removed nor counted as missing: rows that the caller cannot see,
rows that are no longer in force (a closed school), and rows that have to be kept (`spec.Keep`).
The job shows the number of the last by reason, unless the number would reveal hidden rows.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.database.db import Conn, as_service
from services.chassis.imports.declaration.spec import Removal
from services.chassis.imports.staging.comparison import Run

MOST_VANISHING = 0.2


class WouldShrink(AppError):
    """So many rows are missing that the file is probably the wrong one."""

    status = 422
    code = "import.would_shrink"
    title = Text("将移除过多记录", "Too many rows would be removed")
    detail = Text(
        "现有 {present} 条可移除的记录中有 {vanishing} 条不在文件里，超过 {percent}%；"
        "请核对文件，确要如此请设 allow_shrink=true。",
        "{vanishing} of the {present} removable stored rows are not in the file, more than "
        "{percent}%. Check the file; if this is intended, set allow_shrink=true.",
    )


class Vanished(NamedTuple):
    """Counts of the stored rows that are not in the file.

    Attributes:
        removable: those that can be removed.
        present: all stored rows that could be removed, in the file or not.
        kept: those that have to be kept, by reason, as far as the caller may know.
    """

    removable: int = 0
    present: int = 0
    kept: Mapping[str, int] = MappingProxyType({})


def require_no_shrink(found: Vanished) -> None:
    """Refuse to remove more than a fifth of the rows.

    Raises:
        WouldShrink: more than a fifth are missing.
    """
    if found.removable > MOST_VANISHING * found.present:
        percent = round(MOST_VANISHING * 100)
        raise WouldShrink(percent=percent, vanishing=found.removable, present=found.present)


async def count_vanished(connection: Conn, run: Run) -> Vanished:
    """Count the stored rows that are not in the file; `connection` has the caller's context."""
    await _find_kept(connection, run)
    reasons = [one.reason for one in _removal(run).keeps if one.is_shown_to(run.caller)]
    counts = "".join(
        f", count(*) filter (where vanishes and reason = '{reason}')" for reason in reasons
    )
    row = await connection.fetchrow(
        "select count(*) filter (where vanishes and reason is null), "
        f"count(*) filter (where reason is null){counts} "
        f"from (select k.reason, {_vanishes(run)} as vanishes from {run.spec.target} t "
        f"left join pg_temp.kept k using (id) where {_counts(run)}) v",
        *run.fixed,
    )
    assert row is not None
    kept = {reason: count for reason, count in zip(reasons, [*row][2:], strict=True) if count}
    return Vanished(row[0], row[1], kept)


async def remove_vanished(connection: Conn, run: Run, *, allow_shrink: bool) -> Vanished:
    """Remove the stored rows that are not in the file, and return their counts.

    The rows are locked before the decision, so nobody can change its basis.

    Args:
        connection: has the caller's context; its transaction has stored the file's rows.
        run: of the import.
        allow_shrink: whether more than a fifth may be removed.

    Raises:
        WouldShrink: more than a fifth are missing.
    """
    await _lock(connection, run)
    found = await count_vanished(connection, run)
    if not allow_shrink:
        require_no_shrink(found)
    removal, target = _removal(run), run.spec.target
    where = (
        f"{_counts(run)} and {_vanishes(run)} "
        "and not exists (select from pg_temp.kept k where k.id = t.id)"
    )
    if removal.assign is None:
        sql = f"delete from {target} t where {where}"
    else:
        sql = (
            f"update {target} t set {removal.assign}, version = t.version + 1, "
            f"updated_at = now() where {where}"
        )
    status = await connection.execute(sql, *run.fixed)
    return found._replace(removable=int(status.rpartition(" ")[2]))


async def _lock(connection: Conn, run: Run) -> None:
    """Lock the rows; before them the rows that other writers lock first."""
    where = f"{_counts(run)} and {_vanishes(run)}"
    if lock := _removal(run).lock:
        rows = f"(select t.* from {run.spec.target} t where {where})"
        async with as_service(connection):
            await connection.execute(lock.format(rows=rows), *run.fixed)
    await connection.execute(
        f"select from {run.spec.target} t where {where} order by t.id for update", *run.fixed
    )


async def _find_kept(connection: Conn, run: Run) -> None:
    """List the rows that have to be kept; the service itself reads, to include hidden rows."""
    reasons = " ".join(f"when {one.condition} then '{one.reason}'" for one in _removal(run).keeps)
    reason = f"case {reasons} end" if reasons else "null::text"
    async with as_service(connection):
        await connection.execute(
            "create temporary table kept (id uuid, reason text) on commit drop; "
            "grant select on pg_temp.kept to public"  # that is, to this session
        )
        await connection.execute(
            f"insert into pg_temp.kept select id, reason from (select t.id, {reason} as reason "
            f"from {run.spec.target} t where {run.of_file} and {_removal(run).present}) k "
            "where reason is not null",
            *run.fixed,
        )
        await connection.execute("analyze pg_temp.kept")


def _removal(run: Run) -> Removal:
    assert run.spec.removal is not None, "refused when the job was opened"
    return run.spec.removal


def _counts(run: Run) -> str:
    """The condition that `t` is in force and visible to the caller."""
    return f"{run.of_file} and {_removal(run).present} and {run.seen}"


def _vanishes(run: Run) -> str:
    return f"not exists (select from {run.staging_tables.keys} s where {run.same_key})"
