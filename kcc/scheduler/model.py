"""Runs of jobs and standing alarms as stored; which jobs there are stands in timetable."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class JobRun(Base):
    """One run of one job for one due time, which no second runner can claim again."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "due_at"), Index("ix_job_run_latest", "job", "started_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    job: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    detail: Mapped[str | None] = mapped_column(String(400))


class Alarm(Base):
    """An alarm that stands: since when, and when the administrator was last written to about it."""

    __tablename__ = "alarm"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    since: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
