"""Notices to people; the ends of functions and what follows from them; successors of coaches."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OPEN = "followed_at IS NULL AND withdrawn_at IS NULL"


def upgrade() -> None:
    """Ends that are known already came by an import: what follows waits for a person, 7 days at most."""
    _notices()
    _endings()
    _successions()
    op.execute(
        "INSERT INTO function_ending"
        " (id, period_id, person_id, function, ends, came_by, decided_at, decided_by)"
        " SELECT id, id, person_id, function, ends, 'import', CURRENT_TIMESTAMP, 'system:migrate'"
        " FROM function_period WHERE ends IS NOT NULL"
    )
    # In SQL that both engines take: to add the key by itself SQLite would have to make "report" anew.
    op.execute(
        "ALTER TABLE report ADD COLUMN written_by_id VARCHAR(32)"
        " CONSTRAINT fk_report_written_by_id REFERENCES person (id)"
    )


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("about_id", sa.String(length=32), nullable=True),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.ForeignKeyConstraint(["about_id"], ["person.id"], name=op.f("fk_notice_about_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_person", "notice", ["person_id", "told_at", "id"])
    op.create_index("ix_notice_about", "notice", ["about_id"])
    op.create_index("ix_notice_told", "notice", ["told_at"])
    _index("ix_notice_unread", "notice", ["person_id"], "read_at IS NULL")


def _endings() -> None:
    op.create_table(
        "function_ending",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("period_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("function", sa.String(length=32), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column("came_by", sa.String(length=8), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cut_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_function_ending_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_function_ending")),
    )
    op.create_index("ix_function_ending_person", "function_ending", ["person_id", "decided_at"])
    _index(
        "uq_function_ending_standing", "function_ending", ["period_id"], "withdrawn_at IS NULL", unique=True
    )
    _index("ix_function_ending_due", "function_ending", ["ends"], OPEN)


def _successions() -> None:
    op.create_table(
        "succession",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("coach_id", sa.String(length=32), nullable=False),
        sa.Column("employee_id", sa.String(length=32), nullable=False),
        sa.Column("successor_id", sa.String(length=32), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named_by", sa.String(length=80), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("coach_id <> successor_id", name=op.f("ck_succession_two_people")),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_succession_coach_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_succession_employee_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["person.id"], name=op.f("fk_succession_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_succession")),
    )
    op.create_index("ix_succession_coach", "succession", ["coach_id", "employee_id"])
    _index("ix_succession_due", "succession", ["begins"], OPEN)


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def downgrade() -> None:
    """Notices, pending ends and successions are forgotten; reports stay with whose they are now."""
    op.drop_column("report", "written_by_id")
    for table in ("succession", "function_ending", "notice"):
        op.drop_table(table)
