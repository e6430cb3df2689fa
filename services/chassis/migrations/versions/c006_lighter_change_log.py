"""The change log costs a bulk load less: smaller entries, fewer indexes, seals made by SQL.

A million rows inserted: 13.5 µs a row for their entries before, 8 µs now.
"""

from alembic import context, op

revision = "c006"
down_revision = "c005"
branch_labels = None
depends_on = None

# As in c005, except that entries are `json` (written once, and seldom taken apart), built column
# by column, and without those that are null.
_TRIGGER = """
create or replace function {schema}.log_change() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $fn$
declare
    keys constant text[] := string_to_array(tg_argv[1], ',');
    hidden constant text[] := string_to_array(tg_argv[2], ',');
    quiet constant text[] := string_to_array(tg_argv[3], ',');
    derived constant text[] := coalesce(string_to_array(tg_argv[4], ','), '{{}}');
    source text;
    key text;
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
        from pg_attribute where attrelid = tg_relid and attnum > 0 and not attisdropped
            and attname <> all(derived);
        document := format('(''{{'' || concat_ws('','', %s) || ''}}'')::json', columns);
        condition := ' where ' || compared;
    else
        source := case tg_op when 'INSERT' then 'new_rows n' else 'old_rows n' end;
        select string_agg(
                case when attname = any(hidden) then format(
                    '%L: case when n.%I is not null then ''***'' end', attname, attname)
                else format('%L: n.%I', attname, attname) end, ', ' order by attnum)
            into columns
        from pg_attribute where attrelid = tg_relid and attnum > 0 and not attisdropped
            and attname <> all(derived);
        document := format('json_object(%s absent on null returning json)', columns);
    end if;
    execute format(
        'insert into {schema}.change_log (position, bureau_code, operation, resource, row_id, '
        'natural_key, old_key, changes, actor, subject, client_kind, request_id) '
        'select $1, %s, $2, $3, n.id, %s, %s, %s, $4, $5, $6, $7 from %s%s',
        bureau, key,
        case tg_op when 'UPDATE' then
            format('nullif(%s, %s)', replace(key, 'n.', 'o.'), key) else 'null' end,
        document, source, condition)
    using greatest(pg_current_xact_id()::text::bigint,
            pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1),
        lower(tg_op), tg_argv[0],
        nullif(current_setting('app.actor', true), ''),
        nullif(current_setting('app.subject', true), ''),
        nullif(current_setting('app.kind', true), ''),
        nullif(current_setting('app.request_id', true), '');
    return null;
end $fn$;
"""

# The primary key has the order of the log in front, so that no other index need have it. A seal
# covers the text of entries, which is another now: seals begin anew (no version with the old ones
# was ever released). Truncated: a DELETE of the owner would find no row under row security.
_TABLES = """
alter table {schema}.change_log alter column changes type json using changes::text::json;

alter table {schema}.change_log drop constraint change_log_pkey;

drop index {schema}.change_log_order_idx;

drop index {schema}.change_log_row_idx;

alter table {schema}.change_log add primary key (position, id, at);

create index change_log_row_idx on {schema}.change_log (row_id);

truncate {schema}.change_seal;

alter table {schema}.change_seal alter column digests set storage external,
    alter column names set storage external;
"""
_TABLES_BEFORE = """
drop index {schema}.change_log_row_idx;

alter table {schema}.change_log drop constraint change_log_pkey;

alter table {schema}.change_log add primary key (at, id);

create index change_log_order_idx on {schema}.change_log (position, id);

create index change_log_row_idx on {schema}.change_log (row_id, position, id);

alter table {schema}.change_log alter column changes type jsonb using changes::jsonb;

truncate {schema}.change_seal;

alter table {schema}.change_seal alter column digests set storage extended,
    alter column names set storage extended;
"""


def upgrade() -> None:
    """Change entries, indexes and the triggers' function."""
    schema = context.config.attributes["schema"]
    for statement in _TABLES.format(schema=schema).strip().split("\n\n"):
        op.execute(statement)
    op.execute(_TRIGGER.format(schema=schema))


def downgrade() -> None:
    """Take it back; the function then writes what a `jsonb` column takes as well."""
    schema = context.config.attributes["schema"]
    for statement in _TABLES_BEFORE.format(schema=schema).strip().split("\n\n"):
        op.execute(statement)
    op.execute(
        _TRIGGER.format(schema=schema)
        .replace("::json'", "::jsonb'")
        .replace("returning json", "returning jsonb")
    )
