"""Notices as stored: one of kcc's own sentences with its names and days, to one person, until its term."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class Notice(Base):
    """`word` is a key of words.SENTENCES, `params` what stands in its places, `about_id` whom it names."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_person", "person_id", "told_at", "id"),
        Index("ix_notice_about", "about_id"),
        Index("ix_notice_told", "told_at"),
        Index(
            "ix_notice_unread",
            "person_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    about_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    word: Mapped[str] = mapped_column(String(40))
    params: Mapped[str] = mapped_column(Text)
    told_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
