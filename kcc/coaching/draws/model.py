"""The phrases that employees mix into their draws, as stored; draws themselves are kcc.coaching.model's."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class DrawPhrase(Base):
    """A phrase that an employee set; the newest one counts, and one without `digest` means: none any more.

    `content` is sealed under the key of this id, and empty once that is to be destroyed (RET-8). `digest` is
    SHA-256(opening ‖ phrase), which a draw commits to before its secret is known; the opening is sealed, too.
    """

    __tablename__ = "draw_phrase"
    __table_args__ = (Index("ix_draw_phrase_employee", "employee_id", "set_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    set_at: Mapped[datetime]
