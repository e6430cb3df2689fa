"""The texts of a case as they were lodged, and after each edit (docs/adr/0037)."""

from alembic import op

from services.chassis.database.row_security import OF_BUREAU, Protection, protect, unprotect

revision = "k005"
down_revision = "k004"
branch_labels = None
depends_on = None

_TEXTS = ("title", "facts", "trigger", "source", "school_code", "found_on")
_NAMES = ", ".join(_TEXTS)
_SEEN = f"{OF_BUREAU} and exists (select from accountability.case_file c where c.id = case_id)"
_TABLE = """
create table accountability.case_text (
    id uuid default uuidv7() not null constraint case_text_pkey primary key,
    version integer default 1 not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    title varchar(200) not null,
    facts varchar(10000) not null,
    trigger varchar not null,
    source varchar not null,
    school_code varchar not null,
    found_on date not null,
    bureau_code varchar not null,
    case_id uuid not null constraint case_text_case_id_fkey
        references accountability.case_file (id),
    text_version integer not null,
    actor varchar,
    actor_name varchar,
    at timestamptz not null,
    constraint case_text_case_id_text_version_key unique (case_id, text_version)
);

revoke all on accountability.case_text from junheng_accountability,
    junheng_accountability_bureau, junheng_accountability_schools, junheng_accountability_person,
    junheng_accountability_platform, junheng_accountability_service;

grant select on accountability.case_text to junheng_accountability_bureau,
    junheng_accountability_schools, junheng_accountability_person,
    junheng_accountability_service;

create trigger append_only before update or delete on accountability.case_text
    for each row execute function accountability.refuse_rewriting();
"""
# As the owner, so that only the trigger writes: every change of a case at every level, by
# a route or an import, and whatever the statement, what was there stays.
_KEPT = """
create policy owner on accountability.case_text to junheng_accountability_owner
    using (true) with check (true);

create function accountability.keep_texts() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $fn$
declare
    moment constant timestamptz := now()
        + make_interval(secs => (select offset_seconds from accountability.clock));
    actor constant text := nullif(current_setting('app.subject', true), '');
    actor_name constant text := nullif(current_setting('app.actor', true), '');
begin
    if tg_op = 'INSERT' then
        insert into accountability.case_text
            (bureau_code, case_id, text_version, {names}, actor, actor_name, at)
        select n.bureau_code, n.id, 1, {new_names}, actor, actor_name, moment from new_rows n;
    else
        insert into accountability.case_text
            (bureau_code, case_id, text_version, {names}, actor, actor_name, at)
        select n.bureau_code, n.id, 1 + (select coalesce(max(t.text_version), 0)
                from accountability.case_text t where t.case_id = n.id),
            {new_names}, actor, actor_name, moment
        from new_rows n join old_rows o on o.id = n.id
        where ({new_names}) is distinct from ({old_names});
    end if;
    return null;
end $fn$;

revoke all on function accountability.keep_texts() from public;

create trigger keep_texts_lodged after insert on accountability.case_file
    referencing new table as new_rows for each statement
    execute function accountability.keep_texts();

create trigger keep_texts_edited after update on accountability.case_file
    referencing old table as old_rows new table as new_rows for each statement
    execute function accountability.keep_texts();
"""
# The original texts of a case are in the log, as long as that is kept; what it said between
# then and now is not put together again.
_FILL = """
insert into accountability.case_text
    (bureau_code, case_id, text_version, {names}, actor, actor_name, at)
select c.bureau_code, c.id, 1, {lodged}, e.actor, e.actor_name, e.at
from accountability.case_file c
join accountability.case_event e on e.case_id = c.id and e.entry = 1
left join accountability.change_log l
    on l.row_id = c.id and l.resource = 'cases' and l.operation = 'insert';

insert into accountability.case_text
    (bureau_code, case_id, text_version, {names}, actor, actor_name, at)
select c.bureau_code, c.id, 2, {current}, e.actor, e.actor_name, e.at
from accountability.case_file c
join accountability.case_text t on t.case_id = c.id
join lateral (
    select actor, actor_name, at from accountability.case_event
    where case_id = c.id and verb = 'update' order by entry desc limit 1
) e on true
where ({current}) is distinct from ({first});
"""


def _columns(prefix: str) -> str:
    return ", ".join(f"{prefix}.{name}" for name in _TEXTS)


def _logged(name: str) -> str:
    kind = "::date" if name == "found_on" else ""
    return f"coalesce((l.changes ->> '{name}'){kind}, c.{name})"


def upgrade() -> None:
    """Keep text versions from now on, and those of earlier cases that can be reconstructed."""
    names = {
        "names": _NAMES,
        "new_names": _columns("n"),
        "old_names": _columns("o"),
        "current": _columns("c"),
        "first": _columns("t"),
        "lodged": ", ".join(map(_logged, _TEXTS)),
    }
    _run(_TABLE)
    protect("accountability", "case_text", Protection(bureau=_SEEN, schools=_SEEN))
    _run(_KEPT.format(**names))
    tables = ("case_file", "case_event")
    for table in tables:
        op.execute(f"alter table accountability.{table} no force row level security")
    _run(_FILL.format(**names))
    for table in tables:
        op.execute(f"alter table accountability.{table} force row level security")


def downgrade() -> None:
    """Forget them."""
    for trigger in ("keep_texts_edited", "keep_texts_lodged"):
        op.execute(f"drop trigger {trigger} on accountability.case_file")
    op.execute("drop function accountability.keep_texts()")
    unprotect("accountability", "case_text")
    op.execute("drop table accountability.case_text")


def _run(script: str) -> None:
    for statement in script.strip().split("\n\n"):
        op.execute(statement)
