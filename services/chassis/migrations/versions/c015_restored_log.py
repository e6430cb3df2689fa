"""The order of the log goes on after a dump was restored on another server.

Positions were transaction ids, and a new server counts those from the beginning: what was written
after a restore came before everything else. No cursor got to it, no seal, and the verification
took it for slipped in. Positions now begin above a base, which `change_log.CONTINUE` raises.
"""

from alembic import context, op
from sqlalchemy import text

from services.chassis.migrations.scripts import run_script

revision = "c015"
down_revision = "c014"
branch_labels = None
depends_on = None

# As c006 has it in the triggers' function, and c002 (on one line) as the column's default.
_ID = """greatest(pg_current_xact_id()::text::bigint,
            pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)"""
_POSITION = "{schema}.change_position()"

# Scripts: one statement a paragraph.
_UP = """
create table {schema}.change_base (
    only_row boolean primary key default true check (only_row),
    base bigint not null default 0
);

insert into {schema}.change_base default values;

revoke all on {schema}.change_base from {roles};

grant select on {schema}.change_base to {roles};

create function {schema}.change_position() returns bigint language sql stable as
    $fn$ select base + {id} from {schema}.change_base $fn$;

alter table {schema}.change_log alter column position set default {position};
"""
_DOWN = """
alter table {schema}.change_log alter column position set default {id};

drop function {schema}.change_position();

drop table {schema}.change_base;
"""


def upgrade() -> None:
    """Let positions begin above a base, at first zero."""
    _run(_UP)
    _replace_in_triggers(_ID, _POSITION)


def downgrade() -> None:
    """Let them be transaction ids again."""
    _replace_in_triggers(_POSITION, _ID)
    _run(_DOWN)


def _run(script: str) -> None:
    run_script(script, id=_ID, position=_POSITION.format(schema=_schema()))


def _schema() -> str:
    schema: str = context.config.attributes["schema"]
    return schema


def _replace_in_triggers(found: str, by: str) -> None:
    found, by = found.format(schema=_schema()), by.format(schema=_schema())
    name = f"{_schema()}.log_change()"
    of_function = text("select pg_get_functiondef(cast(:name as regprocedure))")
    definition = str(op.get_bind().execute(of_function, {"name": name}).scalar_one())
    assert found in definition
    op.execute(definition.replace(found, by))
