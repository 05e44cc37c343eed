"""Conversations about reports: the appointment, what both wrote and signed, and points that stay open."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Reports of before have none yet; what their forms say stays as it is."""
    op.create_table(
        "conversation",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("appointment", sa.LargeBinary(), nullable=True),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_conversation_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_conversation")),
    )
    op.create_table(
        "conversation_text",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.String(length=32), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_conversation_text_report_id")),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["person.id"], name=op.f("fk_conversation_text_saved_by_id")
        ),
        sa.PrimaryKeyConstraint("report_id", "part", name=op.f("pk_conversation_text")),
    )
    op.create_table(
        "signed_version",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_signed_version_report_id")),
        sa.PrimaryKeyConstraint("report_id", "version", name=op.f("pk_signed_version")),
    )
    op.create_table(
        "report_signature",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_signature_report_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_report_signature_person_id")),
        sa.PrimaryKeyConstraint("report_id", "version", "side", name=op.f("pk_report_signature")),
    )
    _points()


def _points() -> None:
    op.create_table(
        "improvement_point",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_in_id", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "closed_at IS NOT NULL OR closed_in_id IS NULL", name=op.f("ck_improvement_point_closed_when")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_improvement_point_report_id")),
        sa.ForeignKeyConstraint(
            ["closed_in_id"], ["report.id"], name=op.f("fk_improvement_point_closed_in_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvement_point")),
    )
    op.create_index("uq_improvement_point_report", "improvement_point", ["report_id", "ordinal"], unique=True)
    op.create_index("ix_improvement_point_closed_in", "improvement_point", ["closed_in_id"])


def downgrade() -> None:
    """Conversations go; the reports they were about stay."""
    op.drop_table("improvement_point")
    op.drop_table("report_signature")
    op.drop_table("signed_version")
    op.drop_table("conversation_text")
    op.drop_table("conversation")
