"""Second opinions: who asked for one on which report, who gave it, and what came of it (REP-8)."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLE = "second_opinion"
ID = sa.String(length=32)
STANDING = sa.text("ended_at IS NULL")


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _person(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_{TABLE}_{name}"))


def upgrade() -> None:
    """One table; no report of before has one."""
    op.create_table(
        TABLE,
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("employee_id", ID, nullable=False),
        sa.Column("coach_id", ID, nullable=True),
        sa.Column("author_id", ID, nullable=True),
        _moment("asked_at", nullable=False),
        _moment("ends_at", nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("second_id", ID, nullable=True),
        _moment("taken_at"),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        _moment("saved_at"),
        _moment("finished_at"),
        _moment("ended_at"),
        sa.Column("ended_why", sa.String(length=16), nullable=True),
        sa.Column("conclusion", sa.LargeBinary(), nullable=True),
        sa.Column("conclusion_revision", sa.Integer(), nullable=False),
        _moment("conclusion_saved_at"),
        _moment("employee_agreed_at"),
        _moment("coach_agreed_at"),
        sa.Column("coach_agreed_id", ID, nullable=True),
        _moment("concluded_at"),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("ck_second_opinion_ended_why")
        ),
        sa.CheckConstraint("(second_id IS NULL) = (taken_at IS NULL)", name=op.f("ck_second_opinion_taken")),
        sa.CheckConstraint(
            "finished_at IS NULL OR second_id IS NOT NULL", name=op.f("ck_second_opinion_finished_by")
        ),
        sa.CheckConstraint(
            "concluded_at IS NULL OR finished_at IS NOT NULL", name=op.f("ck_second_opinion_concluded")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_second_opinion_report_id")),
        *(_person(name) for name in ("employee_id", "coach_id", "author_id", "second_id", "coach_agreed_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_opinion")),
    )
    op.create_index(
        "uq_second_opinion_standing",
        TABLE,
        ["report_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_index("ix_second_opinion_report", TABLE, ["report_id", "asked_at"])
    op.create_index("ix_second_opinion_second", TABLE, ["second_id", "ended_at"])
    op.create_index("ix_second_opinion_open", TABLE, ["ended_at", "finished_at"])


def downgrade() -> None:
    """What was asked and answered goes; the reports stay as they are."""
    for index in ("open", "second", "report"):
        op.drop_index(f"ix_second_opinion_{index}", TABLE)
    op.drop_index("uq_second_opinion_standing", TABLE)
    op.drop_table(TABLE)
