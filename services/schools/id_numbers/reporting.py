"""Reports of ID numbers by callers without `staff:pii`: a row and an audit entry each.

A number that is not recorded for its person becomes an open report. One that is leaves a row, too,
without the number (`RECORDED`): the statement, and what it costs, are the same in both cases.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.database.encrypted_columns import KeyRing
from services.schools.id_numbers.identity import vacant_cipher

# `given`: staff number, ciphertext and blind index.
_REPORT = """
with given as ({given}), reported as (
    insert into id_number_report (bureau_code, school_code, staff_id, staff_no, id_number_cipher,
        id_number_index, reason, state, reported_by, subject)
    select t.bureau_code, t.school_code, t.id, t.staff_no,
        case when is_recorded then $5 else g.id_number_cipher end, g.id_number_index,
        case when h.id is null or is_recorded then 'differs' else 'taken' end,
        case when is_recorded then 'recorded' else 'open' end, $2, $3
    from given g join staff t on t.bureau_code = $1 and t.staff_no = g.staff_no
    left join staff h on h.bureau_code = $1 and h.id_number_index = g.id_number_index,
    lateral (select t.id_number_index = g.id_number_index as is_recorded) s
    on conflict do nothing
    returning staff_id, staff_no, state
), entry (row_id, key, detail) as (
    select staff_id, staff_no, json_build_object('action', 'give_id_number') from reported
    union all
    select null, null, json_build_object('action', 'many_id_numbers_reported', 'limit', $4::int)
    from (select count(*) as before from id_number_report where bureau_code = $1 and subject = $3
            and state = 'open' and created_at >= current_date) today,
        (select count(*) as more from reported where state = 'open') now
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
    connection: Conn, caller: Caller, keys: KeyRing, given: Sequence[Given], alert_above: int
) -> None:
    """Report given numbers, each once for its person.

    Args:
        connection: acts as the service itself, after the persons are written.
        caller: who gave them.
        keys: of the service.
        given: the numbers.
        alert_above: so many open reports of an account and day are no reason for an alert.
    """
    columns: list[list[Any]] = [list(column) for column in zip(*given, strict=True)]
    rows = (
        "select staff_no, id_number_cipher, id_number_index from "
        "unnest($6::text[], $7::bytea[], $8::bytea[]) "
        "as g (staff_no, id_number_cipher, id_number_index)"
    )
    await _execute(connection, caller, keys, alert_above, rows, *columns)


async def report_staged(
    connection: Conn, caller: Caller, keys: KeyRing, stage: str, part: int, alert_above: int
) -> None:
    """The same for what an import has staged of one part.

    Args:
        connection: acts as the service itself, after the part is merged.
        caller: who imports.
        keys: of the service.
        stage: the table with the numbers.
        part: its number.
        alert_above: as above.
    """
    rows = f"select staff_no, id_number_cipher, id_number_index from {stage} where _part = $6"
    await _execute(connection, caller, keys, alert_above, rows, part)


async def _execute(
    connection: Conn, caller: Caller, keys: KeyRing, alert_above: int, given: str, *args: Any
) -> None:
    sql = _REPORT.format(given=given)
    about = (caller.bureau_code, caller.name, caller.subject, alert_above, vacant_cipher(keys))
    await connection.execute(sql, *about, *args)
