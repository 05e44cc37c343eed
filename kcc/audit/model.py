"""The audit line as stored: a salted commitment that stays, and a body that can go on its own term."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Serial


class AuditLine(Base):
    """One act or refusal (ACC-5). `commitment` = SHA-256(salt ‖ body); body, salt and the query columns
    are personal.
    """

    __tablename__ = "audit_line"
    # An id is never given twice, also not after the last line went.
    __table_args__ = (
        Index("ix_audit_line_about", "about_id", "at"),
        Index("ix_audit_line_subject", "subject", "action"),
        Index("ix_audit_line_actor", "actor_id", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    body: Mapped[str | None] = mapped_column(Text)
    actor_id: Mapped[str | None] = mapped_column(String(80))
    about_id: Mapped[str | None] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str | None] = mapped_column(String(40))
    allowed: Mapped[bool]
