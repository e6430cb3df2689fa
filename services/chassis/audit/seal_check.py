"""Verification of the sealed change log, down to the first changed entry."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.chassis.audit.retention import dropped_before
from services.chassis.audit.sealing import (
    BEGINNING,
    DIGEST,
    ENTRY,
    Head,
    Place,
    digest_of,
    hash_of,
    joined,
)
from services.chassis.database.db import Conn, Database
from services.chassis.schemas.fields import LocalTime
from services.chassis.schemas.strict_bodies import Body


class SealFault(BaseModel):
    """The first entry or seal that has been changed (首个异常)."""

    kind: Literal["altered", "missing", "added", "seal_broken", "cut_off"] = Field(
        description="What became of it; `cut_off`: the chain ends before the noted head, or is "
        "another one (类型)"
    )
    id: int = Field(
        description="Number of the entry; of a seal, broken or the first one cut off, its number "
        "(序号)",
        examples=[1042],
    )
    at: LocalTime | None = Field(description="Time of the entry (时间)")
    resource: str | None = Field(description="Resource, as in paths (资源)", examples=["staff"])
    key: str | None = Field(description="Natural key of the record (自然键)", examples=["T000001"])


class Verification(BaseModel):
    """The result of a verification (核验结果)."""

    sealed_rows: int = Field(description="Number of sealed entries (封存条数)", examples=[4200])
    seals: int = Field(description="Number of seals in the chain (封条数)", examples=[12])
    head: str = Field(
        description="Hash of the last seal; save it and send it as `since` next time (链尾)",
        examples=["5f0c…"],
    )
    is_intact: bool = Field(
        description="True if nothing is changed, missing or added (完好)", examples=[True]
    )
    first_fault: SealFault | None = Field(description="The first fault; null if intact (首个异常)")


class NotedHead(Body):
    """The saved end of the chain of seals (已记录的链尾)."""

    since: str = Field(
        pattern="^[0-9a-f]{64}$",
        title="先前链尾",
        description="`head` of an earlier verification, which the chain must still contain",
        examples=["5f0c" * 16],
    )


# Where no entry is written, and no seal reaches: below the first position, or above the last that
# can have ended.
_OUTSIDE = f"""
(select {ENTRY} from change_log where position < 1 order by position, id limit 1)
union all
(select {ENTRY} from change_log where position >= (
        select base + pg_snapshot_xmax(pg_current_snapshot())::text::bigint from change_base)
    order by position, id limit 1)
"""


async def verify(database: Database, since: str | None = None) -> Verification:
    """Check the chain of seals, and every sealed entry that retention has not taken away.

    Args:
        database: whose log.
        since: the hash of a seal that the chain is known to have had. A chain that was cut off
            at its end fits together as well as ever: only a hash noted elsewhere reveals it.
    """
    head, rows = BEGINNING, 0
    has_noted = since in (None, head.hash.hex())
    async with database.connection(None) as connection:
        row = await connection.fetchrow(_OUTSIDE)
    fault = _fault("added", row["id"], row["at_us"], row["name"]) if row else None
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
        has_noted = has_noted or head.hash.hex() == since
    if fault is None and not has_noted:
        fault = _seal_fault("cut_off", head)
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
        return _seal_fault("seal_broken", before)
    rows = await connection.fetch(
        f"select {ENTRY} from change_log where (position, id) > ($1, $2) "
        "and (position, id) <= ($3, $4) order by position, id",
        *start,
        *end,
    )
    # By digest, which covers all of an entry: a number can stand in several.
    stored = {digest_of(row["id"], row["at_us"], row["content"]): row for row in rows}
    ids = {row["id"] for row in rows}
    dropped_us = await dropped_before(connection, key)
    sealed = dict.fromkeys(_parted(found["digests"]))
    for digest, name in zip(sealed, found["names"], strict=True):
        entry_id, at_us, _ = DIGEST.unpack(digest)
        if digest not in stored and entry_id in ids:
            return _fault("altered", entry_id, at_us, name)
        if digest not in stored and at_us >= dropped_us:
            return _fault("missing", entry_id, at_us, name)
    for digest, row in stored.items():
        if digest not in sealed:
            return _fault("added", row["id"], row["at_us"], row["name"])
    return None


def _parted(digests: bytes) -> Iterator[bytes]:
    """The digests of a seal, one by one."""
    for start in range(0, len(digests), DIGEST.size):
        yield digests[start : start + DIGEST.size]


def _seal_fault(kind: Literal["seal_broken", "cut_off"], last: Head) -> SealFault:
    return SealFault(kind=kind, id=last.seq + 1, at=None, resource=None, key=None)


def _fault(
    kind: Literal["altered", "missing", "added"], entry_id: int, at_us: int, name: str
) -> SealFault:
    resource, _, key = name.partition(" ")
    at = datetime.fromtimestamp(at_us / 1_000_000, UTC)
    return SealFault(kind=kind, id=entry_id, at=at, resource=resource, key=key or None)
