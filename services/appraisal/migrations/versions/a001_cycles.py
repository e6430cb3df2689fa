"""cycles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=100), nullable=True),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("calendar_day_pkey")),
        sa.UniqueConstraint("bureau_code", "day", name=op.f("calendar_day_bureau_code_day_key")),
        schema="appraisal",
    )
    op.create_table(
        "cycle",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("rule_set", sa.String(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("publicity_from", sa.Date(), nullable=True),
        sa.Column("publicity_to", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("determined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("cycle_pkey")),
        sa.UniqueConstraint("bureau_code", "year", name=op.f("cycle_bureau_code_year_key")),
        schema="appraisal",
    )
    op.create_table(
        "directive",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("directive_no", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("staff_no", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.String(length=500), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("directive_pkey")),
        sa.UniqueConstraint(
            "bureau_code", "directive_no", name=op.f("directive_bureau_code_directive_no_key")
        ),
        schema="appraisal",
    )
    op.create_index(
        op.f("directive_bureau_code_year_staff_no_idx"),
        "directive",
        ["bureau_code", "year", "staff_no"],
        unique=False,
        schema="appraisal",
    )
    op.create_table(
        "rule_set",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("rule_set_pkey")),
        sa.UniqueConstraint("bureau_code", "code", name=op.f("rule_set_bureau_code_code_key")),
        schema="appraisal",
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("staff_no", sa.String(), nullable=False),
        sa.Column("from_result", sa.String(), nullable=False),
        sa.Column("to_result", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_reason", sa.String(), nullable=True),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("directive_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["appraisal.cycle.id"], name=op.f("correction_cycle_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["directive_id"], ["appraisal.directive.id"], name=op.f("correction_directive_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("correction_pkey")),
        sa.UniqueConstraint("directive_id", name=op.f("correction_directive_id_key")),
        schema="appraisal",
    )
    op.create_index(
        op.f("correction_bureau_code_cycle_id_state_idx"),
        "correction",
        ["bureau_code", "cycle_id", "state"],
        unique=False,
        schema="appraisal",
    )
    op.create_table(
        "fact",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("staff_no", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("host_school_code", sa.String(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["appraisal.cycle.id"], name=op.f("fact_cycle_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("fact_pkey")),
        sa.UniqueConstraint(
            "bureau_code",
            "cycle_id",
            "staff_no",
            "kind",
            "starts_on",
            name=op.f("fact_bureau_code_cycle_id_staff_no_kind_starts_on_key"),
        ),
        schema="appraisal",
    )
    op.create_table(
        "participant",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("staff_no", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("school_name", sa.String(), nullable=False),
        sa.Column("post_category", sa.String(), nullable=False),
        sa.Column("post_level", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("duty", sa.String(), nullable=True),
        sa.Column("employed_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["appraisal.cycle.id"], name=op.f("participant_cycle_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("participant_pkey")),
        sa.UniqueConstraint("cycle_id", "staff_no", name=op.f("participant_cycle_id_staff_no_key")),
        schema="appraisal",
    )
    op.create_index(
        op.f("participant_cycle_id_school_code_staff_no_idx"),
        "participant",
        ["cycle_id", "school_code", "staff_no"],
        unique=False,
        schema="appraisal",
    )
    op.create_table(
        "result",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("staff_no", sa.String(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("total", sa.Numeric(precision=6, scale=3), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("is_graded", sa.Boolean(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["appraisal.cycle.id"], name=op.f("result_cycle_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("result_pkey")),
        sa.UniqueConstraint("cycle_id", "staff_no", name=op.f("result_cycle_id_staff_no_key")),
        schema="appraisal",
    )
    op.create_index(
        op.f("result_cycle_id_result_staff_no_idx"),
        "result",
        ["cycle_id", "result", "staff_no"],
        unique=False,
        schema="appraisal",
    )
    op.create_index(
        op.f("result_cycle_id_school_code_result_idx"),
        "result",
        ["cycle_id", "school_code", "result"],
        unique=False,
        schema="appraisal",
    )
    op.create_table(
        "school_quota",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("school_name", sa.String(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["appraisal.cycle.id"], name=op.f("school_quota_cycle_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("school_quota_pkey")),
        sa.UniqueConstraint(
            "cycle_id", "school_code", name=op.f("school_quota_cycle_id_school_code_key")
        ),
        schema="appraisal",
    )
    op.create_table(
        "score",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("virtue", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("ability", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("diligence", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("achievement", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("integrity", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("staff_no", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["appraisal.cycle.id"], name=op.f("score_cycle_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("score_pkey")),
        sa.UniqueConstraint(
            "bureau_code",
            "cycle_id",
            "staff_no",
            name=op.f("score_bureau_code_cycle_id_staff_no_key"),
        ),
        schema="appraisal",
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("score", schema="appraisal")
    op.drop_table("school_quota", schema="appraisal")
    op.drop_index(
        op.f("result_cycle_id_school_code_result_idx"), table_name="result", schema="appraisal"
    )
    op.drop_index(
        op.f("result_cycle_id_result_staff_no_idx"), table_name="result", schema="appraisal"
    )
    op.drop_table("result", schema="appraisal")
    op.drop_index(
        op.f("participant_cycle_id_school_code_staff_no_idx"),
        table_name="participant",
        schema="appraisal",
    )
    op.drop_table("participant", schema="appraisal")
    op.drop_table("fact", schema="appraisal")
    op.drop_index(
        op.f("correction_bureau_code_cycle_id_state_idx"),
        table_name="correction",
        schema="appraisal",
    )
    op.drop_table("correction", schema="appraisal")
    op.drop_table("rule_set", schema="appraisal")
    op.drop_index(
        op.f("directive_bureau_code_year_staff_no_idx"), table_name="directive", schema="appraisal"
    )
    op.drop_table("directive", schema="appraisal")
    op.drop_table("cycle", schema="appraisal")
    op.drop_table("calendar_day", schema="appraisal")
