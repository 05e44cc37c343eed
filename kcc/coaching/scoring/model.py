"""At which moment of the call a remark was made, as stored; the remark's text lies in its report."""

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base


class RemarkMoment(Base):
    """The moment of one remark, sealed under the recording's key, so that it dies with the sound (RET-8).

    Nothing tells when it was written. `remark` is the remark's own part of its field's name in the draft.
    """

    __tablename__ = "remark_moment"
    __table_args__ = (Index("ix_remark_moment_recording", "recording_id"),)

    report_id: Mapped[str] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), primary_key=True)
    remark: Mapped[str] = mapped_column(String(12), primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
