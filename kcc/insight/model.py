"""What the watch over the audit noticed, and how far it has looked, as stored; judging is rules'."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class WatchEvent(Base):
    """Somebody read more than is usual: `count` acts of this kind between `since` and `until`.

    `actor_id` is a person's, or names a machine. `told_at` is when the officer was written to; what they
    found stands in the audit, under this id.
    """

    __tablename__ = "watch_event"
    __table_args__ = (
        CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled"),
        Index("ix_watch_event_noticed", "noticed_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(80))
    since: Mapped[datetime]
    until: Mapped[datetime]
    count: Mapped[int]
    noticed_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class WatchLook(Base):
    """The one row that says up to when the audit has been watched."""

    __tablename__ = "watch_look"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[datetime]
