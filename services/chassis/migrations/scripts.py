"""Scripts of SQL in migrations of the chassis: the same for every service's schema."""

from alembic import context, op

from services.chassis.database.row_security import LEVELS


def run_script(script: str, **more: str) -> None:
    """Run a script, one statement a paragraph, in the schema that is migrated.

    Args:
        script: with `{schema}`, `{owner}`, `{roles}` (its login and all levels) and each level by
            its name to be filled in.
        more: further names and what is filled in for them.
    """
    schema = context.config.attributes["schema"]
    login = f"junheng_{schema}"
    levels = {level: f"{login}_{level}" for level in LEVELS}
    roles = ", ".join([login, *levels.values()])
    names = levels | {"schema": schema, "owner": f"{login}_owner", "roles": roles} | more
    for statement in script.strip().split("\n\n"):
        op.execute(statement.format(**names))
