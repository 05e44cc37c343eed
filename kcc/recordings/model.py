"""Recordings, their holds, leases, lines and tombstones, as stored; when they end is computed in rules."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class Line(Base):
    """A line or queue of the exchange and what the protocol says of its calls (PUR-3, PUR-4, PUR-5,
    SAM-4), as it stands now; what it was before stands in its changes.

    `revision` grows with each change; `kind_since` is the last change of its kind, None if there was none.
    """

    __tablename__ = "line"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    welcome_text_since: Mapped[date | None]
    revision: Mapped[int] = mapped_column(default=1)
    kind_since: Mapped[datetime | None]


class LineChange(Base):
    """One change of a line, never overwritten: who, when, why, from what to what; its number is the revision
    that it made.
    """

    __tablename__ = "line_change"

    line: Mapped[str] = mapped_column(ForeignKey("line.code"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    by_id: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(200))
    function: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    name_before: Mapped[str | None] = mapped_column(String(200))
    kind_before: Mapped[str | None] = mapped_column(String(16))
    welcome_text_since_before: Mapped[date | None]
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    welcome_text_since: Mapped[date | None]


class Recording(Base):
    """One recorded call while it exists; after erasure only its Tombstone remains (RET-8).

    `state` is a kcc.access.facts.RecordingState; a sealed one (PUR-3) has metadata only: no key, no sound.
    `due_at` is its end for everybody. Where a case keeps it longer (RET-5), `kept_until` is when it is
    erased: for the case's listener alone, and once the employee was told, by `shown_until`, for the
    employee too. `left_at` is when it would have been erased.
    """

    __tablename__ = "recording"
    __table_args__ = (
        UniqueConstraint("recorder", "call_id"),
        Index("ix_recording_employee", "employee_id", "started_at", "id"),
        Index("ix_recording_due", "due_at", "id"),
        Index("ix_recording_caller", "caller_day_id", "caller_digest"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    recorder: Mapped[str] = mapped_column(String(64))
    call_id: Mapped[str] = mapped_column(String(200))
    receipt: Mapped[str] = mapped_column(Id, default=new_id)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(40))
    started_at: Mapped[datetime]
    received_at: Mapped[datetime]
    duration_ms: Mapped[int]
    direction: Mapped[str] = mapped_column(String(16))
    scope: Mapped[str] = mapped_column(String(16))
    nature: Mapped[str] = mapped_column(String(16))
    line: Mapped[str] = mapped_column(String(64))
    agent_id: Mapped[str] = mapped_column(String(64))
    employee_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    encoding: Mapped[str | None] = mapped_column(String(16))
    rate: Mapped[int | None]
    channels: Mapped[int | None]
    employee_channel: Mapped[int | None]
    data_offset: Mapped[int | None]
    data_bytes: Mapped[int | None]
    size: Mapped[int]
    content_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    remote_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    caller_day_id: Mapped[str | None] = mapped_column(ForeignKey("caller_day.id"))
    caller_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    due_at: Mapped[datetime]
    due_rule: Mapped[str] = mapped_column(String(8))
    sample_barred: Mapped[bool] = mapped_column(default=False)
    kept_until: Mapped[datetime | None]
    shown_until: Mapped[datetime | None]
    left_at: Mapped[datetime | None]

    @property
    def own_due_at(self) -> datetime:
        """Until when its employee sees and hears it (RGT-1)."""
        return max(self.due_at, self.shown_until or self.due_at)

    @property
    def erased_from(self) -> datetime:
        """When it must be erased, with all that keeps it."""
        return max(self.due_at, self.kept_until or self.due_at)


class CallerDay(Base):
    """A day of the centre whose callers' digests have a key in the key store: "callers:" and this id (SUB-1).

    It lives as long as a recording of that day hangs on it; then row and key go.
    """

    __tablename__ = "caller_day"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    day: Mapped[date] = mapped_column(unique=True)


class Hold(Base):
    """What keeps a recording beyond its ordinary term, placed by a package above (RET-2, RET-3)."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("until > placed_at", name="order"),
        Index("ix_hold_recording", "recording_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(8))
    placed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    placed_at: Mapped[datetime]
    until: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class HoldReview(Base):
    """Whose a hold is, why it stands (sealed under the recording's key), and when that is looked at again."""

    __tablename__ = "hold_review"

    hold_id: Mapped[str] = mapped_column(ForeignKey("hold.id", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    review_at: Mapped[datetime]


class ErasureAttempt(Base):
    """How often erasing one recording failed, and when it is tried again."""

    __tablename__ = "erasure_attempt"

    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True
    )
    attempts: Mapped[int]
    next_try: Mapped[datetime]


class VolumeSeen(Base):
    """The one row that says which volume of sealed sound belongs to this database."""

    __tablename__ = "volume_seen"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    identity: Mapped[str] = mapped_column(String(64))


class PlaybackLease(Base):
    """The right to fetch one recording's sound for a short while, bound to a session and a purpose
    (RET-7).

    `fetched` has a bit for each of extent.PIECES parts of the sound; since `summed_at` the audit tells it.
    `untold`: the employee was not told yet why somebody listens (WGT-2), and does not see it.
    """

    __tablename__ = "playback_lease"
    __table_args__ = (
        Index("ix_playback_lease_recording", "recording_id"),
        Index(
            "ix_playback_lease_unsummed",
            "ends_at",
            sqlite_where=text("summed_at IS NULL"),
            postgresql_where=text("summed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    session_id: Mapped[str] = mapped_column(ForeignKey("signin_session.id"))
    action: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    fetched: Mapped[bytes | None] = mapped_column(LargeBinary(125))
    summed_at: Mapped[datetime | None]
    untold: Mapped[bool] = mapped_column(default=False)


class Tombstone(Base):
    """Proof that a recording was erased, when and under which rule, without personal data (RET-8)."""

    __tablename__ = "tombstone"
    __table_args__ = (
        Index("ix_tombstone_erased", "erased_at"),
        Index(
            "ix_tombstone_bare",
            "recording_id",
            sqlite_where=text("keyed = 0"),
            postgresql_where=text("NOT keyed"),
        ),
    )

    recording_id: Mapped[str] = mapped_column(Id, primary_key=True)
    call_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    keyed: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(8))
    due_at: Mapped[datetime]
    erased_at: Mapped[datetime]


class WebhookDelivery(Base):
    """A delivery under an idempotency key, by digests alone, with its answer once all of it was taken in."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index("ix_webhook_delivery_came", "came_at"),)

    key_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    body_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    came_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text)


class IntakeCount(Base):
    """How many files were refused a day, by line and code; of a private call nothing else remains (PUR-4)."""

    __tablename__ = "intake_count"

    day: Mapped[date] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]
