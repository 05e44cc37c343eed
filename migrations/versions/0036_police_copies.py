"""Copies of a threat's call for the police: that one was made, on whose decision, and when it went."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody had made any."""
    op.create_table(
        "police_copy",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("measure_id", sa.String(length=32), nullable=False),
        sa.Column("made_by_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.LargeBinary(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by_id", sa.String(length=32), nullable=True),
        sa.Column("manifest_digest", sa.LargeBinary(length=32), nullable=True),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_police_copy_order")),
        sa.CheckConstraint("(taken_at IS NULL) = (taken_by_id IS NULL)", name=op.f("ck_police_copy_taken")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_police_copy_recording_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["incident_measure.id"],
            name=op.f("fk_police_copy_measure_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_police_copy_made_by_id")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["person.id"], name=op.f("fk_police_copy_taken_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_police_copy")),
    )
    op.create_index("ix_police_copy_recording", "police_copy", ["recording_id", "made_at"])


def downgrade() -> None:
    """Copies that wait are lost; the audit keeps that others were taken out."""
    op.drop_index("ix_police_copy_recording", "police_copy")
    op.drop_table("police_copy")
