"""An import keeps a bounded number of faults; its parts say how many rows failed, and which.

Every part has its own counts: how many faults of each code, which rows could not be read
(`broken`), and which broke a rule beside other rows (`judged`, by field and code). The numbers of
an import are their sum.
"""

from alembic import context, op

from services.chassis.migrations.scripts import run_script

revision = "c019"
down_revision = "c018"
branch_labels = None
depends_on = None

_COLUMNS = """
alter table {schema}.import_job
    add column kept jsonb not null default '{{}}',
    add column fault_codes jsonb not null default '{{}}',
    add column faults_listed integer not null default 0,
    add column is_judged boolean not null default true;

alter table {schema}.import_part
    add column broken bytea,
    add column judged jsonb not null default '[]',
    add column codes jsonb not null default '{{}}',
    add column created_count integer not null default 0,
    add column updated_count integer not null default 0;

create index import_job_faults_idx on {schema}.import_job (subject, id) where faults_listed > 0;

drop function {schema}.analyze_import_faults();
"""
# What stands there from before: then every fault was kept.
_COUNTED = """
update {schema}.import_part set
    created_count = (select coalesce(sum(upper(r) - lower(r)), 0) from unnest(created) r),
    updated_count = (select coalesce(sum(upper(r) - lower(r)), 0) from unnest(updated) r)
where created is not null or updated is not null;

update {schema}.import_part p set codes = f.codes from (
    select job_id, part, jsonb_object_agg(code, n) as codes from (
        select job_id, part, code, count(*) as n from {schema}.import_fault group by 1, 2, 3
    ) c group by 1, 2
) f where f.job_id = p.job_id and f.part = p.number;

update {schema}.import_job j set fault_codes = f.codes, faults_listed = f.n from (
    select job_id, jsonb_object_agg(code, n) as codes, sum(n) as n from (
        select job_id, code, count(*) as n from {schema}.import_fault group by 1, 2
    ) c group by 1
) f where f.job_id = j.id;
"""
_BEFORE = """
create function {schema}.analyze_import_faults()
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $fn$
begin
    execute 'analyze (skip_locked) {schema}.import_fault';
end $fn$;

revoke all on function {schema}.analyze_import_faults() from public;

grant execute on function {schema}.analyze_import_faults() to {service};

drop index {schema}.import_job_faults_idx;

alter table {schema}.import_part
    drop column broken,
    drop column judged,
    drop column codes,
    drop column created_count,
    drop column updated_count;

alter table {schema}.import_job
    drop column kept,
    drop column fault_codes,
    drop column faults_listed,
    drop column is_judged;
"""
_TABLES = ("import_job", "import_part", "import_fault")


def upgrade() -> None:
    """Add the columns, and count what is there."""
    run_script(_COLUMNS)
    _force(False)
    run_script(_COUNTED)
    _force(True)


def downgrade() -> None:
    """Remove them."""
    run_script(_BEFORE)


def _force(is_forced: bool) -> None:
    """The owner, who migrates, sees all rows only while nothing is forced on it."""
    schema, no = context.config.attributes["schema"], "" if is_forced else "no "
    for table in _TABLES:
        op.execute(f"alter table {schema}.{table} {no}force row level security")
