"""What is published of the centre by quarter, and summaries for the appraisal cycle."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is there yet: the job computes the quarters that are closed."""
    op.create_table(
        "centre_quarter",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_centre_quarter")),
    )
    op.create_table(
        "centre_figure",
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("form_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.CheckConstraint("people >= 5", name=op.f("ck_centre_figure_five")),
        sa.CheckConstraint("band BETWEEN 0 AND 4", name=op.f("ck_centre_figure_fifths")),
        sa.ForeignKeyConstraint(["quarter"], ["centre_quarter.day"], name=op.f("fk_centre_figure_quarter")),
        sa.PrimaryKeyConstraint("quarter", "form_version", "item", name=op.f("pk_centre_figure")),
    )
    op.create_table(
        "appraisal_summary",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("coach_id", sa.String(length=32), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("view", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "passed_at IS NULL OR read_at IS NOT NULL", name=op.f("ck_appraisal_summary_read_first")
        ),
        sa.CheckConstraint(
            "read_at IS NULL OR sent_at IS NOT NULL", name=op.f("ck_appraisal_summary_sent_first")
        ),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["person.id"], name=op.f("fk_appraisal_summary_employee_id")
        ),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_appraisal_summary_coach_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_summary")),
    )
    op.create_index("ix_appraisal_summary_employee", "appraisal_summary", ["employee_id"])
    op.create_index(
        "uq_appraisal_summary_open",
        "appraisal_summary",
        ["employee_id", "cycle", "coach_id"],
        unique=True,
        sqlite_where=sa.text("passed_at IS NULL"),
        postgresql_where=sa.text("passed_at IS NULL"),
    )


def downgrade() -> None:
    """Summaries and published figures are lost; their keys are strays, which the sweep destroys."""
    op.drop_table("appraisal_summary")
    op.drop_table("centre_figure")
    op.drop_table("centre_quarter")
