"""registry."""

import sqlalchemy as sa
from alembic import op

revision = "s001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "bureau",
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
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("bureau_pkey")),
        sa.UniqueConstraint("bureau_code", name=op.f("bureau_bureau_code_key")),
        schema="schools",
    )
    op.create_table(
        "school",
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
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("school_type", sa.String(), nullable=False),
        sa.Column("area_type", sa.String(), nullable=False),
        sa.Column("parent_code", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("enrolment", sa.Integer(), nullable=True),
        sa.Column("local_code", sa.String(length=32), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("school_pkey")),
        sa.UniqueConstraint(
            "bureau_code", "school_code", name=op.f("school_bureau_code_school_code_key")
        ),
        sa.UniqueConstraint("school_code", name=op.f("school_school_code_key")),
        schema="schools",
    )
    op.create_index(
        op.f("school_bureau_code_created_at_id_idx"),
        "school",
        ["bureau_code", "created_at", "id"],
        unique=False,
        schema="schools",
    )
    op.create_index(
        op.f("school_bureau_code_name_id_idx"),
        "school",
        ["bureau_code", "name", "id"],
        unique=False,
        schema="schools",
    )
    op.create_table(
        "staff",
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
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("post_category", sa.String(), nullable=False),
        sa.Column("post_level", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("duty", sa.String(length=50), nullable=True),
        sa.Column("employed_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("bureau_code", sa.String(), nullable=False),
        sa.Column("id_number_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_masked", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_pkey")),
        sa.UniqueConstraint(
            "bureau_code", "id_number_index", name=op.f("staff_bureau_code_id_number_index_key")
        ),
        sa.UniqueConstraint("bureau_code", "staff_no", name=op.f("staff_bureau_code_staff_no_key")),
        schema="schools",
    )
    op.create_index(
        op.f("staff_bureau_code_created_at_id_idx"),
        "staff",
        ["bureau_code", "created_at", "id"],
        unique=False,
        schema="schools",
    )
    op.create_index(
        op.f("staff_bureau_code_name_id_idx"),
        "staff",
        ["bureau_code", "name", "id"],
        unique=False,
        schema="schools",
    )
    op.create_index(
        op.f("staff_bureau_code_school_code_staff_no_idx"),
        "staff",
        ["bureau_code", "school_code", "staff_no"],
        unique=False,
        schema="schools",
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(
        op.f("staff_bureau_code_school_code_staff_no_idx"), table_name="staff", schema="schools"
    )
    op.drop_index(op.f("staff_bureau_code_name_id_idx"), table_name="staff", schema="schools")
    op.drop_index(op.f("staff_bureau_code_created_at_id_idx"), table_name="staff", schema="schools")
    op.drop_table("staff", schema="schools")
    op.drop_index(op.f("school_bureau_code_name_id_idx"), table_name="school", schema="schools")
    op.drop_index(
        op.f("school_bureau_code_created_at_id_idx"), table_name="school", schema="schools"
    )
    op.drop_table("school", schema="schools")
    op.drop_table("bureau", schema="schools")
