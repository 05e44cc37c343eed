"""Joint sessions, who is present in them, where their sound stands and what was marked, as stored; all of it
hangs on the recording and goes with it.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class JointSession(Base):
    """An hour at most in which employee and team lead may hear one reported call together.

    `ended_why` is a kcc.threat.joint_listening.rules.Why; `summed_at` is when its line with both names stood
    in the log.
    """

    __tablename__ = "joint_session"
    __table_args__ = (
        Index("ix_joint_session_employee", "employee_id"),
        Index("ix_joint_session_recording", "recording_id", "opened_at"),
        Index("ix_joint_session_incident", "incident_id"),
        Index(
            "uq_joint_session_open",
            "recording_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_joint_session_unsummed",
            "closed_at",
            sqlite_where=text("summed_at IS NULL"),
            postgresql_where=text("summed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"))
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(String(16))
    summed_at: Mapped[datetime | None]


class JointPresence(Base):
    """The last sign of one of the two: in which browser (`session_id`), and whether they sit beside the other
    (`beside`), where they proved at `joined_at` who they are; `listening` once their sound is open.
    """

    __tablename__ = "joint_presence"

    joint_id: Mapped[str] = mapped_column(
        ForeignKey("joint_session.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    session_id: Mapped[str] = mapped_column(Id)
    joined_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    beside: Mapped[bool] = mapped_column(default=False)
    listening: Mapped[bool] = mapped_column(default=False)


class JointTransport(Base):
    """Where the sound of both stands: at `place_ms` when it was last moved, and on from there if it plays."""

    __tablename__ = "joint_transport"

    joint_id: Mapped[str] = mapped_column(
        ForeignKey("joint_session.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(default=0)
    playing: Mapped[bool] = mapped_column(default=False)
    place_ms: Mapped[int] = mapped_column(default=0)
    moved_at: Mapped[datetime]
    moved_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class JointMark(Base):
    """A moment that one of both marked for both; `place` is sealed under the recording's key (RET-8)."""

    __tablename__ = "joint_mark"
    __table_args__ = (Index("ix_joint_mark_joint", "joint_id", "made_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    joint_id: Mapped[str] = mapped_column(ForeignKey("joint_session.id", ondelete="CASCADE"))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    place: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
