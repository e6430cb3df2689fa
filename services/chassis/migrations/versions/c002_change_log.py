"""The change log with its partitions, triggers, seals and rights."""

from alembic import context, op

from services.chassis.database.row_security import LEVELS, OF_BUREAU

revision = "c002"
down_revision = "c001"
branch_labels = None
depends_on = None

# Where an entry stands in the feed. Never below its own transaction's id, so that nothing can
# appear below the oldest open transaction any more; and never below what had ended when it was
# written, so that a transaction which waited for another one's row comes after it.
_POSITION = (
    "greatest(pg_current_xact_id()::text::bigint, "
    "pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)"
)


def _setting(name: str) -> str:
    return f"nullif(current_setting('app.{name}', true), '')"


# Scripts: one statement a paragraph.
_TABLES = """
create sequence {schema}.change_log_id_seq;

create table {schema}.change_log (
    id bigint not null default nextval('{schema}.change_log_id_seq'),
    position bigint not null default {position},
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null default now(),
    bureau_code text,
    operation text not null
        check (operation in ('insert', 'update', 'delete', 'access')),
    resource text not null,
    row_id uuid,
    natural_key text,
    old_key text,
    changes jsonb not null,
    actor text default {actor},
    subject text default {subject},
    client_kind text default {kind},
    request_id text default {request_id},
    primary key (at, id)
) partition by range (at);

alter sequence {schema}.change_log_id_seq owned by {schema}.change_log.id;

create index change_log_feed_idx on {schema}.change_log (bureau_code, position, id);

create index change_log_order_idx on {schema}.change_log (position, id);

create index change_log_row_idx on {schema}.change_log (row_id, position, id);

create index change_log_key_idx on {schema}.change_log (natural_key);

create index change_log_old_key_idx on {schema}.change_log (old_key) where old_key is not null;

create table {schema}.change_log_default partition of {schema}.change_log default;

create table {schema}.change_seal (
    seq bigint primary key,
    from_position bigint not null,
    from_id bigint not null,
    to_position bigint not null,
    to_id bigint not null,
    row_count integer not null,
    digests bytea not null,
    names text[] not null,
    hash bytea not null,
    sealed_at timestamptz not null default now()
);

create table {schema}.change_floor (
    before timestamptz primary key,
    position bigint not null,
    id bigint not null,
    signature bytea not null,
    dropped_at timestamptz not null default now()
);
"""

# Statement level: one INSERT for all rows of a statement. The SQL is put together from the
# catalogue, so a column that a later migration adds is logged without another word.
# Arguments of the trigger: resource, key columns, hidden columns, columns that alone are no change.
_TRIGGER = """
create function {schema}.log_change() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $fn$
declare
    keys constant text[] := string_to_array(tg_argv[1], ',');
    hidden constant text[] := string_to_array(tg_argv[2], ',');
    quiet constant text[] := string_to_array(tg_argv[3], ',');
    source text;
    key text;
    masks text;
    bureau text;
    columns text;
    compared text;
    document text;
    condition text := '';
begin
    if tg_op = 'DELETE' then
        perform from old_rows limit 1;
    else
        perform from new_rows limit 1;
    end if;
    if not found then
        return null;
    end if;
    select 'concat_ws(''/'', ' || string_agg(format('n.%I', name), ', ') || ')' into key
        from unnest(keys) name;
    select case when exists (select from pg_attribute where attrelid = tg_relid
        and attname = 'bureau_code' and not attisdropped) then 'n.bureau_code' else 'null' end
        into bureau;
    if tg_op = 'UPDATE' then
        source := 'old_rows o join new_rows n on n.id = o.id';
        select string_agg(
                case when attname = any(hidden) then format(
                    'case when o.%1$I is distinct from n.%1$I then %2$L end',
                    attname, to_json(attname::text) || ':["***","***"]')
                else format(
                    'case when o.%1$I is distinct from n.%1$I then %2$L || '
                    'coalesce(to_json(o.%1$I)::text, ''null'') || '','' || '
                    'coalesce(to_json(n.%1$I)::text, ''null'') || '']'' end',
                    attname, to_json(attname::text) || ':[')
                end, ', ' order by attnum),
            string_agg(format('o.%1$I is distinct from n.%1$I', attname), ' or ' order by attnum)
                filter (where attname <> all(quiet))
            into columns, compared
        from pg_attribute where attrelid = tg_relid and attnum > 0 and not attisdropped;
        document := format('(''{{'' || concat_ws('','', %s) || ''}}'')::jsonb', columns);
        condition := ' where ' || compared;
    else
        source := case tg_op when 'INSERT' then 'new_rows n' else 'old_rows n' end;
        select coalesce(jsonb_object_agg(name, '***'), '{{}}')::text into masks
            from unnest(hidden) name;
        document := 'to_jsonb(n)' ||
            case masks when '{{}}' then '' else format(' || %L::jsonb', masks) end;
    end if;
    execute format(
        'insert into {schema}.change_log (position, bureau_code, operation, resource, row_id, '
        'natural_key, old_key, changes, actor, subject, client_kind, request_id) '
        'select $1, %s, $2, $3, n.id, %s, %s, %s, $4, $5, $6, $7 from %s%s',
        bureau, key,
        case tg_op when 'UPDATE' then
            format('nullif(%s, %s)', replace(key, 'n.', 'o.'), key) else 'null' end,
        document, source, condition)
    using {position}, lower(tg_op), tg_argv[0], {actor}, {subject}, {kind}, {request_id};
    return null;
end $fn$;
"""

