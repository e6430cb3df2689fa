"""Beside the job queue: starts and faults of jobs, and the periods of periodic ones."""

from alembic import context, op

revision = "c004"
down_revision = "c003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables in the service's schema."""
    schema = context.config.attributes["schema"]
    op.execute(
        f"""
        create table {schema}.job_run (
            job_id bigint primary key,
            starts integer not null,
            error text,
            failed_at timestamptz
        )
        """
    )
    op.execute(
        f"create table {schema}.job_period (kind text primary key, period timestamptz not null)"
    )


def downgrade() -> None:
    """Remove the tables."""
    schema = context.config.attributes["schema"]
    op.execute(f"drop table {schema}.job_period")
    op.execute(f"drop table {schema}.job_run")
