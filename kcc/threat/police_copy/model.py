"""Copies for the police as stored: that one was made, on whose decision, until when, and when it went; the
copy itself is made while it is sent, and kept nowhere.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class PoliceCopy(Base):
    """A copy of a call that may be taken out once, until `expires_at` (THR-5), on a measure that both
    decided on; gone with the recording.

    `decision` (who decided what, and when) and `why` are sealed under the recording's key.
    `manifest_digest` is the SHA-256 of what was signed, once it went.
    """

    __tablename__ = "police_copy"
    __table_args__ = (
        CheckConstraint("expires_at > made_at", name="order"),
        CheckConstraint("(taken_at IS NULL) = (taken_by_id IS NULL)", name="taken"),
        Index("ix_police_copy_recording", "recording_id", "made_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"))
    measure_id: Mapped[str] = mapped_column(ForeignKey("incident_measure.id", ondelete="CASCADE"))
    made_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decision: Mapped[bytes] = mapped_column(LargeBinary)
    why: Mapped[bytes] = mapped_column(LargeBinary)
    taken_at: Mapped[datetime | None]
    taken_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    manifest_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
