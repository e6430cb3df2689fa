"""Redaction of personal values in the change log.

The log is append-only and sealed, so a value that stands in it stays until its month is dropped.
Where the law ends every use but storage (个人信息保护法 art. 47 para 2), the row is entered in
`change_withheld` with the replacements of its values. Every reader of entries uses
`visible_changes`: old values are `***`, and the entry that withheld them carries the present
values, so that replaying the feed still gives the table. Why not by altering entries:
docs/adr/0027-values-withheld-from-the-log.md.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service, raw

HIDDEN = "***"
# Columns that no entry shows to any reader: until s011 the mask of an ID number was stored, and
# showed its area and its check digit.
NEVER_SHOWN = ("id_number_masked",)
_IS_SHOWN = f"key <> all('{{{','.join(NEVER_SHOWN)}}}')"
_HAS_HIDDEN_COLUMN = " or ".join(
    f"change_log.changes -> '{name}' is not null" for name in NEVER_SHOWN
)

_WITHHOLD = """
insert into change_withheld (row_id, bureau_code, instead, seen_with)
values ($1, $2, $3::text::jsonb, $4)
on conflict (row_id) do update
    set instead = excluded.instead, seen_with = excluded.seen_with, xid = excluded.xid
"""

_HIDE = """
insert into change_withheld (row_id, bureau_code, instead, seen_with, hides_entries)
select id, $2, '{}', $3, true from unnest($1::uuid[]) id on conflict (row_id) do nothing
"""

# Inserts and deletes are stored as the row itself: half the work for a bulk load.
_CHANGES = f"""
case
when change_log.operation = 'insert' then (
    select coalesce(json_object_agg(key, json_build_array(null, value)), '{{}}')
    from json_each(change_log.changes) where {_IS_SHOWN})
when change_log.operation = 'delete' then (
    select coalesce(json_object_agg(key, json_build_array(value, null)), '{{}}')
    from json_each(change_log.changes) where {_IS_SHOWN})
when {_HAS_HIDDEN_COLUMN} then (
    select coalesce(json_object_agg(key, value), '{{}}')
    from json_each(change_log.changes) where {_IS_SHOWN})
else change_log.changes end
"""
# Looked up by the row's id for each entry shown, and for no other.
_WITHHELD = f"""
select json_object_agg(key, shown) from change_withheld w, lateral (
    select key, case when w.instead ? key then json_build_array(
        case when change_log.operation <> 'insert' then '{HIDDEN}' end,
        case when change_log.operation <> 'delete' then '{HIDDEN}' end) else value end as shown
    from json_each({_CHANGES}) where w.xid <> change_log.xid or not w.instead ? key
    union all
    select key, json_build_array('{HIDDEN}', value) from jsonb_each(w.instead)
    where w.xid = change_log.xid and {_IS_SHOWN}
) one where w.row_id = change_log.row_id and change_log.operation <> 'access'
"""


def visible_changes(scopes: str | None = None) -> str:
    """SQL: the changes of an entry of `change_log`, as columns with old and new values.

    Args:
        scopes: SQL of the reader's scopes, an array of text; None for a reader who may see
            everything of the record but what nobody may see any more.
    """
    unseen = "w.seen_with is null"
    if scopes is not None:
        unseen = f"({unseen} or w.seen_with <> all({scopes}))"
    # Asked once a query: a bureau of which nothing is withheld pays for nothing else.
    any_withheld = "(select exists (select from change_withheld))"
    withheld = f"({_WITHHELD} and {unseen})"
    return f"coalesce(case when {any_withheld} then {withheld} end, {_CHANGES})"


async def withhold(
    session: AsyncSession,
    caller: Caller,
    row_id: UUID,
    instead: Mapping[str, Any],
    *,
    seen_with: str | None = None,
) -> None:
    """Redact the values of a row, in the transaction of the change that is the reason.

    Args:
        session: the caller's transaction.
        caller: who acts.
        row_id: the row's id.
        instead: the replacement of each column's value.
        seen_with: the scope that still shows them; None if nothing does.
    """
    values = orjson.dumps(instead, default=str).decode()
    async with as_service(await raw(session)) as connection:
        await connection.execute(_WITHHOLD, row_id, caller.bureau_code, values, seen_with)


def is_visible_with(scopes: str) -> str:
    """SQL: whether an entry of `change_log` is visible to a reader with these scopes.

    Args:
        scopes: SQL of the reader's scopes, an array of text.
    """
    any_hidden = "(select exists (select from change_withheld where hides_entries))"
    hidden = (
        "exists (select from change_withheld w where w.row_id = change_log.row_id "
        f"and w.hides_entries and w.seen_with <> all({scopes}))"
    )
    return f"not ({any_hidden} and {hidden})"


async def hide_entries(
    connection: Conn, bureau_code: str, row_ids: Iterable[UUID], *, seen_with: str
) -> None:
    """Hide these rows from the feed, because their keys alone would reveal redacted data.

    Args:
        connection: as the service itself, inside the transaction of the change that is the reason.
        bureau_code: whose rows.
        row_ids: their ids.
        seen_with: the scope that still shows them.
    """
    await connection.execute(_HIDE, list(row_ids), bureau_code, seen_with)


async def show_again(connection: Conn, row_ids: Iterable[UUID]) -> None:
    """Show these rows and their values again; `connection` acts as the service itself."""
    await connection.execute("delete from change_withheld where row_id = any($1)", list(row_ids))
