"""The last time that was trusted, as stored; how it is judged stands in rules."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Double, String
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base


class ClockSeen(Base):
    """The one row that says when the clocks were last found good, and by which steady clock."""

    __tablename__ = "clock_seen"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    boot: Mapped[str] = mapped_column(String(64))
    steady: Mapped[float] = mapped_column(Double)
