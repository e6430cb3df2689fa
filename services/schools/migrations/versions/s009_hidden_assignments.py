"""Of persons restricted or erased before, the feed tells the assignments no more, either."""

from alembic import op

revision = "s009"
down_revision = "s008"
branch_labels = None
depends_on = None

_FORCED = ("staff", "assignment", "change_log", "change_withheld")
# As `personal_data/service.py` does it from now on.
_HIDE = """
insert into schools.change_withheld (row_id, bureau_code, instead, seen_with, hides_entries)
select a.id, s.bureau_code, '{}', 'staff:pii', true
from schools.staff s join (
    select id, bureau_code, staff_no from schools.assignment
    union
    select row_id, bureau_code, changes ->> 'staff_no' from schools.change_log
    where resource = 'assignments' and operation = 'delete'
) a using (bureau_code, staff_no)
where s.restricted_at is not null
on conflict (row_id) do nothing
"""


def upgrade() -> None:
    """Enter them."""
    # The owner, who migrates, sees all rows only while nothing is forced on it.
    for table in _FORCED:
        op.execute(f"alter table schools.{table} no force row level security")
    op.execute(_HIDE)
    for table in _FORCED:
        op.execute(f"alter table schools.{table} force row level security")


def downgrade() -> None:
    """Tell them again."""
    op.execute("alter table schools.change_withheld no force row level security")
    op.execute("delete from schools.change_withheld where hides_entries")
    op.execute("alter table schools.change_withheld force row level security")
