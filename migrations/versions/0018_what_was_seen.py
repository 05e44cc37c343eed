"""How much of a call was fetched to be heard, refusals found by their time, and what the watch noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leases of before count as summed up: nobody knows what was heard of them."""
    op.add_column("playback_lease", sa.Column("fetched", sa.LargeBinary(length=125), nullable=True))
    op.add_column("playback_lease", sa.Column("summed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE playback_lease SET summed_at = opened_at")
    op.create_index(
        "ix_playback_lease_unsummed",
        "playback_lease",
        ["ends_at"],
        sqlite_where=sa.text("summed_at IS NULL"),
        postgresql_where=sa.text("summed_at IS NULL"),
    )
    op.create_index(
        "ix_audit_line_refused",
        "audit_line",
        ["at", "commitment"],
        sqlite_where=sa.text("allowed = 0"),
        postgresql_where=sa.text("NOT allowed"),
    )
    op.create_table(
        "watch_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by IS NULL)", name=op.f("ck_watch_event_settled")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_watch_event_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_event")),
    )
    op.create_index("ix_watch_event_noticed", "watch_event", ["noticed_at", "id"])
    op.create_table(
        "watch_look",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_watch_look_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_look")),
    )


def downgrade() -> None:
    """What was heard of calls and what the watch noticed is forgotten; the audit's lines stay."""
    op.drop_table("watch_look")
    op.drop_table("watch_event")
    op.drop_index("ix_audit_line_refused", table_name="audit_line")
    op.drop_index("ix_playback_lease_unsummed", table_name="playback_lease")
    op.drop_column("playback_lease", "summed_at")
    op.drop_column("playback_lease", "fetched")
