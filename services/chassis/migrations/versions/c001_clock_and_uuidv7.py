"""The clock's offset, and `uuidv7()` where PostgreSQL (16, 17) does not have it yet."""

from alembic import context, op

revision = "c001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the chassis's tables in the service's schema."""
    schema = context.config.attributes["schema"]
    op.execute(
        f"""
        create table {schema}.clock (
            only_row boolean primary key default true check (only_row),
            offset_seconds double precision not null default 0
        )
        """
    )
    op.execute(f"insert into {schema}.clock default values")
    # RFC 9562: 48 bits of milliseconds, version 7, the rest random.
    op.execute(
        f"""
        do $do$ begin
        if to_regprocedure('pg_catalog.uuidv7()') is null then
            create function {schema}.uuidv7() returns uuid language sql volatile as $fn$
                select encode(
                    set_bit(set_bit(
                        overlay(uuid_send(gen_random_uuid()) placing
                            substring(int8send((extract(epoch from clock_timestamp()) * 1000)
                                ::bigint) from 3) from 1 for 6),
                        52, 1), 53, 1), 'hex')::uuid
            $fn$;
        end if;
        end $do$
        """
    )


def downgrade() -> None:
    """Remove the chassis's tables."""
    schema = context.config.attributes["schema"]
    op.execute(f"drop function if exists {schema}.uuidv7()")
    op.execute(f"drop table {schema}.clock")
