"""Import jobs with their parts and faults, and the unlogged tables that they stage rows in."""

from alembic import context, op

from services.chassis.database.row_security import LEVELS, OF_BUREAU, Protection, protect, unprotect

revision = "c007"
down_revision = "c006"
branch_labels = None
depends_on = None

# Scripts: one statement a paragraph.
_TABLES = """
create table {schema}.import_job (
    id uuid primary key default uuidv7(),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    bureau_code text not null,
    subject text not null,
    created_by text not null,
    caller jsonb not null,
    resource text not null,
    operation text not null,
    mode text not null,
    dry_run boolean not null,
    allow_shrink boolean not null,
    within jsonb not null,
    wishes jsonb not null,
    idempotency_key text not null,
    request_digest bytea not null,
    state text not null,
    file_name text,
    file_key bytea,
    size bigint,
    sha256 text,
    bytes bigint not null default 0,
    layout jsonb,
    format text,
    encoding text,
    is_rewritten boolean not null default false,
    run integer not null default 0,
    is_cancelled boolean not null default false,
    bytes_read bigint not null default 0,
    rows bigint not null default 0,
    created bigint not null default 0,
    updated bigint not null default 0,
    unchanged bigint not null default 0,
    failed bigint not null default 0,
    removed bigint not null default 0,
    problem jsonb,
    queued_at timestamptz,
    started_at timestamptz,
    loading_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz not null,
    is_expired boolean not null default false,
    unique (subject, idempotency_key)
);

create index import_job_list_idx on {schema}.import_job (bureau_code, created_at, id);

create index import_job_queue_idx on {schema}.import_job (bureau_code, resource, queued_at)
    where state in ('queued', 'validating', 'loading');

create table {schema}.import_part (
    job_id uuid not null references {schema}.import_job on delete cascade,
    number integer not null,
    bureau_code text not null,
    start_byte bigint not null,
    bytes integer not null,
    first_row bigint not null,
    records integer not null,
    rows integer not null,
    failed integer not null default 0,
    is_merged boolean not null default false,
    created int8multirange,
    updated int8multirange,
    primary key (job_id, number)
);

create table {schema}.import_fault (
    job_id uuid not null references {schema}.import_job on delete cascade,
    row bigint not null,
    entry integer not null,
    part integer not null,
    bureau_code text not null,
    field text not null,
    code text not null,
    message_zh text not null,
    message_en text not null,
    params jsonb not null,
    primary key (job_id, row, entry)
);

revoke all on {schema}.import_job, {schema}.import_part, {schema}.import_fault from {roles};

grant select, insert, update on {schema}.import_job to {bureau}, {schools};

grant select on {schema}.import_part to {bureau}, {schools};

grant select, insert on {schema}.import_fault to {bureau}, {schools};

grant select, insert, update, delete on {schema}.import_job, {schema}.import_part,
    {schema}.import_fault to {service};
"""

# Only the owner may make tables; these functions let the service's own level do so, within
# bounds. A stage belongs to one run of one job, and is under row security for its bureau.
_STAGES = """
create function {schema}.make_import_stage(stage text, names text[], kinds text[], bureau text)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $fn$
declare
    columns text;
begin
    if stage !~ '^import_[0-9a-f]{{32}}_[0-9]+_[a-z]+$' then
        raise exception 'not the name of a stage: %', stage;
    end if;
    select string_agg(format('%I %s', name, kind::regtype), ', ' order by at) into columns
        from unnest(names, kinds) with ordinality as c (name, kind, at);
    execute format('create unlogged table {schema}.%I (%s) with (autovacuum_enabled = false)',
        stage, columns);
    execute format('revoke all on {schema}.%I from {roles}', stage);
    execute format('alter table {schema}.%I enable row level security', stage);
    execute format('create policy bureau on {schema}.%I to {bureau}, {schools} using '
        '((select nullif(current_setting(''app.bureau'', true), '''')) = %L)', stage, bureau);
    execute format('create policy service on {schema}.%I to {service} using (true)', stage);
    execute format('grant select, insert on {schema}.%I to {bureau}, {schools}', stage);
    execute format('grant select, insert, update, delete on {schema}.%I to {service}', stage);
end $fn$;

create function {schema}.index_import_stage(stage text)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $fn$
begin
    if stage !~ '^import_[0-9a-f]{{32}}_[0-9]+_[a-z]+$' then
        raise exception 'not the name of a stage: %', stage;
    end if;
    if exists (select from pg_attribute where attname = '_part'
        and attrelid = ('{schema}.' || stage)::regclass) then
        execute format('create index on {schema}.%I using brin (_part) '
            'with (pages_per_range = 16)', stage);
    end if;
    execute format('analyze {schema}.%I', stage);
end $fn$;

create function {schema}.analyze_import_target(target text, coming bigint)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $fn$
begin
    if (select reltuples from pg_class where relname = target
        and relnamespace = '{schema}'::regnamespace and relkind = 'r') < coming then
        execute format('analyze (skip_locked) {schema}.%I', target);
    end if;
end $fn$;

create function {schema}.drop_import_stages(prefix text)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
set lock_timeout = '5s' as $fn$
declare
    name text;
begin
    if prefix !~ '^import_[0-9a-f]{{32}}_' then
        raise exception 'not the name of a stage: %', prefix;
    end if;
    for name in select relname from pg_class where relnamespace = '{schema}'::regnamespace
        and relkind = 'r' and relpersistence = 'u' and starts_with(relname, prefix)
    loop
        execute format('drop table {schema}.%I', name);
    end loop;
end $fn$;

revoke all on function {schema}.make_import_stage(text, text[], text[], text) from public;

revoke all on function {schema}.index_import_stage(text) from public;

revoke all on function {schema}.analyze_import_target(text, bigint) from public;

revoke all on function {schema}.drop_import_stages(text) from public;

grant execute on function {schema}.make_import_stage(text, text[], text[], text) to {service};

grant execute on function {schema}.index_import_stage(text) to {service};

grant execute on function {schema}.analyze_import_target(text, bigint) to {service};

grant execute on function {schema}.drop_import_stages(text) to {service};
"""

_OWN = f"{OF_BUREAU} and subject = (select nullif(current_setting('app.subject', true), ''))"


def _protections(schema: str) -> dict[str, Protection]:
    of_job = Protection().through(f"{schema}.import_job j where j.id = job_id")
    return {
        "import_job": Protection(schools=_OWN),
        "import_part": of_job,
        "import_fault": of_job,
    }


def upgrade() -> None:
    """Create them in the service's schema."""
    schema = context.config.attributes["schema"]
    login = f"junheng_{schema}"
    levels = {level: f"{login}_{level}" for level in LEVELS}
    values = levels | {"schema": schema, "roles": ", ".join([login, *levels.values()])}
    for script in (_TABLES, _STAGES):
        for statement in script.format(**values).strip().split("\n\n"):
            op.execute(statement)
    for table, protection in _protections(schema).items():
        protect(schema, table, protection)


def downgrade() -> None:
    """Remove them."""
    schema = context.config.attributes["schema"]
    for table in _protections(schema):
        unprotect(schema, table)
    op.execute(f"drop function {schema}.drop_import_stages(text)")
    op.execute(f"drop function {schema}.analyze_import_target(text, bigint)")
    op.execute(f"drop function {schema}.index_import_stage(text)")
    op.execute(f"drop function {schema}.make_import_stage(text, text[], text[], text)")
    for table in ("import_fault", "import_part", "import_job"):
        op.execute(f"drop table {schema}.{table}")
