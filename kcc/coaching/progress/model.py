"""What was published of the centre as a whole, quarter by quarter: counts of groups, nothing of anybody."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base


class CentreQuarter(Base):
    """A quarter whose figures were computed, once and for all; `day` is its first day."""

    __tablename__ = "centre_quarter"

    day: Mapped[date] = mapped_column(primary_key=True)
    computed_at: Mapped[datetime]


class CentreFigure(Base):
    """One item of one form in one quarter: how many people, and in which fifth their mean lies.

    `band` counts fifths of the way from "never met" to "always met": 0 to 4. Where too few people were
    asked there is no row.
    """

    __tablename__ = "centre_figure"
    __table_args__ = (
        CheckConstraint("people >= 5", name="five"),
        CheckConstraint("band BETWEEN 0 AND 4", name="fifths"),
    )

    quarter: Mapped[date] = mapped_column(ForeignKey("centre_quarter.day"), primary_key=True)
    form_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    people: Mapped[int]
    band: Mapped[int]
