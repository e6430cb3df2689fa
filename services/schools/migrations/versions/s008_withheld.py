"""Of persons restricted or erased before, the change log tells no more than of later ones."""

from alembic import op

revision = "s008"
down_revision = "s007"
branch_labels = None
depends_on = None

_FORCED = ("staff", "change_log", "change_withheld")
# As `personal_data/service.py` does it from now on. The entry of the restriction or erasure is the
# last one that changed its time; when that has been dropped, none is left to hide anything in.
_WITHHOLD = """
insert into schools.change_withheld (row_id, bureau_code, instead, seen_with, xid)
select s.id, s.bureau_code,
    (select jsonb_object_agg(key, case when s.erased_at is null then '"***"' else value end)
        from jsonb_each(to_jsonb(s)) where key in ('name', 'school_code', 'post_category',
            'post_level', 'title', 'duty', 'employed_on', 'left_on', 'status', 'id_number_masked',
            'gender', 'birth_date')),
    case when s.erased_at is null then 'staff:pii' end,
    coalesce((select l.xid from schools.change_log l where l.row_id = s.id
        and l.operation = 'update' and l.changes::jsonb ?
            case when s.erased_at is null then 'restricted_at' else 'erased_at' end
        order by l.position desc, l.id desc limit 1), pg_current_xact_id())
from schools.staff s where s.restricted_at is not null
on conflict (row_id) do nothing
"""


def upgrade() -> None:
    """Enter them."""
    # The owner, who migrates, sees all rows only while nothing is forced on it.
    for table in _FORCED:
        op.execute(f"alter table schools.{table} no force row level security")
    op.execute(_WITHHOLD)
    for table in _FORCED:
        op.execute(f"alter table schools.{table} force row level security")


def downgrade() -> None:
    """Nothing to take back: the table goes with the chassis's migration."""
