"""What employees said to the use of their calls, as stored; it goes with the recording (RET-4)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class CallConsent(Base):
    """One use of one recording: asked about once, and what its employee said to it (CAL-1).

    `state` is a kcc.access.facts.Consent. Without `asked_by_id` the employee offered the call. For training
    it is about the named one.
    """

    __tablename__ = "call_consent"
    __table_args__ = (
        UniqueConstraint("recording_id", "purpose"),
        CheckConstraint("(purpose = 'training') = (training_id IS NOT NULL)", name="named"),
        Index("ix_call_consent_employee", "employee_id"),
        Index("ix_call_consent_training", "training_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"))
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    training_id: Mapped[str | None] = mapped_column(ForeignKey("training.id"))
    state: Mapped[str] = mapped_column(String(16))
    asked_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
