"""Notices as stored: one of kcc's own sentences with its names and days, to one person, until its term; and
the letters that say there are some.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class Notice(Base):
    """`word` is a key of words.SENTENCES, `params` what stands in its places, `about_id` whom it names.

    `entry` is for the person's own calendar (iCalendar); `letter_id` the letter that speaks of it,
    `mailed_at` when a mail server took that.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_person", "person_id", "told_at", "id"),
        Index("ix_notice_about", "about_id"),
        Index("ix_notice_told", "told_at"),
        Index("ix_notice_letter", "letter_id"),
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
    entry: Mapped[str | None] = mapped_column(Text)
    letter_id: Mapped[str | None] = mapped_column(ForeignKey("letter.id"))


class Letter(Base):
    """A mail that says there is something to read: one open at a time for each person, until it went."""

    __tablename__ = "letter"
    __table_args__ = (
        Index(
            "uq_letter_open",
            "person_id",
            unique=True,
            sqlite_where=text("sent_at IS NULL AND given_up_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    next_try: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]


class MailChoice(Base):
    """When a person wants letters, where they chose; `how` is a kcc.notices.rules.How."""

    __tablename__ = "mail_choice"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    how: Mapped[str] = mapped_column(String(16))
    chosen_at: Mapped[datetime]
