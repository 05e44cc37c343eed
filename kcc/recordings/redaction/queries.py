"""Reading the register of covered copies, and the facts by which the policy judges them; writes nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.access.facts import DisclosureFacts, RecordingState
from kcc.db import hidden
from kcc.errors import NotFound
from kcc.people.model import Person
from kcc.recordings.model import Recording
from kcc.recordings.queries import facts_of, out_of_sight
from kcc.recordings.redaction.model import DisclosureEntry

MOST_LISTED = 200
"""Entries on the page, newest first: a centre has a few a month."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as the register lists it; its words stay sealed there."""

    number: int
    id: str
    purpose: str
    by: str
    made_at: datetime
    expires_at: datetime
    taken_at: datetime | None
    kept: bool
    """Whether the call is still there."""


def by_id(session: Session, entry_id: str) -> DisclosureEntry:
    """The entry, or NotFound."""
    found = session.scalar(select(DisclosureEntry).where(DisclosureEntry.id == entry_id))
    if found is None:
        raise NotFound
    return found


def facts(session: Session, entry_id: str, now: datetime) -> DisclosureFacts:
    """The facts of an entry and its call, or NotFound, also when the call is gone."""
    found = session.scalar(select(DisclosureEntry).where(DisclosureEntry.id == entry_id))
    if found is None and hidden(session, "disclosure", entry_id):
        return DisclosureFacts(out_of_sight(now), running=False)
    if found is None:
        raise NotFound
    recording = session.get(Recording, found.recording_id) if found.recording_id else None
    call = facts_of(recording, now) if recording is not None else out_of_sight(now)
    return DisclosureFacts(call, running=found.made_at <= now < found.expires_at)


def listed(session: Session, now: datetime) -> list[Row]:
    """The register, newest first."""
    query = (
        select(DisclosureEntry, Person.name, Recording.state, Recording.due_at)
        .join(Person, Person.id == DisclosureEntry.by_id)
        .outerjoin(Recording, Recording.id == DisclosureEntry.recording_id)
        .order_by(DisclosureEntry.number.desc())
        .limit(MOST_LISTED)
    )
    return [
        Row(
            entry.number,
            entry.id,
            entry.purpose,
            name,
            entry.made_at,
            entry.expires_at,
            entry.taken_at,
            kept=state == RecordingState.LIVE.value and due_at > now,
        )
        for entry, name, state, due_at in session.execute(query)
    ]
