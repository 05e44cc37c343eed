"""Consent to the use of calls, calibration sessions, and trainings."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ID = sa.String(length=32)
INSTANT = sa.DateTime(timezone=True)


def _id(name: str = "id") -> sa.Column[str]:
    return sa.Column(name, ID, nullable=False)


def _key(table: str, column: str, to: str, *, gone: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=gone)


def upgrade() -> None:
    """Seven tables; nothing that was there changes."""
    _trainings()
    _consents()
    _calibrations()
    op.create_table(
        "item_interpretation",
        _id(),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("nl", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("agreed_at", INSTANT, nullable=False),
        sa.CheckConstraint("nl <> '' OR en <> ''", name=op.f("ck_item_interpretation_said")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_interpretation")),
    )
    of_item = ["form_version", "item", "agreed_at"]
    op.create_index("ix_item_interpretation_item", "item_interpretation", of_item)


def _trainings() -> None:
    op.create_table(
        "training",
        _id(),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        _id("trainer_id"),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.CheckConstraint("ends >= begins", name=op.f("ck_training_order")),
        _key("training", "trainer_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
    )
    op.create_index("ix_training_trainer", "training", ["trainer_id"])
    op.create_table(
        "training_participant",
        _id("training_id"),
        _id("person_id"),
        _key("training_participant", "person_id", "person"),
        _key("training_participant", "training_id", "training", gone="CASCADE"),
        sa.PrimaryKeyConstraint("training_id", "person_id", name=op.f("pk_training_participant")),
    )
    op.create_index("ix_training_participant_person", "training_participant", ["person_id"])


def _consents() -> None:
    table = "call_consent"
    op.create_table(
        table,
        _id(),
        _id("recording_id"),
        _id("employee_id"),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("training_id", ID, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by_id", ID, nullable=True),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(purpose = 'training') = (training_id IS NOT NULL)", name=op.f("ck_call_consent_named")
        ),
        _key(table, "asked_by_id", "person"),
        _key(table, "employee_id", "person"),
        _key(table, "recording_id", "recording", gone="CASCADE"),
        _key(table, "training_id", "training"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_consent")),
        sa.UniqueConstraint("recording_id", "purpose", name=op.f("uq_call_consent_recording_id_purpose")),
    )
    op.create_index("ix_call_consent_employee", table, ["employee_id"])
    op.create_index("ix_call_consent_training", table, ["training_id"])


def _calibrations() -> None:
    op.create_table(
        "calibration",
        _id(),
        _id("consent_id"),
        _id("facilitator_id"),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("compared_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        _key("calibration", "consent_id", "call_consent", gone="CASCADE"),
        _key("calibration", "facilitator_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
    )
    op.create_index("ix_calibration_consent", "calibration", ["consent_id"])
    op.create_index(
        "uq_calibration_held",
        "calibration",
        ["consent_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_calibration_facilitator", "calibration", ["facilitator_id"])
    scorer = "calibration_scorer"
    op.create_table(
        scorer,
        _id("calibration_id"),
        _id("coach_id"),
        sa.Column("finished_at", INSTANT, nullable=True),
        _key(scorer, "calibration_id", "calibration", gone="CASCADE"),
        _key(scorer, "coach_id", "person"),
        sa.PrimaryKeyConstraint("calibration_id", "coach_id", name=op.f("pk_calibration_scorer")),
    )
    op.create_index("ix_calibration_scorer_coach", scorer, ["coach_id"])
    sheet = "calibration_sheet"
    op.create_table(
        sheet,
        _id(),
        _id("calibration_id"),
        _id("coach_id"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        _key(sheet, "calibration_id", "calibration", gone="CASCADE"),
        _key(sheet, "coach_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_sheet")),
        sa.UniqueConstraint("calibration_id", "coach_id", name=op.f(f"uq_{sheet}_calibration_id_coach_id")),
    )


def downgrade() -> None:
    """All seven go, with what people said and agreed."""
    for table in ("calibration_sheet", "calibration_scorer", "calibration", "call_consent"):
        op.drop_table(table)
    for table in ("training_participant", "training", "item_interpretation"):
        op.drop_table(table)
