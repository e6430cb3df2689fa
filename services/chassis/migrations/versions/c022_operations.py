"""Imports and exports have the columns that the operation engine uses."""

from services.chassis.migrations.scripts import run_script

revision = "c022"
down_revision = "c021"
branch_labels = None
depends_on = None

_UP = """
alter table {schema}.import_job rename column carried_by to worker_job_id;

alter table {schema}.export_job
    add column worker_job_id bigint,
    add column breaks smallint not null default 0;
"""
_DOWN = """
alter table {schema}.export_job
    drop column worker_job_id,
    drop column breaks;

alter table {schema}.import_job rename column worker_job_id to carried_by;
"""


def upgrade() -> None:
    """Name the columns alike in the service's schema."""
    run_script(_UP)


def downgrade() -> None:
    """Name them as before."""
    run_script(_DOWN)
