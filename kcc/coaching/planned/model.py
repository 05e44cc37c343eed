"""What planning keeps beside the dates: agreements not to announce, exceptions to the number, capacities."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class UnannouncedAgreement(Base):
    """An employee's request not to announce their dates, and what became of it (ANN-2).

    Waiting without `answered_at`; `agreed` says what the coach answered; over with `ended_at`, for
    `ended_why` (rules.Ended). `reason`, of a no, is sealed under the key of the row's id.
    """

    __tablename__ = "unannounced_agreement"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (coach_id IS NULL)", name="answered_by"),
        CheckConstraint("(answered_at IS NULL) = (agreed IS NULL)", name="answered"),
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended_why"),
        Index(
            "uq_unannounced_agreement_open",
            "employee_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    coach_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    agreed: Mapped[bool | None]
    reason: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(String(16))


class QuotaException(Base):
    """Another number of calls a month for an employee, from `begins` until the day before `ends` (SAM-2).

    `reason` is a rules.ExceptionReason; `explanation` is sealed under the key of the row's id. One that was
    taken back before its second day has `withdrawn_at`, and never was in force.
    """

    __tablename__ = "quota_exception"
    __table_args__ = (
        CheckConstraint("ends > begins", name="order"),
        CheckConstraint("calls >= 0", name="calls"),
        Index("ix_quota_exception_employee", "employee_id", "begins"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    coach_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(24))
    explanation: Mapped[bytes] = mapped_column(LargeBinary)
    calls: Mapped[int]
    begins: Mapped[date]
    ends: Mapped[date]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class CoachCapacity(Base):
    """For how many employees a coach says they can take a selection on one day."""

    __tablename__ = "coach_capacity"
    __table_args__ = (CheckConstraint("employees_a_day >= 1", name="some"),)

    coach_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    employees_a_day: Mapped[int]
    set_at: Mapped[datetime]
