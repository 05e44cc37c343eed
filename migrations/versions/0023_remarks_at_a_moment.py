"""At which moment of a call a remark was made; and of when a report was begun only the day."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

CENTRE = ZoneInfo("Europe/Amsterdam")


def upgrade() -> None:
    """A table that hangs on report and recording; how long somebody worked on a report is forgotten."""
    op.create_table(
        "remark_moment",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("remark", sa.String(length=12), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_remark_moment_report_id_report"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recording.id"],
            name=op.f("fk_remark_moment_recording_id_recording"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "remark", name=op.f("pk_remark_moment")),
    )
    op.create_index("ix_remark_moment_recording", "remark_moment", ["recording_id"])
    _begun_on_a_day()


def downgrade() -> None:
    """The moments go, the remarks' texts stay in their reports; days do not become moments again."""
    op.drop_index("ix_remark_moment_recording", "remark_moment")
    op.drop_table("remark_moment")


def _begun_on_a_day() -> None:
    report = sa.table(
        "report", sa.column("id", sa.String), sa.column("created_at", sa.DateTime(timezone=True))
    )
    connection = op.get_bind()
    for id_, begun in connection.execute(sa.select(report.c.id, report.c.created_at)).all():
        day = _start_of_day(begun)
        connection.execute(sa.update(report).where(report.c.id == id_).values(created_at=day))


def _start_of_day(instant: datetime) -> datetime:
    """The start of the centre's day in UTC; as bare of a zone as the database gave the instant."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    start = aware.astimezone(CENTRE).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    return start if instant.tzinfo else start.replace(tzinfo=None)
