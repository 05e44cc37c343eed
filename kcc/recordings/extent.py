"""How much of a call was fetched to be heard: noted in memory at each range, kept with the lease now and
then, and written into the audit once the lease is over (ACC-5).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import queries as audit
from kcc.audit import record
from kcc.people import queries as people
from kcc.recordings import queries
from kcc.recordings.model import PlaybackLease, Recording

PIECES = 1000
"""A sound counts in so many equal parts: of five minutes one is 0.3 s, of four hours 15 s."""
_SIZE = PIECES // 8
_NOTHING, _ALL = b"0" * PIECES, b"1" * PIECES
KEPT_AFTER = timedelta(minutes=3)
"""How long after a lease's end its sum is taken: by then every process has kept what it had noted."""
BATCH = 200


class Extent:
    """Which parts of one sound went out from this process; to note one costs no lock and no query."""

    __slots__ = ("_got", "_kept", "_size")

    def __init__(self, size: int) -> None:
        self._size = max(size, 1)
        self._got = bytearray(_NOTHING)
        self._kept = _NOTHING

    def note(self, start: int, length: int) -> None:
        """So many bytes from `start` are on their way; a part that is touched counts as fetched."""
        first = start * PIECES // self._size
        stop = min(-((start + length) * PIECES // -self._size), PIECES)
        if first < stop:
            self._got[first:stop] = _ALL[: stop - first]  # one step for the interpreter: threads may meet

    @property
    def news(self) -> bool:
        """Whether something was noted that is not kept yet."""
        return self._got != self._kept

    def keep(self, session: Session, lease_id: str) -> None:
        """Add what was noted to what the lease has, whichever process noted that."""
        now = bytes(self._got)
        lease = session.get(PlaybackLease, lease_id, with_for_update=True, populate_existing=True)
        if lease is not None and lease.summed_at is None:
            lease.fetched = (_bits(lease.fetched) | int(now, 2)).to_bytes(_SIZE)
        self._kept = now


@dataclass(frozen=True, slots=True)
class Played:
    """How much of a call was fetched to be heard, at most: milliseconds, and of how many."""

    ms: int
    of_ms: int

    @property
    def percent(self) -> int:
        """Rounded; 0 only where nothing was fetched."""
        return min(100, max(round(100 * self.ms / self.of_ms), 1)) if self.ms and self.of_ms else 0


def _bits(fetched: bytes | None) -> int:
    return int.from_bytes(fetched or b"")


def _played(fetched: bytes | None, duration_ms: int) -> Played:
    return Played(duration_ms * _bits(fetched).bit_count() // PIECES, duration_ms)


def played(session: Session, leases: Mapping[str, str]) -> dict[str, Played]:
    """How much was played under these leases (id to subject): of those that last from what is kept so far,
    of the others from the audit; of leases from before this was noted nothing is known.
    """
    found: dict[str, Played] = {}
    if not leases:
        return found
    said = audit.details(session, set(leases.values()), Action.SOUND_FETCH.value)
    for detail in said:
        if detail.get("lease") in leases:
            found[detail["lease"]] = Played(detail["heard_ms"], detail["of_ms"])
    query = select(PlaybackLease.id, PlaybackLease.fetched, Recording.duration_ms)
    query = query.join(Recording, Recording.id == PlaybackLease.recording_id)
    query = query.where(PlaybackLease.id.in_(leases), PlaybackLease.summed_at.is_(None))
    return found | {id_: _played(fetched, duration) for id_, fetched, duration in session.execute(query)}


def together(session: Session, subject: str) -> Played | None:
    """How much of a call was played under all the leases on one subject, each part counted once: two who
    listen together hear it once. None where none was opened.
    """
    query = (
        select(PlaybackLease.fetched, Recording.duration_ms)
        .join(Recording, Recording.id == PlaybackLease.recording_id)
        .where(PlaybackLease.subject == subject)
    )
    bits, of_ms = 0, None
    for fetched, duration_ms in session.execute(query):
        bits, of_ms = bits | _bits(fetched), duration_ms
    return None if of_ms is None else Played(of_ms * bits.bit_count() // PIECES, of_ms)


def sum_up(session: Session, recordings: Collection[str] | None = None) -> int:
    """Write into the audit how much was played under leases that are over; how many.

    With `recordings` under all of theirs, also those that last: they are about to be erased.
    """
    now = clock.now()
    query = select(PlaybackLease, Recording).join(Recording, Recording.id == PlaybackLease.recording_id)
    query = query.where(PlaybackLease.summed_at.is_(None))
    if recordings is None:
        over = now - KEPT_AFTER
        query = query.where(or_(PlaybackLease.ends_at <= over, PlaybackLease.closed_at <= over)).limit(BATCH)
    else:
        query = query.where(PlaybackLease.recording_id.in_(recordings))
    rows = session.execute(query.order_by(PlaybackLease.ends_at).with_for_update(of=PlaybackLease)).all()
    lines = [(_permit(session, lease, recording), _told(lease, recording)) for lease, recording in rows]
    record.acts(session, lines)
    for lease, _ in rows:
        lease.summed_at = now
    session.flush()
    return len(rows)


def _permit(session: Session, lease: PlaybackLease, recording: Recording) -> Permit:
    """Fetching is what a lease permits; the line names who held it, and whose call it was."""
    actor = people.actor_of(session, lease.person_id, clock.local_day(lease.opened_at))
    kind, _, id_ = lease.subject.partition(":")
    facts = queries.facts_of(recording, clock.now())
    if lease.untold:  # the line is about nobody until the employee is told (WGT-2)
        facts = replace(facts, owner_id=None)
    return permit(actor, Action.SOUND_FETCH, Subject(kind, id_), facts)


def _told(lease: PlaybackLease, recording: Recording) -> dict[str, object]:
    found = _played(lease.fetched, recording.duration_ms)
    return {"lease": lease.id, "recording": recording.id, "heard_ms": found.ms, "of_ms": found.of_ms}
