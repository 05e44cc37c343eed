"""Threat incidents as stored; the word on what happened is sealed under the recording's own key and dies
with it.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class Incident(Base):
    """An employee reports one of their own calls as a threat (THR-1)."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_employee", "employee_id", "reported_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), unique=True)
    hold_id: Mapped[str] = mapped_column(ForeignKey("hold.id", ondelete="CASCADE"))
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(16))
    account: Mapped[bytes] = mapped_column(LargeBinary)
    reported_at: Mapped[datetime]
