"""The columns that names are searched by: added to a table and filled (in migrations)."""

from alembic import op
from sqlalchemy import text

from services.chassis.audit.change_log import leave_in, leave_out
from services.chassis.lists.pinyin.named import NAME_KEYS
from services.chassis.lists.pinyin.names import keys_of

_FILL = """
update {table} t set name_pinyin = k.pinyin, name_initials = k.initials
from unnest(cast(:names as text[]), cast(:pinyin as text[]), cast(:initials as text[]))
    as k (name, pinyin, initials)
where t.name = k.name
"""


def add_name_keys(schema: str, table: str) -> None:
    """Add the keys of `name`, for the rows that are there too, and keep them out of the log."""
    name = f"{schema}.{table}"
    for column in NAME_KEYS:
        op.execute(f'alter table {name} add column {column} varchar collate "C"')
    leave_out(schema, table, tuple(NAME_KEYS))
    # The owner, who migrates, sees the rows of all bureaus only while nothing is forced on it.
    op.execute(f"alter table {name} no force row level security")
    connection = op.get_bind()
    names = connection.execute(text(f"select distinct name from {name}")).scalars().all()
    keys = [keys_of(one) for one in names]
    connection.execute(
        text(_FILL.format(table=name)),
        {
            "names": names,
            "pinyin": [key.pinyin for key in keys],
            "initials": [key.initials for key in keys],
        },
    )
    op.execute(f"alter table {name} force row level security")
    for column in NAME_KEYS:
        op.execute(f"alter table {name} alter column {column} set not null")


def drop_name_keys(schema: str, table: str) -> None:
    """Take them away again (in a downgrade)."""
    leave_in(schema, table)
    for column in NAME_KEYS:
        op.execute(f"alter table {schema}.{table} drop column {column}")
