"""What the web itself keeps: budgets of those who ask, and counts of browsers' reports; about nobody."""

from datetime import date

from sqlalchemy import Double, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base


class Budget(Base):
    """How far somebody's budget is spent, in seconds since 1970; `key` is a keyed digest of whose it is."""

    __tablename__ = "budget"
    __table_args__ = (Index("ix_budget_spent_until", "spent_until"),)

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    spent_until: Mapped[float] = mapped_column(Double)


class BrowserReport(Base):
    """How often browsers refused something on our pages that day, by the directive that forbade it."""

    __tablename__ = "browser_report"

    day: Mapped[date] = mapped_column(primary_key=True)
    directive: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]
