"""Calibration sessions, their blind sheets and what was agreed, as stored.

A session goes with its call's consent, and that with the recording; sheets are sealed under the recording's
key. What was agreed stays, and knows no call.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class Calibration(Base):
    """Several coaches score one call alone, until the end of the day `ends`; since `compared_at` the sheets
    lie open to all of them.
    """

    __tablename__ = "calibration"
    __table_args__ = (
        Index("ix_calibration_consent", "consent_id"),
        Index(
            "uq_calibration_held",
            "consent_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_calibration_facilitator", "facilitator_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    consent_id: Mapped[str] = mapped_column(ForeignKey("call_consent.id", ondelete="CASCADE"))
    facilitator_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    form_version: Mapped[int]
    ends: Mapped[date]
    created_at: Mapped[datetime]
    compared_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class CalibrationScorer(Base):
    """A coach who scores in a session, and when they had finished."""

    __tablename__ = "calibration_scorer"
    __table_args__ = (Index("ix_calibration_scorer_coach", "coach_id"),)

    calibration_id: Mapped[str] = mapped_column(
        ForeignKey("calibration.id", ondelete="CASCADE"), primary_key=True
    )
    coach_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    finished_at: Mapped[datetime | None]


class CalibrationSheet(Base):
    """What one coach answered, sealed JSON under the key of the recording; `revision` counts the saves."""

    __tablename__ = "calibration_sheet"
    __table_args__ = (UniqueConstraint("calibration_id", "coach_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    calibration_id: Mapped[str] = mapped_column(ForeignKey("calibration.id", ondelete="CASCADE"))
    coach_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime]


class ItemInterpretation(Base):
    """How coaches agreed that an item of a form version is meant; the newest of an item counts."""

    __tablename__ = "item_interpretation"
    __table_args__ = (
        Index("ix_item_interpretation_item", "form_version", "item", "agreed_at"),
        CheckConstraint("nl <> '' OR en <> ''", name="said"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    form_version: Mapped[int]
    item: Mapped[int]
    nl: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    agreed_at: Mapped[datetime]
