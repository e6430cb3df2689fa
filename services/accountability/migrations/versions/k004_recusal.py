"""Recusal: nobody learns of a case that names them, or works on it (docs/adr/0037)."""

from dataclasses import replace

from alembic import op

from services.chassis.audit.change_log import leave_in, leave_out, log_changes, unlog_changes
from services.chassis.database.row_security import OF_BUREAU, Protection, protect, unprotect

revision = "k004"
down_revision = "k003"
branch_labels = None
depends_on = None

_PERSON = "(select nullif(current_setting('app.staff_no', true), ''))"
_SCHOOLS = "(select string_to_array(nullif(current_setting('app.schools', true), ''), ','))::text[]"
_OF_CASE = "accountability.case_file c where c.id = {table}.case_id"
_OF_PERSON = f"{OF_BUREAU} and staff_no = {_PERSON}"

# Of an account that is limited to schools and names no person, anybody there may be the holder.
_CASES = replace(
    Protection(),
    bureau=f"{OF_BUREAU} and coalesce({_PERSON}, '') <> all(named)",
    schools=(
        f"{OF_BUREAU} and school_code = any({_SCHOOLS}) and case when {_PERSON} is null "
        f"then not named_schools && {_SCHOOLS} else {_PERSON} <> all(named) end"
    ),
)


def _of_case(table: str) -> Protection:
    """Everything that belongs to a case is visible together with the case."""
    seen = f"{OF_BUREAU} and exists (select from {_OF_CASE.format(table=table)})"
    return Protection(bureau=seen, schools=seen)


_AFTER = {
    "case_file": _CASES,
    "respondent": _of_case("respondent"),
    "case_event": _of_case("case_event"),
    "directive_delivery": _of_case("directive_delivery"),
}
# A person's view of their own case, once notified (`own_cases`).
_OWN = {
    "respondent": f"{_OF_PERSON} and notified_at is not null",
    "case_file": (
        f"{OF_BUREAU} and exists (select from accountability.respondent r "
        "where r.case_id = case_file.id)"
    ),
    "case_event": f"{OF_BUREAU} and verb = 'defend' and details ->> 'staff_no' = {_PERSON}",
    "directive_delivery": _OF_PERSON,
}
_BEFORE = {
    "case_file": Protection().with_schools(),
    "respondent": Protection().through(_OF_CASE.format(table="respondent")),
    "case_event": Protection().through(_OF_CASE.format(table="case_event")),
    "directive_delivery": Protection().through(_OF_CASE.format(table="directive_delivery")),
}
_COLUMNS = """
alter table accountability.case_file
    add column proposer_staff_no varchar,
    add column named text[] not null default '{}',
    add column named_schools text[] not null default '{}';

alter table accountability.respondent
    add column works_at text[] not null default '{}',
    add column notified_at timestamptz;
"""
# Who was taken off before stands in the history. At which schools people work beside the one of
# their personnel relation is not known here.
_FILL = """
update accountability.respondent set works_at = array[school_code];

update accountability.respondent r set notified_at = e.at from accountability.case_event e
where e.case_id = r.case_id and e.verb = 'decide';

update accountability.case_file c set named = n.staff_nos, named_schools = n.schools
from (
    select case_id, array_agg(distinct staff_no order by staff_no) as staff_nos,
        coalesce(array_agg(distinct school_code order by school_code)
            filter (where school_code is not null), '{}') as schools
    from (
        select case_id, staff_no, school_code from accountability.respondent
        union all
        select case_id, details ->> 'staff_no', null from accountability.case_event
        where verb = 'remove_respondent'
    ) everybody group by case_id
) n where n.case_id = c.id;
"""
# As the level that names them: it has locked the case, and sees it.
_NAMED = """
create function accountability.note_named() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $fn$
declare
    noted bigint;
begin
    update accountability.case_file c set
        named = array(select unnest(c.named) union
            select staff_no from new_rows where case_id = c.id order by 1),
        named_schools = array(select unnest(c.named_schools) union
            select unnest(works_at) from new_rows where case_id = c.id order by 1)
    where c.id in (select case_id from new_rows);
    get diagnostics noted = row_count;
    if noted <> (select count(distinct case_id) from new_rows) then
        raise insufficient_privilege using message = 'a respondent of a case that is not visible';
    end if;
    return null;
end $fn$;

create trigger note_named after insert on accountability.respondent
    referencing new table as new_rows for each statement
    execute function accountability.note_named();

create trigger note_renamed after update on accountability.respondent
    referencing new table as new_rows for each statement
    execute function accountability.note_named();
"""
# An entry of the log is seen with the case that it is about.
_SHOWS_ENTRY = """
create function accountability.shows_entry(resource text, row_id uuid, natural_key text)
returns boolean language sql stable as $fn$
    select case
        when resource = 'cases' then exists (
            select from accountability.case_file c where c.id = row_id)
        when resource = any('{respondents,events}') then exists (
            select from accountability.case_file c
            where c.id = split_part(natural_key, '/', 1)::uuid)
        when resource = 'directives' then exists (
            select from accountability.directive_delivery d where d.id = row_id)
        else true end
$fn$;
"""
_LOG_AFTER = (
    f"{OF_BUREAU} and case operation when 'access' then true "
    "else accountability.shows_entry(resource, row_id, natural_key) end"
)
_OWN_IMPORTS = (
    f"{OF_BUREAU} and subject = (select nullif(current_setting('app.subject', true), ''))"
)