# Only the owner may make and drop partitions; these functions let the service's own level do so,
# within bounds. Nobody reads or writes a partition directly: there, no policy would apply.
_PARTITIONS = """
create function {schema}.make_change_partitions(months integer) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
set lock_timeout = '2s' as $fn$
declare
    first timestamptz := date_trunc('month', now() at time zone 'Asia/Shanghai')
        at time zone 'Asia/Shanghai';
    from_at timestamptz;
    to_at timestamptz;
    name text;
begin
    perform pg_advisory_xact_lock(hashtext('{schema}.change_log'));
    for month in 0..least(months, 24) loop
        from_at := (first at time zone 'Asia/Shanghai' + make_interval(months => month))
            at time zone 'Asia/Shanghai';
        to_at := (first at time zone 'Asia/Shanghai' + make_interval(months => month + 1))
            at time zone 'Asia/Shanghai';
        name := 'change_log_' || to_char(from_at at time zone 'Asia/Shanghai', 'YYYY_MM');
        if to_regclass('{schema}.' || name) is null and not exists (
            select from {schema}.change_log_default where at >= from_at and at < to_at) then
            execute format('create table {schema}.%I partition of {schema}.change_log '
                'for values from (%L) to (%L)', name, from_at, to_at);
            execute format('revoke all on {schema}.%I from {roles}', name);
        end if;
    end loop;
end $fn$;

create function {schema}.drop_change_partitions(months integer)
returns table (before timestamptz, "position" bigint, id bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set lock_timeout = '2s' as $fn$
declare
    horizon timestamptz := (date_trunc('month', now() at time zone 'Asia/Shanghai')
        - make_interval(months => greatest(months, 6))) at time zone 'Asia/Shanghai';
    name text;
    until timestamptz;
begin
    perform pg_advisory_xact_lock(hashtext('{schema}.change_log'));
    for name in select relname from pg_class join pg_inherits on inhrelid = oid
        where inhparent = '{schema}.change_log'::regclass and relname ~ '_\\d{{4}}_\\d\\d$'
        order by relname
    loop
        until := (to_date(right(name, 7), 'YYYY_MM') + interval '1 month')
            at time zone 'Asia/Shanghai';
        if until <= horizon then
            before := until;
            execute format('select position, id from {schema}.%I '
                'order by position desc, id desc limit 1', name) into position, id;
            execute format('drop table {schema}.%I', name);
            if position is not null then
                return next;
            end if;
        end if;
    end loop;
end $fn$;

revoke all on function {schema}.make_change_partitions(integer) from public;

revoke all on function {schema}.drop_change_partitions(integer) from public;

grant execute on function {schema}.make_change_partitions(integer) to {service};

grant execute on function {schema}.drop_change_partitions(integer) to {service};

select {schema}.make_change_partitions(3);
"""

_RIGHTS = """
revoke all on {schema}.change_log, {schema}.change_log_default,
    {schema}.change_seal, {schema}.change_floor from {roles};

grant select, insert on {schema}.change_log to {roles};

grant select on {schema}.change_seal, {schema}.change_floor to {roles};

grant insert on {schema}.change_seal, {schema}.change_floor to {service};
"""

_POLICIES = """
alter table {schema}.change_log enable row level security;

alter table {schema}.change_log force row level security;

create policy bureau on {schema}.change_log to {bureau} using ({own}) with check ({own});

create policy schools on {schema}.change_log for insert to {schools} with check ({own});

create policy person on {schema}.change_log for insert to {person} with check ({own});

create policy platform on {schema}.change_log to {platform} using (true) with check (true);

create policy service on {schema}.change_log to {service} using (true) with check (true);

alter table {schema}.change_seal enable row level security;

alter table {schema}.change_seal force row level security;

create policy service on {schema}.change_seal to {service} using (true) with check (true);

alter table {schema}.change_floor enable row level security;

alter table {schema}.change_floor force row level security;

create policy bureau on {schema}.change_floor for select to {bureau} using (true);

create policy service on {schema}.change_floor to {service} using (true) with check (true);
"""


def upgrade() -> None:
    """Create the log in the service's schema."""
    schema = context.config.attributes["schema"]
    login = f"junheng_{schema}"
    levels = {level: f"{login}_{level}" for level in LEVELS}
    values = levels | {
        "schema": schema,
        "roles": ", ".join([login, *levels.values()]),
        "own": OF_BUREAU,
        "position": _POSITION,
        **{name: _setting(name) for name in ("actor", "subject", "kind", "request_id")},
    }
    for script in (_TABLES, _TRIGGER, _PARTITIONS, _RIGHTS, _POLICIES):
        for statement in script.format(**values).strip().split("\n\n"):
            op.execute(statement)


def downgrade() -> None:
    """Remove the log, with everything in it."""
    schema = context.config.attributes["schema"]
    op.execute(f"drop function {schema}.make_change_partitions(integer)")
    op.execute(f"drop function {schema}.drop_change_partitions(integer)")
    op.execute(f"drop function {schema}.log_change()")
    for table in ("change_floor", "change_seal", "change_log"):
        op.execute(f"drop table {schema}.{table}")
