"""The change log leaves out columns that are derived from others."""

from alembic import context, op

revision = "c005"
down_revision = "c004"
branch_labels = None
depends_on = None

# As in c002, where `_POSITION` explains the position, with one argument more, which may be absent:
# columns that are not shown, and whose changes alone are none.
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
        from pg_attribute where attrelid = tg_relid and attnum > 0 and not attisdropped
            and attname <> all(derived);
        document := format('(''{{'' || concat_ws('','', %s) || ''}}'')::jsonb', columns);
        condition := ' where ' || compared;
    else
        source := case tg_op when 'INSERT' then 'new_rows n' else 'old_rows n' end;
        select coalesce(jsonb_object_agg(name, '***'), '{{}}')::text into masks
            from unnest(hidden) name;
        document := 'to_jsonb(n)' ||
            case derived when '{{}}' then '' else format(' - %L::text[]', derived) end ||
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


def upgrade() -> None:
    """Teach the triggers' function its last argument."""
    schema = context.config.attributes["schema"]
    op.execute(_TRIGGER.format(schema=schema))


def downgrade() -> None:
    """Nothing to take back: for a trigger without that argument it does what it did before."""
