"""Versions of the QM form as stored; what stands in a body is criteria.shape's."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base


class FormVersion(Base):
    """One version of the form: a draft, put forward by a coach, or published by a second one (REP-2).

    A published row is refused every change by triggers of the database; version 1 is the protocol's own and
    nobody's. `revision` counts the saves of the draft; `starts_on` is the first day on which new reports are
    written on it. An unpublished row without `saved_by` is a draft that was discarded: its body is that of
    the version before, and its revision goes on counting, so that no page of the discarded one fits the next.
    """

    __tablename__ = "form_version"
    __table_args__ = (
        CheckConstraint("version > 0", name="numbered"),
        CheckConstraint("(proposed_by IS NULL) = (proposed_at IS NULL)", name="proposed"),
        CheckConstraint("proposed_by IS NULL OR starts_on IS NOT NULL", name="proposed_from"),
        CheckConstraint("(confirmed_by IS NULL) = (published_at IS NULL) OR version = 1", name="confirmed"),
        CheckConstraint("published_at IS NULL OR starts_on IS NOT NULL", name="published_from"),
        CheckConstraint(
            "published_at IS NULL OR version = 1"
            " OR (proposed_by IS NOT NULL AND confirmed_by IS NOT NULL AND proposed_by <> confirmed_by)",
            name="two_persons",
        ),
    )

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date | None]
    proposed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
