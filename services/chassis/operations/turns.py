"""Turns: of operations that share the values of some columns, one runs at a time.

They run in the order in which they were queued. The end of one enqueues the next.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.chassis.database.db import Conn
from services.chassis.operations.kind import OperationKind, listed


async def lock_turn(connection: Conn, kind: OperationKind, row: Mapping[str, Any] | Any) -> None:
    """Keep the turns of a row's group as they are until the transaction ends.

    A transaction that also locks the row locks it afterwards: otherwise two wait for each other.
    """
    if kind.turn:
        first, *others = (str(row[column]) for column in kind.turn)
        key = "/".join([first, kind.name, *others])
        await connection.execute("select pg_advisory_xact_lock(hashtext($1))", key)


def may_begin(kind: OperationKind) -> str:
    """SQL: whether it is the turn of a row `j`."""
    if not kind.turn:
        return "true"
    same = " and ".join(f"o.{column} = j.{column}" for column in kind.turn)
    return (
        f"not exists (select from {kind.table} o where {same} and o.id <> j.id "
        f"and (o.state in ({listed(kind.running)}) "
        "or o.state = 'queued' and (o.queued_at, o.id) < (j.queued_at, j.id)))"
    )


async def next_in_turn(connection: Conn, kind: OperationKind, job: Any) -> UUID | None:
    """The operation that may begin when this one ends, as it does in this transaction."""
    if not kind.turn:
        return None
    await lock_turn(connection, kind, job)
    same = " and ".join(f"j.{column} = ${i}" for i, column in enumerate(kind.turn, 2))
    others = " and ".join(f"o.{column} = ${i}" for i, column in enumerate(kind.turn, 2))
    found: UUID | None = await connection.fetchval(
        f"select id from {kind.table} j where {same} and state = 'queued' and id <> $1 "
        f"and not exists (select from {kind.table} o where {others} and o.id <> $1 "
        f"and o.state in ({listed(kind.running)})) order by queued_at, id limit 1",
        job["id"],
        *(job[column] for column in kind.turn),
    )
    return found
