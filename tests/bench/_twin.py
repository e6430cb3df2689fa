"""What imports and exports are measured against: COPY, and a table with the same indexes.

It has no row security, no triggers and no change log, and what it stores is neither checked,
encrypted nor reported: nothing that loads rows can be faster into such a table.
"""

import time
from pathlib import Path

import asyncpg

from services.chassis.database.db import Conn

_STORED_BY_DEFAULT = (
    "id", "version", "created_at", "updated_at", "restricted_at", "restricted_reason", "erased_at",
)  # fmt: skip
# Vacuumed by itself, it would take time from the turn that follows.
_MAKE = (
    "create table public.twin (like schools.staff including all) with (autovacuum_enabled = off)"
)
_COLUMNS = """
select attname from pg_attribute
where attrelid = 'schools.staff'::regclass and attnum > 0 and not attisdropped
    and attgenerated = '' and attname <> all($1) order by attnum
"""


class Twin:
    """A table like that of the staff."""

    def __init__(self, connection: Conn, columns: list[str], file: Path) -> None:
        self._connection, self._columns, self._file = connection, columns, file

    @classmethod
    async def like_staff(cls, database_url: str, folder: Path) -> "Twin":
        """Make the table, and write the staff that is stored now to a file to load."""
        connection = await asyncpg.connect(database_url)
        columns = [row[0] for row in await connection.fetch(_COLUMNS, _STORED_BY_DEFAULT)]
        await connection.execute(_MAKE)
        twin = cls(connection, columns, folder / "twin.csv")
        query = f"select {', '.join(columns)} from schools.staff order by staff_no"
        await connection.copy_from_query(query, output=twin._file, format="csv")
        return twin

    async def load(self) -> float:
        """COPY the file into the empty table; the seconds it took."""
        await self._connection.execute("truncate public.twin")
        await self._connection.execute("checkpoint")
        begin = time.perf_counter()
        await self._connection.copy_to_table(
            "twin",
            schema_name="public",
            source=self._file,
            columns=self._columns,
            format="csv",
        )
        return time.perf_counter() - begin

    async def close(self) -> None:
        """Leave the table behind, and the connection."""
        await self._connection.close()
