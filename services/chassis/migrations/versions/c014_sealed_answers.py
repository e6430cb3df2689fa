"""Answers under an `Idempotency-Key` are sealed, and cleared away by their age.

Those kept until now were readable. They are dropped: a request that is repeated across this
migration is done again.
"""

from alembic import context, op

from services.chassis.database.row_security import EVERYBODY, LEVELS, Protection, protect

revision = "c014"
down_revision = "c013"
branch_labels = None
depends_on = None

_OWN = "subject = (select nullif(current_setting('app.subject', true), ''))"
_COMMON = "created_at timestamptz not null default now()"


def upgrade() -> None:
    """Create the table anew; its rows are their caller's, and the service's to clear away."""
    schema = context.config.attributes["schema"]
    op.execute(f"drop table {schema}.idempotency")
    op.execute(
        f"create table {schema}.idempotency (subject text not null, sealed_key bytea not null, "
        f"digest bytea not null, answer bytea, about uuid[], {_COMMON}, "
        "primary key (subject, sealed_key))"
    )
    op.execute(f"create index on {schema}.idempotency (created_at)")
    own = dict.fromkeys(LEVELS, _OWN)
    protect(schema, "idempotency", Protection(**own | {"service": EVERYBODY}))


def downgrade() -> None:
    """Bring back the table as c003 made it, empty."""
    schema = context.config.attributes["schema"]
    op.execute(f"drop table {schema}.idempotency")
    op.execute(
        f"create table {schema}.idempotency (subject text not null, key text not null, "
        f"digest bytea not null, status integer, headers text, body bytea, {_COMMON}, "
        "primary key (subject, key))"
    )
    op.execute(f"create index on {schema}.idempotency (subject, created_at)")
    protect(schema, "idempotency", Protection(**dict.fromkeys(LEVELS, _OWN)))
