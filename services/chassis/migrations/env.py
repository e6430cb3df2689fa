"""Alembic's environment, shared by every tree; configured by `services.chassis.runtime.migrate`."""

from alembic import context

from services.chassis.runtime.migrate import environment_options

context.configure(**environment_options(context.config))
with context.begin_transaction():
    context.run_migrations()
