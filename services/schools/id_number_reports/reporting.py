"""Writes reports: ID numbers that a caller without `staff:pii` gave and that are not recorded.

The statement is the same whether a given number is recorded, held by another person or unknown,
so that neither the answer nor the number of queries depends on it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from services.chassis.auth import Caller
from services.chassis.db import Conn

# `given`: staff number, ciphertext and blind index. A person whose number it is has no report.
_REPORT = """
with given as ({given}), reported as (
    insert into id_number_report (bureau_code, school_code, staff_id, staff_no, id_number_cipher,
        id_number_index, reason, reported_by, subject)
    select t.bureau_code, t.school_code, t.id, t.staff_no, g.id_number_cipher, g.id_number_index,
        case when h.id is null then 'differs' else 'taken' end, $2, $3
    from given g join staff t on t.bureau_code = $1 and t.staff_no = g.staff_no
    left join staff h on h.bureau_code = $1 and h.id_number_index = g.id_number_index
    where t.id_number_index <> g.id_number_index
    on conflict do nothing
    returning staff_id, staff_no
), entry (row_id, key, detail) as (
    select staff_id, staff_no, json_build_object('action', 'report_id_number') from reported
    union all
    select null, null, json_build_object('action', 'many_id_numbers_reported', 'limit', $4::int)
    from (select count(*) as before from id_number_report where bureau_code = $1 and subject = $3
            and state = 'open' and created_at >= current_date) today,
        (select count(*) as more from reported) now
    where before <= $4::int and before + more > $4::int
)
insert into change_log (bureau_code, operation, resource, row_id, natural_key, changes)
select $1, 'access', 'staff', row_id, key, detail from entry
"""


class Given(NamedTuple):
    """An ID number that was given for a person, as it would be stored."""

    staff_no: str
    cipher: bytes
    blind_index: bytes


async def report(
    connection: Conn, caller: Caller, given: Sequence[Given], alert_above: int
) -> None:
    """Report given numbers that are not the recorded ones, each once, with an audit entry each.

    Args:
        connection: acts as the service itself, after the persons are written.
        caller: who gave them.
        given: the numbers.
        alert_above: so many open reports of an account and day are no reason for an alert.
    """
    columns: list[list[Any]] = [list(column) for column in zip(*given, strict=True)]
    rows = (
        "select staff_no, id_number_cipher, id_number_index from "
        "unnest($5::text[], $6::bytea[], $7::bytea[]) "
        "as g (staff_no, id_number_cipher, id_number_index)"
    )
    await _execute(connection, caller, alert_above, rows, *(columns or ([], [], [])))


async def report_staged(
    connection: Conn, caller: Caller, stage: str, part: int, alert_above: int
) -> None:
    """The same for what an import has staged of one part.

    Args:
        connection: acts as the service itself, after the part is merged.
        caller: who imports.
        stage: the table with the numbers.
        part: its number.
        alert_above: as above.
    """
    rows = f"select staff_no, id_number_cipher, id_number_index from {stage} where _part = $5"
    await _execute(connection, caller, alert_above, rows, part)


async def _execute(
    connection: Conn, caller: Caller, alert_above: int, given: str, *args: Any
) -> None:
    sql = _REPORT.format(given=given)
    about = (caller.bureau_code, caller.name, caller.subject, alert_above)
    await connection.execute(sql, *about, *args)
