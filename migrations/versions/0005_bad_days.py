"""Bad days: the time last trusted, attempts at erasing, alarms told, and why and until when holds stand."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

REVIEWED = timedelta(days=90)
"""A hold of before is to be looked at within 3 months of being placed, or where it ends."""


def upgrade() -> None:
    """Five tables; holds of before get an owner and a review date, the clock its last time seen."""
    op.create_table(
        "clock_seen",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("boot", sa.String(length=64), nullable=False),
        sa.Column("steady", sa.Double(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_seen_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_seen")),
    )
    op.create_table(
        "erasure_attempt",
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recording.id"],
            name=op.f("fk_erasure_attempt_recording_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_erasure_attempt")),
    )
    op.create_table(
        "alarm",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alarm")),
    )
    op.create_table(
        "volume_seen",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_volume_seen_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volume_seen")),
    )
    # A table of its own: SQLite would have to make "hold" anew, and the incidents that hang on it would go.
    op.create_table(
        "hold_review",
        sa.Column("hold_id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("review_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["hold.id"], name=op.f("fk_hold_review_hold_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_hold_review_owner_id")),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_hold_review")),
    )
    _fill()
    _last_act()


def downgrade() -> None:
    """The tables go, with what they held."""
    for table in ("hold_review", "volume_seen", "alarm", "erasure_attempt", "clock_seen"):
        op.drop_table(table)


def _fill() -> None:
    """Who placed a hold owns it; why, nobody wrote down."""
    instant = sa.DateTime(timezone=True)
    hold = sa.table(
        "hold",
        sa.column("id", sa.String),
        sa.column("placed_by", sa.String),
        sa.column("placed_at", instant),
        sa.column("until", instant),
    )
    review = sa.table(
        "hold_review",
        sa.column("hold_id", sa.String),
        sa.column("owner_id", sa.String),
        sa.column("review_at", instant),
    )
    connection = op.get_bind()
    for id_, owner, placed_at, until in connection.execute(sa.select(*hold.c)).all():
        review_at = min(until, placed_at + REVIEWED)
        connection.execute(sa.insert(review).values(hold_id=id_, owner_id=owner, review_at=review_at))


def _last_act() -> None:
    """The last line of the audit tells when time was last good: an upgrade may wake up with a wrong clock."""
    audit = sa.table(
        "audit_line", sa.column("id", sa.BigInteger), sa.column("at", sa.DateTime(timezone=True))
    )
    seen = sa.table(
        "clock_seen",
        sa.column("id", sa.Integer),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("boot", sa.String),
        sa.column("steady", sa.Double),
    )
    at = op.get_bind().execute(sa.select(audit.c.at).order_by(audit.c.id.desc()).limit(1)).scalar()
    if at is not None:
        op.get_bind().execute(sa.insert(seen).values(id=1, at=at, boot="", steady=0.0))
