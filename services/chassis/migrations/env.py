"""Alembic's environment, shared by every tree; configured by `services.chassis.runtime.migrate`."""

from alembic import context

options = context.config.attributes["options"]
context.configure(**options(context.config))
with context.begin_transaction():
    context.run_migrations()
