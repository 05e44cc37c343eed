"""A second opinion as stored: why it was asked, the second coach's sheet and the conclusion, sealed under its
own key; the report it is about is kcc.coaching.model's.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class SecondOpinion(Base):
    """One request on one report; no two stand at once.

    `coach_id` has the report now and `author_id` wrote it: neither may be `second_id`, who took the request.
    Everything sealed is so under the key of this row's id. `content` is the second coach's sheet; empty: its
    key is to be destroyed; None: it is destroyed. `ended_why` is a rules.Ended.
    """

    __tablename__ = "second_opinion"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended_why"),
        CheckConstraint("(second_id IS NULL) = (taken_at IS NULL)", name="taken"),
        CheckConstraint("finished_at IS NULL OR second_id IS NOT NULL", name="finished_by"),
        CheckConstraint("concluded_at IS NULL OR finished_at IS NOT NULL", name="concluded"),
        Index(
            "uq_second_opinion_standing",
            "report_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_second_opinion_report", "report_id", "asked_at"),
        Index("ix_second_opinion_second", "second_id", "ended_at"),
        Index("ix_second_opinion_open", "ended_at", "finished_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"))
    recording_id: Mapped[str] = mapped_column(Id)
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    coach_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    why: Mapped[bytes | None] = mapped_column(LargeBinary)
    second_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime | None]
    form_version: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(String(16))
    conclusion: Mapped[bytes | None] = mapped_column(LargeBinary)
    conclusion_revision: Mapped[int] = mapped_column(default=0)
    conclusion_saved_at: Mapped[datetime | None]
    employee_agreed_at: Mapped[datetime | None]
    coach_agreed_at: Mapped[datetime | None]
    coach_agreed_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    concluded_at: Mapped[datetime | None]
