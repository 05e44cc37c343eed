"""Summaries for the appraisal cycle as stored: text and view sealed under a key of their own."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id

_OPEN = text("passed_at IS NULL")


class AppraisalSummary(Base):
    """What a coach writes about an employee's cycle; without content it is being erased.

    Written until `sent_at`, when the employee gets it; read by them at `read_at`; the team lead's from
    `passed_at` on. `since` to `until` (both included) is the period, its year, `cycle`, is all that is told.
    """

    __tablename__ = "appraisal_summary"
    __table_args__ = (
        CheckConstraint("passed_at IS NULL OR read_at IS NOT NULL", name="read_first"),
        CheckConstraint("read_at IS NULL OR sent_at IS NOT NULL", name="sent_first"),
        Index("ix_appraisal_summary_employee", "employee_id"),
        Index(
            "uq_appraisal_summary_open",
            "employee_id",
            "cycle",
            "coach_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    coach_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    cycle: Mapped[int]
    since: Mapped[date]
    until: Mapped[date]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    view: Mapped[bytes | None] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]
