"""A stage has its index from the beginning; once it is filled, the index learns what is there.

Made afterwards, it was made in a transaction that takes seconds with a large file. PostgreSQL
does not always survive a crash just after an unlogged relation's making was rolled back (its bug
17731, docs/operations.md): what makes one should take milliseconds.
"""

from alembic import context, op

from services.chassis.migrations.scripts import run_script

revision = "c011"
down_revision = "c010"
branch_labels = None
depends_on = None

_NAMED = """if stage !~ '^import_[0-9a-f]{{32}}_[0-9]+_[a-z]+$' then
        raise exception 'not the name of a stage: %', stage;
    end if;"""
_INDEXED = """if exists (select from pg_attribute where attname = '_part'
        and attrelid = ('{schema}.' || stage)::regclass) then
        execute format('create index on {schema}.%I using brin (_part) '
            'with (pages_per_range = 16)', stage);
    end if;"""
_ANALYZED = "execute format('analyze {schema}.%I', stage);"
_INDEX = f"""
create or replace function {{schema}}.index_import_stage(stage text)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $fn$
begin
    {_NAMED}
    {_INDEXED}
end $fn$;
"""
# A script: one statement a paragraph. Only the owner may have statistics taken.
_ANALYZE = f"""
create function {{schema}}.analyze_import_stage(stage text)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $fn$
begin
    {_NAMED}
    perform brin_summarize_new_values(indexrelid) from pg_index
        where indrelid = ('{{schema}}.' || stage)::regclass;
    {_ANALYZED}
end $fn$;

revoke all on function {{schema}}.analyze_import_stage(text) from public;

grant execute on function {{schema}}.analyze_import_stage(text) to {{service}};
"""
_INDEX_AND_ANALYZE = _INDEX.replace("end $fn$", f"    {_ANALYZED}\nend $fn$")


def upgrade() -> None:
    """Part the function in two."""
    run_script(_INDEX)
    run_script(_ANALYZE)


def downgrade() -> None:
    """Let one do both again."""
    schema = context.config.attributes["schema"]
    op.execute(f"drop function {schema}.analyze_import_stage(text)")
    run_script(_INDEX_AND_ANALYZE)
