"""Callers found by number: a day's key has a row, a recording the digest of its caller's number."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table and two columns; recordings of before are given a digest by a command.

    Tombstones are brought under their key by the next erasure, which has the key store at hand.
    """
    op.create_table(
        "caller_day",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller_day")),
        sa.UniqueConstraint("day", name=op.f("uq_caller_day_day")),
    )
    # Said in SQL that both engines take: to add the key by itself SQLite would have to make "recording" anew,
    # and all that hangs on its rows would go.
    op.execute(
        "ALTER TABLE recording ADD COLUMN caller_day_id VARCHAR(32)"
        " CONSTRAINT fk_recording_caller_day_id REFERENCES caller_day (id)"
    )
    op.add_column("recording", sa.Column("caller_digest", sa.LargeBinary(32), nullable=True))
    op.create_index("ix_recording_caller", "recording", ["caller_day_id", "caller_digest"])
    op.add_column("tombstone", sa.Column("keyed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_tombstone_bare",
        "tombstone",
        ["recording_id"],
        sqlite_where=sa.text("keyed = 0"),
        postgresql_where=sa.text("NOT keyed"),
    )


def downgrade() -> None:
    """Callers are no longer found; the keys of their days remain in the key store, where reconciling
    names them. Tombstones that were brought under their key no longer know their call again.
    """
    op.drop_index("ix_tombstone_bare", "tombstone")
    op.drop_column("tombstone", "keyed")
    op.drop_index("ix_recording_caller", "recording")
    op.drop_column("recording", "caller_digest")
    op.drop_column("recording", "caller_day_id")
    op.drop_table("caller_day")
