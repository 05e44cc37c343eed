"""The register of covered copies as stored: which request, of which call, what is covered, until when."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, Serial, new_id


class DisclosureEntry(Base):
    """A registered request for a copy of one call (SUB-2, GOV-3), open from `made_at` until `expires_at`.

    `reference` says which request it is, `marks` what is covered in the copy: both sealed under the
    recording's key. When the recording is erased the entry stays, without its call, and nobody can
    read either.
    """

    __tablename__ = "disclosure_entry"
    __table_args__ = (
        CheckConstraint("expires_at > made_at", name="order"),
        Index("ix_disclosure_entry_recording", "recording_id"),
    )

    number: Mapped[int] = mapped_column(Serial, primary_key=True)
    id: Mapped[str] = mapped_column(Id, unique=True, default=new_id)
    purpose: Mapped[str] = mapped_column(String(40))
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recording.id", ondelete="SET NULL"))
    reference: Mapped[bytes] = mapped_column(LargeBinary)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    marks: Mapped[bytes | None] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime | None]
