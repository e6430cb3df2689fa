"""Cases, respondents, history, numbers, directives."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "k001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "case_counter",
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
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("case_counter_pkey")),
        sa.UniqueConstraint("bureau_code", "year", name=op.f("case_counter_bureau_code_year_key")),
        schema="accountability",
    )
    op.create_table(
        "case_file",
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
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("facts", sa.String(length=10000), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("school_name", sa.String(), nullable=True),
        sa.Column("state", sa.String(), server_default="lead", nullable=False),
        sa.Column("opened_by", sa.String(), nullable=True),
        sa.Column("opinion", sa.String(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=True),
        sa.Column("returned_reason", sa.String(), nullable=True),
        sa.Column("rejected_reason", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decision_no", sa.String(), nullable=True),
        sa.Column("basis", sa.String(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("assessment_year", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("case_file_pkey")),
        sa.UniqueConstraint(
            "bureau_code", "case_no", name=op.f("case_file_bureau_code_case_no_key")
        ),
        schema="accountability",
    )
    op.create_index(
        op.f("case_file_bureau_code_created_at_id_idx"),
        "case_file",
        ["bureau_code", "created_at", "id"],
        unique=False,
        schema="accountability",
    )
    op.create_index(
        op.f("case_file_bureau_code_found_on_id_idx"),
        "case_file",
        ["bureau_code", "found_on", "id"],
        unique=False,
        schema="accountability",
    )
    op.create_index(
        op.f("case_file_bureau_code_school_code_case_no_idx"),
        "case_file",
        ["bureau_code", "school_code", "case_no"],
        unique=False,
        schema="accountability",
    )
    op.create_table(
        "case_event",
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
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["accountability.case_file.id"], name=op.f("case_event_case_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("case_event_pkey")),
        sa.UniqueConstraint("case_id", "entry", name=op.f("case_event_case_id_entry_key")),
        schema="accountability",
    )
    op.create_table(
        "directive_delivery",
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
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("directive_no", sa.String(), nullable=False),
        sa.Column("staff_no", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["accountability.case_file.id"],
            name=op.f("directive_delivery_case_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("directive_delivery_pkey")),
        sa.UniqueConstraint(
            "case_id", "staff_no", name=op.f("directive_delivery_case_id_staff_no_key")
        ),
        sa.UniqueConstraint("directive_no", name=op.f("directive_delivery_directive_no_key")),
        schema="accountability",
    )
    op.create_table(
        "respondent",
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
        sa.Column("responsibility", sa.String(), nullable=False),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=True),
        sa.Column("measure_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["accountability.case_file.id"], name=op.f("respondent_case_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("respondent_pkey")),
        sa.UniqueConstraint("case_id", "staff_no", name=op.f("respondent_case_id_staff_no_key")),
        schema="accountability",
    )
    op.create_index(
        op.f("respondent_bureau_code_staff_no_idx"),
        "respondent",
        ["bureau_code", "staff_no"],
        unique=False,
        schema="accountability",
    )

    # The history is evidence: entries can be added, never changed.
    op.execute(
        """
        create function accountability.refuse_rewriting() returns trigger language plpgsql as $$
        begin
            raise exception 'entries of a case history are never changed';
        end $$
        """
    )
    op.execute(
        """
        create trigger append_only before update or delete on accountability.case_event
        for each row execute function accountability.refuse_rewriting()
        """
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(
        op.f("respondent_bureau_code_staff_no_idx"),
        table_name="respondent",
        schema="accountability",
    )
    op.drop_table("respondent", schema="accountability")
    op.drop_table("directive_delivery", schema="accountability")
    op.drop_table("case_event", schema="accountability")
    op.drop_index(
        op.f("case_file_bureau_code_school_code_case_no_idx"),
        table_name="case_file",
        schema="accountability",
    )
    op.drop_index(
        op.f("case_file_bureau_code_found_on_id_idx"),
        table_name="case_file",
        schema="accountability",
    )
    op.drop_index(
        op.f("case_file_bureau_code_created_at_id_idx"),
        table_name="case_file",
        schema="accountability",
    )
    op.drop_table("case_file", schema="accountability")
    op.drop_table("case_counter", schema="accountability")
    op.execute("drop function accountability.refuse_rewriting()")
