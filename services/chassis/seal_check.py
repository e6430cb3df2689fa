"""Whether the change log is as it was sealed, and if not, which entry is the first that is not."""

import hmac
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.chassis.db import Conn, Database
from services.chassis.retention import dropped_before
from services.chassis.sealing import (
    BEGINNING,
    DIGEST,
    ENTRY,
    Head,
    Place,
    digest_of,
    hash_of,
    joined,
)


class SealFault(BaseModel):
    """The first entry, or seal, that is not as it was (首个异常)."""

    kind: Literal["altered", "missing", "added", "seal_broken"] = Field(
        description="What became of it (类型)"
    )
    id: int = Field(description="Number of the entry; of a broken seal its number (序号)")
    at: datetime | None = Field(description="When the entry was written (时间)")
    resource: str | None = Field(description="As in addresses (资源)", examples=["staff"])
    key: str | None = Field(description="The record's natural key (自然键)", examples=["T000001"])


class Verification(BaseModel):
    """What became of checking every seal (核验结果)."""

    sealed_rows: int = Field(description="Entries under seal (封存条数)", examples=[4200])
    seals: int = Field(description="Seals in the chain (封条数)", examples=[12])
    head: str = Field(
        description="The last seal's hash: note it down, and a chain that was cut off at its end "
        "can be told by it (链尾)",
        examples=["5f0c…"],
    )
    is_intact: bool = Field(description="Nothing altered, missing or added (完好)", examples=[True])
    first_fault: SealFault | None = Field(description="The first fault; null if intact (首个异常)")


async def verify(database: Database) -> Verification:
    """Check the chain of seals, and every sealed entry that retention has not taken away."""
    head, rows = BEGINNING, 0
    fault: SealFault | None = None
    while fault is None:
        # A transaction per seal: however long the log, none is held open for long.
        async with database.connection(None) as connection:
            found = await connection.fetchrow(
                "select * from change_seal where seq > $1 order by seq limit 1", head.seq
            )
            if found is None:
                break
            fault = await _fault_in(connection, database, head, found)
        rows += found["row_count"]
        head = Head(found["seq"], Place(found["to_position"], found["to_id"]), found["hash"])
    return Verification(
        sealed_rows=rows,
        seals=head.seq,
        head=head.hash.hex(),
        is_intact=fault is None,
        first_fault=fault,
    )


async def _fault_in(
    connection: Conn, database: Database, before: Head, found: Any
) -> SealFault | None:
    key = database.settings.audit_key_bytes
    start = Place(found["from_position"], found["from_id"])
    end = Place(found["to_position"], found["to_id"])
    expected = hash_of(
        key, before.hash, before.seq + 1, start, end, found["digests"], joined(found["names"])
    )
    if found["seq"] != before.seq + 1 or start != before.end or found["hash"] != expected:
        number = before.seq + 1
        return SealFault(kind="seal_broken", id=number, at=None, resource=None, key=None)
    rows = await connection.fetch(
        f"select {ENTRY} from change_log where (position, id) > ($1, $2) "
        "and (position, id) <= ($3, $4) order by position, id",
        *start,
        *end,
    )
    stored = {row["id"]: row for row in rows}
    dropped_us = await dropped_before(connection, key)
    sealed = set()
    for index, (entry_id, at_us, tag) in enumerate(DIGEST.iter_unpack(found["digests"])):
        sealed.add(entry_id)
        row = stored.get(entry_id)
        if row is None:
            if at_us >= dropped_us:
                return _fault("missing", entry_id, at_us, found["names"][index])
        elif not hmac.compare_digest(
            digest_of(entry_id, row["at_us"], row["content"]),
            DIGEST.pack(entry_id, at_us, tag),
        ):
            return _fault("altered", entry_id, at_us, found["names"][index])
    for row in rows:
        if row["id"] not in sealed:
            return _fault("added", row["id"], row["at_us"], row["name"])
    return None


def _fault(
    kind: Literal["altered", "missing", "added"], entry_id: int, at_us: int, name: str
) -> SealFault:
    resource, _, key = name.partition(" ")
    at = datetime.fromtimestamp(at_us / 1_000_000, UTC)
    return SealFault(kind=kind, id=entry_id, at=at, resource=resource, key=key or None)
