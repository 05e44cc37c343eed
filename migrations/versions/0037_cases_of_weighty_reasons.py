"""Cases of weighty reasons, and recordings that only a case keeps: hidden from all others as if erased."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

STANDING = sa.text("ended_at IS NULL")
WAITING = sa.text("effective_at IS NULL AND withdrawn_at IS NULL")
AT = sa.DateTime(timezone=True)
ID = sa.String(length=32)


def upgrade() -> None:
    """No recording is kept by a case yet, and no lease is hidden."""
    for name in ("kept_until", "shown_until", "left_at"):
        op.add_column("recording", sa.Column(name, AT, nullable=True))
    op.add_column(
        "playback_lease", sa.Column("untold", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    if op.get_bind().dialect.name != "sqlite":  # SQLite would have to make the table anew for it
        op.alter_column("playback_lease", "untold", server_default=None)
    _case()
    _decision()
    op.create_table(
        "case_call",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("hold_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["weighty_case.id"], name=op.f("fk_case_call_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_call")),
        sa.UniqueConstraint("case_id", "recording_id", name=op.f("uq_case_call_case_id_recording_id")),
    )
    op.create_index("ix_case_call_recording", "case_call", ["recording_id"])
    op.create_table(
        "case_count",
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("quarter", "what", name=op.f("pk_case_count")),
    )


def _case() -> None:
    op.create_table(
        "weighty_case",
        sa.Column("id", ID, nullable=False),
        sa.Column("employee_id", ID, nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("opened_at", AT, nullable=True),
        sa.Column("ends_at", AT, nullable=False),
        sa.Column("listener_id", ID, nullable=False),
        sa.Column("tell_on", sa.Date(), nullable=True),
        sa.Column("postponed", sa.Integer(), nullable=False),
        sa.Column("told_at", AT, nullable=True),
        sa.Column("suspended_at", AT, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("how", sa.String(length=16), nullable=True),
        sa.Column("ending", sa.LargeBinary(), nullable=False),
        sa.Column("erased_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["person.id"], name=op.f("fk_weighty_case_employee_id")),
        sa.ForeignKeyConstraint(["listener_id"], ["person.id"], name=op.f("fk_weighty_case_listener_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weighty_case")),
    )
    op.create_index("ix_weighty_case_employee", "weighty_case", ["employee_id", "made_at"])
    op.create_index(
        "uq_weighty_case_standing",
        "weighty_case",
        ["employee_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def _decision() -> None:
    op.create_table(
        "case_decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("listener_id", ID, nullable=False),
        sa.Column("ends_at", AT, nullable=False),
        sa.Column("tell_on", sa.Date(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("effective_at", AT, nullable=True),
        sa.Column("withdrawn_at", AT, nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["weighty_case.id"], name=op.f("fk_case_decision_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["listener_id"], ["person.id"], name=op.f("fk_case_decision_listener_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_decision")),
    )
    op.create_index("ix_case_decision_case", "case_decision", ["case_id", "made_at"])
    op.create_index(
        "uq_case_decision_waiting",
        "case_decision",
        ["case_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "case_signature",
        sa.Column("decision_id", ID, nullable=False),
        sa.Column("seat", sa.String(length=16), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("signed_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["case_decision.id"],
            name=op.f("fk_case_signature_decision_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_signature_person_id")),
        sa.PrimaryKeyConstraint("decision_id", "seat", name=op.f("pk_case_signature")),
        sa.UniqueConstraint("decision_id", "person_id", name=op.f("uq_case_signature_decision_id_person_id")),
    )


def downgrade() -> None:
    """Cases are lost, and what only they kept goes in the next run; their keys are strays then."""
    for table in ("case_count", "case_call", "case_signature", "case_decision", "weighty_case"):
        op.drop_table(table)
    op.execute("DELETE FROM hold_review WHERE hold_id IN (SELECT id FROM hold WHERE kind = 'case')")
    op.execute("DELETE FROM hold WHERE kind = 'case'")
    op.drop_column("playback_lease", "untold")
    for name in ("left_at", "shown_until", "kept_until"):
        op.drop_column("recording", name)
