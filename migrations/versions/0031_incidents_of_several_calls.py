"""An incident may be of several calls, has a state, measures, reasons to be kept longer, and counts."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0028"
branch_labels = None
depends_on = None

ID = sa.String(length=32)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Incidents of before are open, each with the one call that it had; nobody wished for contact."""
    # SQLite makes the table of incidents anew, which would empty what refers to it: so their calls come last.
    op.execute(
        "CREATE TABLE kcc_calls_aside AS SELECT id AS incident_id, recording_id, hold_id FROM incident"
    )
    with op.batch_alter_table("incident") as batch:
        batch.drop_constraint("fk_incident_hold_id", type_="foreignkey")
        batch.drop_constraint("uq_incident_recording_id", type_="unique")
        batch.drop_column("hold_id")
        batch.add_column(sa.Column("state", sa.String(length=12), nullable=False, server_default="open"))
        batch.add_column(sa.Column("wishes_contact", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("told_id", ID, nullable=True))
        batch.create_foreign_key(op.f("fk_incident_told_id"), "person", ["told_id"], ["id"])
        for name in ("left_at", "ending_by_employee_at", "ending_by_lead_at", "ended_at", "reminded_of"):
            batch.add_column(sa.Column(name, MOMENT, nullable=True))
    with op.batch_alter_table("incident") as batch:
        batch.alter_column("state", server_default=None)
        batch.alter_column("wishes_contact", server_default=None)
    op.create_index("ix_incident_recording", "incident", ["recording_id"])
    _calls()
    op.execute(
        "INSERT INTO incident_call (incident_id, recording_id, hold_id)"
        " SELECT incident_id, recording_id, hold_id FROM kcc_calls_aside"
    )
    op.drop_table("kcc_calls_aside")
    _measures()
    _extensions()
    op.create_table(
        "threat_tally",
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("word", sa.String(length=24), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("quarter", "word", name=op.f("pk_threat_tally")),
    )


def _calls() -> None:
    op.create_table(
        "incident_call",
        sa.Column("incident_id", ID, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("hold_id", ID, nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=True),
        _to("incident_call", "incident_id", "incident", "CASCADE"),
        _to("incident_call", "recording_id", "recording", "CASCADE"),
        _to("incident_call", "hold_id", "hold", "CASCADE"),
        sa.PrimaryKeyConstraint("incident_id", "recording_id", name=op.f("pk_incident_call")),
    )
    op.create_index("ix_incident_call_recording", "incident_call", ["recording_id"])


def _measures() -> None:
    op.create_table(
        "incident_measure",
        sa.Column("id", ID, nullable=False),
        sa.Column("incident_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("employee_at", MOMENT, nullable=True),
        sa.Column("lead_id", ID, nullable=True),
        sa.Column("lead_at", MOMENT, nullable=True),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint("(lead_id IS NULL) = (lead_at IS NULL)", name=op.f("ck_incident_measure_lead")),
        _to("incident_measure", "incident_id", "incident", "CASCADE"),
        _to("incident_measure", "owner_id", "person"),
        _to("incident_measure", "lead_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_measure")),
    )
    op.create_index("ix_incident_measure_incident", "incident_measure", ["incident_id"])


def _extensions() -> None:
    op.create_table(
        "incident_extension",
        sa.Column("id", ID, nullable=False),
        sa.Column("incident_id", ID, nullable=False),
        sa.Column("linked_id", ID, nullable=True),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _to("incident_extension", "incident_id", "incident", "CASCADE"),
        _to("incident_extension", "linked_id", "incident", "SET NULL"),
        _to("incident_extension", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_extension")),
    )
    op.create_index("ix_incident_extension_incident", "incident_extension", ["incident_id"])


def _to(table: str, column: str, other: str, gone: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=gone)


def downgrade() -> None:
    """An incident has the call it was kept under alone; measures, reasons and counts are lost, and of two
    incidents about one call the newer one stays.
    """
    op.drop_table("threat_tally")
    op.drop_index("ix_incident_extension_incident", "incident_extension")
    op.drop_table("incident_extension")
    op.drop_index("ix_incident_measure_incident", "incident_measure")
    op.drop_table("incident_measure")
    op.execute(
        "CREATE TABLE kcc_calls_aside AS SELECT incident_call.* FROM incident_call JOIN incident ON"
        " incident.id = incident_id AND incident.recording_id = incident_call.recording_id"
    )
    op.drop_index("ix_incident_call_recording", "incident_call")
    op.drop_table("incident_call")
    op.execute("DELETE FROM incident WHERE id NOT IN (SELECT incident_id FROM kcc_calls_aside)")
    op.execute(
        "DELETE FROM incident WHERE EXISTS (SELECT 1 FROM incident newer"
        " WHERE newer.recording_id = incident.recording_id AND"
        " (newer.reported_at > incident.reported_at"
        " OR newer.reported_at = incident.reported_at AND newer.id > incident.id))"
    )
    op.drop_index("ix_incident_recording", "incident")
    with op.batch_alter_table("incident") as batch:
        batch.drop_constraint("fk_incident_told_id", type_="foreignkey")
        for name in ("left_at", "ending_by_employee_at", "ending_by_lead_at", "ended_at", "reminded_of"):
            batch.drop_column(name)
        for name in ("told_id", "wishes_contact", "state"):
            batch.drop_column(name)
        batch.add_column(sa.Column("hold_id", ID, nullable=True))
        batch.create_unique_constraint("uq_incident_recording_id", ["recording_id"])
    op.execute(
        "UPDATE incident SET hold_id = (SELECT hold_id FROM kcc_calls_aside WHERE incident_id = incident.id)"
    )
    op.drop_table("kcc_calls_aside")
    with op.batch_alter_table("incident") as batch:
        batch.alter_column("hold_id", existing_type=ID, nullable=False)
        batch.create_foreign_key("fk_incident_hold_id", "hold", ["hold_id"], ["id"], ondelete="CASCADE")
