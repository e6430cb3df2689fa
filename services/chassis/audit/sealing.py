"""Seals over the change log, which prove that its entries have not been altered.

A seal holds, for each entry of a range, its id, time and a digest of all its columns, and an HMAC
over all of that and the seal before. The key is not in the database: a person who can change
rows there cannot forge the seals. PostgreSQL computes the digests of a whole range at once, so that
a million imported rows are sealed in seconds, and nobody's request waits for it.
"""

import asyncio
import hashlib
import hmac
import struct
import time
from typing import NamedTuple

from services.chassis.audit.change_poller import WATERMARK
from services.chassis.database.db import Conn, Database

_BATCH = 10_000
# Share of time for sealing: a million entries can wait, their writers cannot.
_PAUSE = 9
_LOCK = 0x7365616C  # "seal"
_TRY_LOCK = "select pg_try_advisory_xact_lock($1, hashtext($2))"
FIRST_HASH = bytes(32)
# id, time in microseconds, the first 16 bytes of the digest.
DIGEST = struct.Struct(">qq16s")

_AT_US = "(extract(epoch from at) * 1000000)::bigint"
# Content of a digest: every column, in a form that no setting of a session changes.
ENTRY = f"""
position, id, {_AT_US} as at_us,
resource || ' ' || coalesce(natural_key, row_id::text, '') as name,
row(id, position, xid, {_AT_US}, bureau_code, operation, resource, row_id, natural_key, old_key,
    changes, actor, subject, client_kind, request_id)::text as content
"""
# The digests of the next entries, as `digest_of` computes them. SHA-512, because a PostgreSQL
# without OpenSSL computes it in two thirds of the time of SHA-256.
_NEXT = f"""
select count(*) as rows, max(position) as position, array_agg(name order by position, id) as names,
    string_agg(int8send(id) || int8send(at_us)
        || substr(sha512(convert_to(content, 'UTF8')), 1, 16), '' order by position, id) as digests
from (select {ENTRY} from change_log where (position, id) > ($1, $2) and position < $3
    order by position, id limit {_BATCH}) entry
"""


class Place(NamedTuple):
    """The end of a sealed range in the order of the log."""

    position: int
    id: int


class Head(NamedTuple):
    """The last seal: its number, its end and its hash."""

    seq: int
    end: Place
    hash: bytes


BEGINNING = Head(0, Place(0, 0), FIRST_HASH)


def digest_of(entry_id: int, at_us: int, content: str) -> bytes:
    """The digest of one entry."""
    return DIGEST.pack(entry_id, at_us, hashlib.sha512(content.encode()).digest()[:16])


def hash_of(
    key: bytes, previous: bytes, seq: int, start: Place, end: Place, digests: bytes, names: str
) -> bytes:
    """The hash of a seal, which fits this place in the chain only."""
    place = struct.pack(">qqqqq", seq, *start, *end)
    parts = (previous, place, hashlib.sha256(digests).digest(), names.encode())
    return hmac.digest(key, b"".join(parts), hashlib.sha256)


def joined(names: list[str]) -> str:
    """The names in a seal, as its hash covers them."""
    return "\n".join(names)


async def seal(database: Database) -> int:
    """Seal every complete entry that is not sealed yet; returns their number.

    Between two seals there is a pause, so that many are a small part of one core's work.
    """
    sealed, began = 0, time.monotonic()
    while count := await _seal_next(database):
        sealed += count
        await asyncio.sleep(_PAUSE * (time.monotonic() - began))
        began = time.monotonic()
    return sealed


async def _seal_next(database: Database) -> int:
    key = database.settings.audit_key_bytes
    async with database.connection(None) as connection:
        if not await connection.fetchval(_TRY_LOCK, _LOCK, database.name):
            return 0  # another process is at it
        watermark = await connection.fetchval(WATERMARK)
        head = await head_of(connection)
        found = await connection.fetchrow(_NEXT, *head.end, watermark)
        if found is None or not found["rows"]:
            return 0
        digests, names = found["digests"], found["names"]
        last_id, _, _ = DIGEST.unpack(digests[-DIGEST.size :])
        end = Place(found["position"], last_id)
        seq = head.seq + 1
        await connection.execute(
            "insert into change_seal (seq, from_position, from_id, to_position, to_id, row_count, "
            "digests, names, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            seq,
            *head.end,
            *end,
            found["rows"],
            digests,
            names,
            hash_of(key, head.hash, seq, head.end, end, digests, joined(names)),
        )
    rows: int = found["rows"]
    return rows


async def head_of(connection: Conn) -> Head:
    """The last seal."""
    row = await connection.fetchrow(
        "select seq, to_position, to_id, hash from change_seal order by seq desc limit 1"
    )
    if row is None:
        return BEGINNING
    return Head(row["seq"], Place(row["to_position"], row["to_id"]), row["hash"])
