"""Selection dates, draws, slots and reports as stored; a report's text is sealed under its own key."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class SelectionDate(Base):
    """The day on which an employee's calls of a month are drawn, announced beforehand (ANN-1).

    `state` is a kcc.coaching.rules.SelectionState.
    """

    __tablename__ = "selection_date"
    __table_args__ = (
        UniqueConstraint("employee_id", "month", "ordinal"),
        CheckConstraint("announced_at IS NOT NULL", name="announced"),
        Index("ix_selection_date_due", "state", "day"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    month: Mapped[date]
    ordinal: Mapped[int] = mapped_column(default=1)
    day: Mapped[date]
    announced_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16), default="announced")


class SeedChain(Base):
    """A hash chain of draw secrets: `published_end` is known before the first draw, `used` are given out."""

    __tablename__ = "seed_chain"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    published_end: Mapped[bytes] = mapped_column(LargeBinary(32))
    length: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class Draw(Base):
    """One draw: its frozen pool's root (committed first), then the secret, and the proof of both (SAM-3).

    `pool` holds the calls' random ids in sorted order, one a line, and is kept for 13 months, beyond the
    recordings' lives: one value and not a row a call, of which a large centre would write millions a year.
    `seed` is kept, so that a replacement needs no phrase; without one nothing was drawn.
    """

    __tablename__ = "draw"
    __table_args__ = (UniqueConstraint("chain_id", "chain_index"), Index("ix_draw_employee", "employee_id"))

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    selection_id: Mapped[str] = mapped_column(ForeignKey("selection_date.id"), unique=True)
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    rule_version: Mapped[str] = mapped_column(String(16))
    pool_size: Mapped[int]
    pool_root: Mapped[bytes] = mapped_column(LargeBinary(32))
    pool: Mapped[str | None] = mapped_column(Text)
    committed_at: Mapped[datetime]
    phrase_id: Mapped[str | None] = mapped_column(ForeignKey("draw_phrase.id"))
    chain_id: Mapped[str] = mapped_column(ForeignKey("seed_chain.id"))
    chain_index: Mapped[int]
    secret: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    seed: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    drawn_at: Mapped[datetime | None]


class SlotAllowance(Base):
    """The numbered slots of an employee's month: 1 to 4, more only by a dated exception (SAM-1, SAM-2)."""

    __tablename__ = "slot_allowance"
    __table_args__ = (CheckConstraint("slot BETWEEN 1 AND 4 OR exception_id IS NOT NULL", name="four"),)

    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    exception_id: Mapped[str | None] = mapped_column(Id)


class SampledCall(Base):
    """A drawn call in a numbered slot; no two live in one slot (SAM-1).

    `left_at` says when it left the sample (the coach's access ends there); `freed_ordinal` that its slot
    became free by that, numbered in the month: at most four (SAM-1). A fifth leaves too, and frees nothing.
    """

    __tablename__ = "sampled_call"
    __table_args__ = (
        ForeignKeyConstraint(
            ["employee_id", "month", "slot"],
            ["slot_allowance.employee_id", "slot_allowance.month", "slot_allowance.slot"],
        ),
        UniqueConstraint("draw_number", "recording_id"),
        UniqueConstraint("employee_id", "month", "freed_ordinal"),
        CheckConstraint("freed_ordinal BETWEEN 1 AND 4", name="four_freed"),
        CheckConstraint("(left_at IS NULL) = (left_reason IS NULL)", name="left_why"),
        CheckConstraint("freed_ordinal IS NULL OR left_at IS NOT NULL", name="freed_left"),
        Index(
            "uq_sampled_call_live_slot",
            "employee_id",
            "month",
            "slot",
            unique=True,
            sqlite_where=text("freed_ordinal IS NULL"),
            postgresql_where=text("freed_ordinal IS NULL"),
        ),
        Index("ix_sampled_call_recording", "recording_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    draw_number: Mapped[int] = mapped_column(ForeignKey("draw.number"))
    recording_id: Mapped[str] = mapped_column(Id)
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    month: Mapped[date]
    slot: Mapped[int]
    ticket: Mapped[bytes] = mapped_column(LargeBinary(32))
    drawn_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    left_reason: Mapped[str | None] = mapped_column(String(20))
    freed_ordinal: Mapped[int | None]


class Report(Base):
    """One monitored call's report, its `content` sealed JSON under the key of the report's id.

    It is `coach_id`'s now; `written_by_id` wrote it, if that is somebody else (REP-6). `revision` counts the
    saves. Without content the report is discarded, and only its last traces remain. `created_at` is the start
    of the day on which it was begun, no more: how long somebody worked on it is not recorded.
    """

    __tablename__ = "report"
    __table_args__ = (
        Index("ix_report_employee", "employee_id", "finished_at"),
        Index("ix_report_coach", "coach_id", "finished_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    sampled_call_id: Mapped[str] = mapped_column(ForeignKey("sampled_call.id"), unique=True)
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    coach_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    written_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    form_version: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
