"""Cases of weighty reasons as stored: all that a case says is sealed under a key of its own id, which goes a
term after its end; a quarter's counts stay.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class Case(Base):
    """A case about one employee. `ends_at`, `listener_id` and `tell_on` are those of the last decision
    that two signed; `told_at` is when the employee was told; `ending` is why it ended, sealed.

    A person has one case at a time. Since `erased_at` nothing of what it said is left.
    """

    __tablename__ = "weighty_case"
    __table_args__ = (
        Index("ix_weighty_case_employee", "employee_id", "made_at"),
        Index(
            "uq_weighty_case_standing",
            "employee_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    ends_at: Mapped[datetime]
    listener_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    tell_on: Mapped[date | None]
    postponed: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    how: Mapped[str | None] = mapped_column(String(16))
    ending: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    erased_at: Mapped[datetime | None]

    @property
    def last_moment(self) -> datetime:
        """An instant of its last day, for people who ask for a day."""
        return self.ends_at - timedelta(seconds=1)


class CaseDecision(Base):
    """What two sign: that a case opens, takes longer, or that the employee is told later; its words sealed.

    It takes effect with the second signature; one that was withdrawn before never does.
    """

    __tablename__ = "case_decision"
    __table_args__ = (
        Index("ix_case_decision_case", "case_id", "made_at"),
        Index(
            "uq_case_decision_waiting",
            "case_id",
            unique=True,
            sqlite_where=text("effective_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("effective_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("weighty_case.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    listener_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    ends_at: Mapped[datetime]
    tell_on: Mapped[date | None]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    effective_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class CaseSignature(Base):
    """One of the two signatures under a decision, with the seat that its signer held at that moment."""

    __tablename__ = "case_signature"
    __table_args__ = (UniqueConstraint("decision_id", "person_id"),)

    decision_id: Mapped[str] = mapped_column(
        ForeignKey("case_decision.id", ondelete="CASCADE"), primary_key=True
    )
    seat: Mapped[str] = mapped_column(String(16), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime]


class CaseCall(Base):
    """A call that a case names, and the hold that keeps it, if one does; the call may be gone before its
    case.
    """

    __tablename__ = "case_call"
    __table_args__ = (
        UniqueConstraint("case_id", "recording_id"),
        Index("ix_case_call_recording", "recording_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("weighty_case.id", ondelete="CASCADE"))
    recording_id: Mapped[str] = mapped_column(Id)
    hold_id: Mapped[str | None] = mapped_column(Id)


class CaseCount(Base):
    """How many cases came to something in a quarter (its first day): about nobody, and kept."""

    __tablename__ = "case_count"

    quarter: Mapped[date] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int]
