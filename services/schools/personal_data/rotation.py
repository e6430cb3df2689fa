"""Re-encrypts every ID number under the current key, in chunks, while the service is in use.

Reported numbers (`id_number_report`) are rotated along with those of staff.

A chunk is one transaction: it takes up the rotation's row, re-encrypts the next rows that nobody
has locked, and moves the position on. A process killed in between leaves nothing half done; two
processes take turns. Rows that were locked, or written under an old key by a process that has
not been restarted yet, are met on the next pass; it ends when no row needs an old key.
"""

from typing import Any
from uuid import UUID

from services.chassis.database.db import Conn, Database
from services.chassis.database.encrypted_columns import ERASED_KEY, KeyRing

CHUNK = 1000

_NEXT = """
select id, id_number_cipher from staff
where id > coalesce($1, '00000000-0000-0000-0000-000000000000'::uuid) and id_number_key <> all($2)
order by id limit $3 for update skip locked
"""
# Neither version nor time of change: the content stays as it is.
_CHANGE = """
update staff s set id_number_cipher = n.cipher
from unnest($1::uuid[], $2::bytea[]) as n (id, cipher) where s.id = n.id
"""
# Few, and each rotated once: no position is kept.
_NEXT_REPORTS = """
select id, id_number_cipher from id_number_report where id_number_key <> all($1)
order by id limit $2 for update skip locked
"""
_CHANGE_REPORTS = _CHANGE.replace("update staff s", "update id_number_report s")
_REMAINS = """
select exists (select from staff where id_number_key <> all($1))
    or exists (select from id_number_report where id_number_key <> all($1))
"""
_ADVANCE = """
update key_rotation set position = $2, passes = passes + $3, rows_changed = rows_changed + $4,
    target_key = $5, version = version + 1, updated_at = now() where id = $1
"""
_FINISH = """
update key_rotation set state = 'completed', finished_at = now(), position = null,
    version = version + 1, updated_at = now() where id = $1
"""


async def begin(connection: Conn, keys: KeyRing, started_by: str) -> UUID:
    """The rotation that runs, or a new one; `connection` acts as the service itself."""
    await connection.execute("select pg_advisory_xact_lock(hashtext('schools.key_rotation'))")
    running: UUID | None = await connection.fetchval(
        "select id from key_rotation where state = 'running'"
    )
    if running is not None:
        return running
    begun: UUID = await connection.fetchval(
        "insert into key_rotation (target_key, state, passes, rows_changed, started_by) "
        "values ($1, 'running', 0, 0, $2) returning id",
        keys.current,
        started_by,
    )
    return begun


async def rotate_chunk(database: Database, keys: KeyRing, rotation: UUID) -> str:
    """Do the next piece of work: `running`, `stuck` (a pass changed nothing) or `completed`.

    Raises:
        KeyMissing: a row's key is not in the ring; nothing of the chunk is changed.
    """
    done_with = [keys.current, ERASED_KEY]
    async with database.connection(None) as connection:
        row = await connection.fetchrow(
            "select state, position from key_rotation where id = $1 for update", rotation
        )
        if row is None or row["state"] == "completed":
            return "completed"
        found = await connection.fetch(_NEXT, row["position"], done_with, CHUNK)
        if found:
            await connection.execute(_CHANGE, *_encrypted_anew(found, keys))
        changed = len(found) + await _rotate_reports(connection, keys, done_with)
        if len(found) == CHUNK:
            await _advance(connection, rotation, found[-1]["id"], 0, changed, keys.current)
            return "running"
        await _advance(connection, rotation, None, 1, changed, keys.current)
        if await connection.fetchval(_REMAINS, done_with):
            return "running" if changed or row["position"] else "stuck"
        await connection.execute(_FINISH, rotation)
        return "completed"


async def _rotate_reports(connection: Conn, keys: KeyRing, done_with: list[str]) -> int:
    """Re-encrypt some of the reported numbers; how many."""
    found = await connection.fetch(_NEXT_REPORTS, done_with, CHUNK)
    if found:
        await connection.execute(_CHANGE_REPORTS, *_encrypted_anew(found, keys))
    return len(found)


def _encrypted_anew(found: list[Any], keys: KeyRing) -> tuple[list[UUID], list[bytes]]:
    return (
        [row["id"] for row in found],
        [keys.encrypt(keys.decrypt(row["id_number_cipher"])) for row in found],
    )


async def _advance(
    connection: Conn, rotation: UUID, position: UUID | None, passes: int, changed: int, key: str
) -> None:
    await connection.execute(_ADVANCE, rotation, position, passes, changed, key)
