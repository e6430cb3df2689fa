"""Rename publicity to public notice (公示): columns, state, rule, resource, and the change log."""

from alembic import op

from services.chassis.migrations.renamed import rename_resource_of_jobs, rewrite_entries, unlogged

revision = "a006"
down_revision = "a005"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("publicity_from", "public_notice_from_on"),
    ("publicity_to", "public_notice_to_on"),
)
_RULE = ("publicity_working_days", "public_notice_working_days")
_STATE = ("publicised", "public_notice")
_RESOURCE = ("publicity", "public-notice")


def upgrade() -> None:
    """Apply the change."""
    _rename(_COLUMNS, _RULE, _STATE, _RESOURCE)


def downgrade() -> None:
    """Take the change back."""
    columns = tuple((new, old) for old, new in _COLUMNS)
    _rename(columns, *((new, old) for old, new in (_RULE, _STATE, _RESOURCE)))


def _rename(
    columns: tuple[tuple[str, str], ...],
    rule: tuple[str, str],
    state: tuple[str, str],
    resource: tuple[str, str],
) -> None:
    for old, new in columns:
        op.execute(f"alter table appraisal.cycle rename column {old} to {new}")
    with unlogged("appraisal", "cycle"):
        op.execute(f"update appraisal.cycle set state = '{state[1]}' where state = '{state[0]}'")
        _rename_rule("cycle", *rule)
    with unlogged("appraisal", "rule_set"):
        _rename_rule("rule_set", *rule)
    _rename_in_log([*columns, rule], *state)
    rewrite_entries("appraisal", {"resource": f"'{resource[1]}'"}, f"resource = '{resource[0]}'")
    rename_resource_of_jobs("appraisal", *resource)


def _rename_rule(table: str, old: str, new: str) -> None:
    op.execute(
        f"update appraisal.{table} "
        f"set rules = rules - '{old}' || jsonb_build_object('{new}', rules -> '{old}') "
        f"where rules ? '{old}'"
    )


def _rename_in_log(names: list[tuple[str, str]], state: str, new_state: str) -> None:
    changed = "changes::text"
    for old, new in names:
        changed = rf"""regexp_replace({changed}, '"{old}"(\s*:)', '"{new}"\1', 'g')"""
    # The state in an insert or delete, or the one before or after an update.
    for before in (r"\[?\s*", r"\[\s*\"\w+\"\s*,\s*"):
        pattern = rf'("state"\s*:\s*{before})"{state}"'.replace(r"\"", '"')
        changed = rf"""regexp_replace({changed}, '{pattern}', '\1"{new_state}"')"""
    found = "|".join(old for old, _ in [*names, (state, "")])
    rewrite_entries(
        "appraisal",
        {"changes": f"({changed})::json"},
        "resource in ('cycles', 'rule-sets') and operation <> 'access' "
        f"""and changes::text ~ '"({found})"'""",
    )
