"""A conversation about a report as stored; every text is sealed under the report's key."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class Conversation(Base):
    """One row a report, from the first proposal or the first word written.

    `state` is a rules.Arranged; `appointment` is sealed JSON: the moments offered, the place, and what the
    employee asked. `begins_at` and `minutes` are what was agreed. `sequence` counts what calendars were told.
    `version` is the one that is being written, or has been signed by both. A change after a signature begins
    the next one; `reason` says why, where both had signed.
    """

    __tablename__ = "conversation"

    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), default="open")
    appointment: Mapped[bytes | None] = mapped_column(LargeBinary)
    begins_at: Mapped[datetime | None]
    minutes: Mapped[int | None]
    sequence: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)


class ConversationText(Base):
    """What stands in a part: the view of one of both, or what they write together (rules.Part).

    A view without `shared_at` is read by its writer alone. `revision` counts the saves.
    """

    __tablename__ = "conversation_text"

    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(16), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    shared_at: Mapped[datetime | None]


class SignedVersion(Base):
    """Exactly the text that a signature is about, sealed; `digest` is of that text with its salt."""

    __tablename__ = "signed_version"

    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class ReportSignature(Base):
    """Who signed a version, as employee or as coach, and when."""

    __tablename__ = "report_signature"

    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    side: Mapped[str] = mapped_column(String(16), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class ImprovementPoint(Base):
    """A point for improvement that both agreed; open until both sign in a later report that it is closed.

    Sealed under the key of the report it was agreed in, and gone with it.
    """

    __tablename__ = "improvement_point"
    __table_args__ = (
        CheckConstraint("closed_at IS NOT NULL OR closed_in_id IS NULL", name="closed_when"),
        Index("uq_improvement_point_report", "report_id", "ordinal", unique=True),
        Index("ix_improvement_point_closed_in", "closed_in_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"))
    ordinal: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    agreed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_in_id: Mapped[str | None] = mapped_column(ForeignKey("report.id"))
