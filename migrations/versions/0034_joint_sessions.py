"""Joint sessions, in which employee and team lead hear a reported call together."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0031"
branch_labels = None
depends_on = None

ID = sa.String(length=32)
MOMENT = sa.DateTime(timezone=True)
OPEN, UNSUMMED = sa.text("closed_at IS NULL"), sa.text("summed_at IS NULL")


def upgrade() -> None:
    """There are none yet."""
    op.create_table(
        "joint_session",
        sa.Column("id", ID, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("incident_id", ID, nullable=False),
        sa.Column("employee_id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("ended_why", sa.String(length=16), nullable=True),
        sa.Column("summed_at", MOMENT, nullable=True),
        _to("joint_session", "recording_id", "recording", "CASCADE"),
        _to("joint_session", "incident_id", "incident", "CASCADE"),
        _to("joint_session", "employee_id", "person"),
        _to("joint_session", "lead_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_session")),
    )
    op.create_index("ix_joint_session_employee", "joint_session", ["employee_id"])
    op.create_index("ix_joint_session_recording", "joint_session", ["recording_id", "opened_at"])
    op.create_index("ix_joint_session_incident", "joint_session", ["incident_id"])
    _partial("uq_joint_session_open", "recording_id", OPEN, unique=True)
    _partial("ix_joint_session_unsummed", "closed_at", UNSUMMED, unique=False)
    _of_sessions()


def _of_sessions() -> None:
    """Who is there, where the sound stands, what was marked."""
    op.create_table(
        "joint_presence",
        sa.Column("joint_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        *(
            sa.Column(name, MOMENT, nullable=name == "left_at")
            for name in ("joined_at", "seen_at", "left_at")
        ),
        sa.Column("beside", sa.Boolean(), nullable=False),
        sa.Column("listening", sa.Boolean(), nullable=False),
        _to("joint_presence", "joint_id", "joint_session", "CASCADE"),
        _to("joint_presence", "person_id", "person"),
        sa.PrimaryKeyConstraint("joint_id", "person_id", name=op.f("pk_joint_presence")),
    )
    op.create_table(
        "joint_transport",
        sa.Column("joint_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("playing", sa.Boolean(), nullable=False),
        sa.Column("place_ms", sa.Integer(), nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.Column("moved_by_id", ID, nullable=True),
        _to("joint_transport", "joint_id", "joint_session", "CASCADE"),
        _to("joint_transport", "moved_by_id", "person"),
        sa.PrimaryKeyConstraint("joint_id", name=op.f("pk_joint_transport")),
    )
    op.create_table(
        "joint_mark",
        sa.Column("id", ID, nullable=False),
        sa.Column("joint_id", ID, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        _to("joint_mark", "joint_id", "joint_session", "CASCADE"),
        _to("joint_mark", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_mark")),
    )
    op.create_index("ix_joint_mark_joint", "joint_mark", ["joint_id", "made_at"])


def downgrade() -> None:
    """Sessions go, and what was marked in them; who heard what stays in the log."""
    for table in ("joint_mark", "joint_transport", "joint_presence", "joint_session"):
        op.drop_table(table)


def _to(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def _partial(name: str, column: str, where: sa.TextClause, *, unique: bool) -> None:
    op.create_index(
        name, "joint_session", [column], unique=unique, sqlite_where=where, postgresql_where=where
    )
