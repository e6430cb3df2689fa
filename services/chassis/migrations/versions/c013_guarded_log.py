"""Only the triggers write changes into the log; and who is nobody sees nothing of the platform's.

The service's login could add an entry with the number, place and time of its choice, and call it
a change of a row. Now the triggers write as the owner, and a level adds what is no change of a
row: an `access`, whose number, place and time are PostgreSQL's (docs/adr/0024-who-may-log.md).
"""

from alembic import context, op
from sqlalchemy import text

from services.chassis.database.row_security import EVERYBODY, KNOWN, OF_BUREAU
from services.chassis.migrations.scripts import run_script

revision = "c013"
down_revision = "c012"
branch_labels = None
depends_on = None

# Scripts: one statement a paragraph. Whoever may execute the function could let a trigger of a
# temporary table call it. An entry that was forged before is for the verification to name: the
# constraint does not look at what is there.
_WRITTEN_BY_OWNER = """
create policy owner on {schema}.change_log to {owner} using (true) with check (true);

alter function {schema}.log_change() security definer;

revoke all on function {schema}.log_change() from public;

revoke insert on {schema}.change_log from {roles};

grant insert (bureau_code, operation, resource, row_id, natural_key, changes)
    on {schema}.change_log to {roles};

alter table {schema}.change_log
    add constraint change_log_position_check check (position > 0) not valid;
"""
_WRITTEN_BY_LEVELS = """
alter table {schema}.change_log drop constraint change_log_position_check;

revoke insert (bureau_code, operation, resource, row_id, natural_key, changes)
    on {schema}.change_log from {roles};

grant insert on {schema}.change_log to {roles};

grant execute on function {schema}.log_change() to public;

alter function {schema}.log_change() security invoker;

drop policy owner on {schema}.change_log;
"""
# What each level may add: the bureau it acts for, until now any operation.
_MAY_ADD = {
    "bureau": OF_BUREAU,
    "schools": OF_BUREAU,
    "person": OF_BUREAU,
    "platform": KNOWN,
    "service": EVERYBODY,
}
_AN_ACCESS = "operation = 'access'"

_OPEN_POLICIES = """
select tablename, policyname, with_check is not null as checks from pg_policies
where schemaname = :schema and policyname not in ('service', 'owner') and {condition}
"""
_FOR_EVERYBODY = "qual = 'true'"
_FOR_KNOWN = "qual ~ 'app\\.subject.* IS NOT NULL\\)$'"


def upgrade() -> None:
    """Let the owner write the log, and the platform's level see what it sees by name only."""
    _open_to(_FOR_EVERYBODY, KNOWN)
    run_script(_WRITTEN_BY_OWNER)
    for level, condition in _MAY_ADD.items():
        _may_add(level, f"{condition} and {_AN_ACCESS}")


def downgrade() -> None:
    """Take it back."""
    run_script(_WRITTEN_BY_LEVELS)
    _open_to(_FOR_KNOWN, EVERYBODY)
    for level, condition in _MAY_ADD.items():
        _may_add(level, EVERYBODY if condition == KNOWN else condition)


def _may_add(level: str, condition: str) -> None:
    schema = context.config.attributes["schema"]
    op.execute(f"alter policy {level} on {schema}.change_log with check ({condition})")


def _open_to(found: str, condition: str) -> None:
    """Give another condition to all policies, also of the service's tables, that have one."""
    schema = context.config.attributes["schema"]
    statement = text(_OPEN_POLICIES.format(condition=found))
    for table, policy, checks in op.get_bind().execute(statement, {"schema": schema}).all():
        check = f" with check ({condition})" if checks else ""
        op.execute(f"alter policy {policy} on {schema}.{table} using ({condition}){check}")
