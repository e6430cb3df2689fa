"""Rights to tables that hold nobody's rows, and so have no row security: the queue's, Alembic's.

Every new table of a schema can be read and written at every level (`deploy/postgres/roles.sql`).
Of these each level gets what it needs, by name, and nothing else: payloads of jobs carry staff
numbers, and who may delete from the queue may lose others' work.

The login itself, which no request acts as, keeps the queue: the worker is logged in as it.
"""

import asyncpg

from services.chassis.database.row_security import LEVELS

# Also what a later version of the queue, or another tree of migrations, brings along.
CLOSED = r"^(pgqueuer|alembic_version|job_run$|job_period$)"

_NAMES = """
select relname as name, relkind = 'S' as is_sequence from pg_class
where relnamespace = $1::regnamespace and relkind in ('r', 'p', 'v', 'S') and relname ~ $2
"""
_INSERTED = "id, priority, entrypoint, payload, execute_after, dedupe_key, headers, status"
# To add a job, and be told its number.
_ENQUEUE = (
    "insert ({inserted}) on {schema}.pgqueuer to {levels}",
    "select (id, priority, entrypoint, dedupe_key) on {schema}.pgqueuer to {levels}",
    "insert (job_id, status, entrypoint, priority) on {schema}.pgqueuer_log to {levels}",
    "usage on sequence {schema}.pgqueuer_id_seq to {levels}",
)
# Platform administrators look after jobs without seeing what these work on.
_LOOK_AFTER = (
    "select (attempts, created, execute_after, status) on {schema}.pgqueuer to {platform}",
    "select on {schema}.job_run to {platform}",
)
# The service itself finds jobs by their payload, and puts parked ones back.
_OF_SERVICE = (
    "select, update (status, attempts, execute_after, updated) on {schema}.pgqueuer to {service}",
    "select, update (starts) on {schema}.job_run to {service}",
)


async def limit_rights(connection: "asyncpg.Connection[asyncpg.Record]", service: str) -> None:
    """Give every level of `service` its rights to these tables, as their owner; in one piece."""
    login = f"junheng_{service}"
    levels = {level: f"{login}_{level}" for level in LEVELS}
    names = levels | {
        "schema": service,
        "levels": ", ".join(levels.values()),
        "inserted": _INSERTED,
    }
    async with connection.transaction():
        for row in await connection.fetch(_NAMES, service, CLOSED):
            kind = "sequence" if row["is_sequence"] else "table"
            losing = names["levels"]
            if row["name"].startswith("alembic_version"):
                losing += f", {login}"  # the owner's alone: migrations go by them
            await connection.execute(f"revoke all on {kind} {service}.{row['name']} from {losing}")
        for grant in (*_ENQUEUE, *_LOOK_AFTER, *_OF_SERVICE):
            await connection.execute(f"grant {grant.format(**names)}")