def upgrade() -> None:
    """Keep whom a case names, and hide it from them."""
    _run(_COLUMNS)
    leave_out("accountability", "case_file", ["named", "named_schools"])
    leave_out("accountability", "respondent", ["works_at"])
    _fill()
    _run(_NAMED)
    _protect(_AFTER)
    for table, condition in _OWN.items():
        op.execute(
            f"create policy person on accountability.{table} for select "
            f"to junheng_accountability_person using ({condition})"
        )
    _run(_SHOWS_ENTRY)
    op.execute(f"alter policy bureau on accountability.change_log using ({_LOG_AFTER})")
    _imports_seen_by(_OWN_IMPORTS)
    # They revealed every case of the bureau, with time and account.
    unlog_changes("accountability", "case_counter")


def downgrade() -> None:
    """Forget it, and show every case again."""
    log_changes("accountability", "case_counter", ("year",), resource="case-counters")
    _imports_seen_by(OF_BUREAU)
    op.execute(f"alter policy bureau on accountability.change_log using ({OF_BUREAU})")
    op.execute("drop function accountability.shows_entry(text, uuid, text)")
    _protect(_BEFORE)
    for trigger in ("note_renamed", "note_named"):
        op.execute(f"drop trigger {trigger} on accountability.respondent")
    op.execute("drop function accountability.note_named()")
    for table in ("respondent", "case_file"):
        leave_in("accountability", table)
    op.execute(
        "alter table accountability.respondent drop column notified_at, drop column works_at"
    )
    op.execute(
        "alter table accountability.case_file drop column named_schools, drop column named, "
        "drop column proposer_staff_no"
    )


def _imports_seen_by(condition: str) -> None:
    """Imports of leads: those of the account that opened them, or all of the bureau's."""
    op.execute(
        f"alter policy bureau on accountability.import_job using ({condition}) "
        f"with check ({condition})"
    )


def _fill() -> None:
    """Fill the new columns; the owner, who migrates, sees all rows while nothing is forced."""
    tables = ("case_file", "respondent", "case_event")
    for table in tables:
        op.execute(f"alter table accountability.{table} no force row level security")
    _run(_FILL)
    for table in tables:
        op.execute(f"alter table accountability.{table} force row level security")


def _protect(protections: dict[str, Protection]) -> None:
    for table, protection in protections.items():
        unprotect("accountability", table)
        protect("accountability", table, protection)


def _run(script: str) -> None:
    for statement in script.strip().split("\n\n"):
        op.execute(statement)
