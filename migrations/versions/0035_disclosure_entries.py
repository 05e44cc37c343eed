"""The register of covered copies of calls, for callers and for disclosure."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody had registered any."""
    op.create_table(
        "disclosure_entry",
        sa.Column("number", SERIAL, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=True),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_disclosure_entry_order")),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recording.id"],
            name=op.f("fk_disclosure_entry_recording_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_disclosure_entry_by_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_disclosure_entry")),
        sa.UniqueConstraint("id", name=op.f("uq_disclosure_entry_id")),
    )
    op.create_index("ix_disclosure_entry_recording", "disclosure_entry", ["recording_id"])


def downgrade() -> None:
    """What was registered is lost; the audit keeps that copies were taken out."""
    op.drop_index("ix_disclosure_entry_recording", "disclosure_entry")
    op.drop_table("disclosure_entry")
