"""Registering a request for a covered copy of a call, saying what is covered, hearing it, and taking the copy
out (SUB-2, GOV-3); how samples are covered is covering's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.access.purposes import Purpose
from kcc.audit import record
from kcc.db import new_id
from kcc.errors import N_, Invalid, Refused
from kcc.recordings import playback
from kcc.recordings import queries as recordings
from kcc.recordings.model import PlaybackLease, Recording
from kcc.recordings.redaction import copying, queries, spans
from kcc.recordings.redaction.model import DisclosureEntry
from kcc.recordings.redaction.spans import Form, Marks
from kcc.recordings.sounding import sound_of
from kcc.stores import Stores
from kcc.vault.fields import open_text, seal_text
from kcc.vault.sealing import SealedReader

PURPOSES = (Purpose.CALLER_REQUEST, Purpose.DISCLOSURE)
LONGEST_REFERENCE = 500
BLOCK = 262_144


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as whoever works on it sees it."""

    permit: Permit
    row: DisclosureEntry
    recording: Recording
    reference: str
    marks: Marks
    channels: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy on its way out: its file's name, kind, size (None: known at its end) and bytes."""

    name: str
    media_type: str
    size: int | None
    pieces: Iterator[bytes]


def listed(session: Session, actor: Actor) -> tuple[Permit, list[queries.Row]]:
    """The register, after writing down who opened it."""
    allowed = policy.permit(actor, Action.DISCLOSURE_LIST, Subject("disclosure"))
    record.act(session, allowed)
    return allowed, queries.listed(session, clock.now())


def register(
    stores: Stores, session: Session, actor: Actor, recording_id: str, purpose: str, reference: str
) -> DisclosureEntry:
    """Register a request for a copy of a call (PUR-1); it is open for `disclosure_days` and extends nothing.

    Invalid without a purpose of the law or the words that say which request it is; NotFound or AccessDenied
    for a call that is not there, or past its deadline.
    """
    facts = recordings.facts(session, recording_id, clock.now())
    allowed = policy.permit(actor, Action.DISCLOSURE_REGISTER, Subject("recording", recording_id), facts)
    wanted = next((one for one in PURPOSES if one.value == purpose), None)
    if wanted is None:
        raise Invalid("purpose", N_("Choose what the copy is for."))
    reference = _reference(reference)
    now = clock.now()
    entry = DisclosureEntry(
        id=new_id(),
        purpose=wanted.value,
        recording_id=recording_id,
        by_id=actor.person_id,
        made_at=now,
        expires_at=now + timedelta(days=stores.settings.limits.disclosure_days),
    )
    entry.reference = seal_text(stores.keys.get(recording_id), _place(entry, "reference"), reference)
    record.act(session, allowed, entry=entry.id, use=wanted.value)
    session.add(entry)
    session.flush()
    return entry


def read(stores: Stores, session: Session, actor: Actor, entry_id: str) -> Entry:
    """An open entry with what is covered so far, after writing down who looked."""
    return _opened(stores, session, actor, entry_id, act="looked")


def mark(
    stores: Stores, session: Session, actor: Actor, entry_id: str, revision: int, marks: Marks
) -> DisclosureEntry:
    """Say what is covered in the copy; Refused when somebody said otherwise since `revision` was read."""
    entry = _opened(stores, session, actor, entry_id, act="saved")
    if entry.row.revision != revision:
        raise Refused(
            N_("Somebody changed the spans in the meantime. Look at them again."), code="changed_meanwhile"
        )
    checked = Marks(spans.checked(marks.spans, entry.recording.duration_ms, entry.channels), marks.manner)
    key = stores.keys.get(entry.recording.id)
    entry.row.marks = seal_text(key, _place(entry.row, "marks"), spans.to_text(checked))
    entry.row.revision += 1
    session.flush()
    return entry.row


def open_call(session: Session, actor: Actor, entry_id: str, minutes: int) -> PlaybackLease:
    """Open the call for listening, to cover names in it, for the entry's own purpose (PUR-1)."""
    subject, facts = Subject("disclosure", entry_id), queries.facts(session, entry_id, clock.now())
    row = queries.by_id(session, entry_id)
    allowed = policy.permit(actor, Action.DISCLOSURE_PLAY, subject, facts, Purpose(row.purpose))
    return playback.open_lease(session, allowed, subject, str(row.recording_id), minutes)


def take(stores: Stores, session: Session, actor: Actor, entry_id: str, revision: int, form: Form) -> Copy:
    """Write down that the copy is taken out, and give it to be sent once this is committed.

    Refused when nothing is covered yet (SUB-2), or when what is covered is not what was seen.
    """
    subject, facts = Subject("disclosure", entry_id), queries.facts(session, entry_id, clock.now())
    row = queries.by_id(session, entry_id)
    allowed = policy.permit(actor, Action.DISCLOSURE_TAKE, subject, facts, Purpose(row.purpose))
    recording = recordings.by_id(session, str(row.recording_id))
    marks = _marks(stores, row)
    if not marks.spans:
        raise Refused(N_("Nothing is covered yet: mark the names first."), rule="SUB-2", code="uncovered")
    if row.revision != revision:
        raise Refused(
            N_("Somebody changed the spans in the meantime. Look at them again."), code="changed_meanwhile"
        )
    record.act(session, allowed, recording=recording.id, form=form.value, spans=len(marks.spans))
    row.taken_at = clock.now()
    session.flush()
    size, pieces = _copy(stores, recording, marks, form)
    return Copy(f"kcc-{row.number}.{form.value}", copying.MEDIA_TYPES[form], size, pieces)


def _copy(
    stores: Stores, recording: Recording, marks: Marks, form: Form
) -> tuple[int | None, Iterator[bytes]]:
    key, sound = stores.keys.get(recording.id), sound_of(recording)
    blob = stores.blobs.open(recording.id)
    reader = SealedReader(key, recording.id.encode(), blob.read_at, blob.size)
    size, pieces = copying.copy(stores.settings.decoding, sound, reader, marks, form)

    def sent() -> Iterator[bytes]:
        with blob:
            for piece in pieces:
                if clock.now() >= recording.due_at:
                    raise EOFError("the call reached its erasure date while its copy was sent")  # RET-7
                for start in range(0, len(piece), BLOCK):
                    yield piece[start : start + BLOCK]

    return size, sent()


def _opened(stores: Stores, session: Session, actor: Actor, entry_id: str, act: str) -> Entry:
    facts = queries.facts(session, entry_id, clock.now())
    allowed = policy.permit(actor, Action.DISCLOSURE_MARK, Subject("disclosure", entry_id), facts)
    row = queries.by_id(session, entry_id)
    recording = recordings.by_id(session, str(row.recording_id))
    record.act(session, allowed, act=act, recording=recording.id)
    key = stores.keys.get(recording.id)
    reference = open_text(key, _place(row, "reference"), row.reference)
    return Entry(allowed, row, recording, reference, _marks(stores, row), sound_of(recording).channels)


def _marks(stores: Stores, row: DisclosureEntry) -> Marks:
    if row.marks is None:
        return Marks()
    return spans.of_text(open_text(stores.keys.get(str(row.recording_id)), _place(row, "marks"), row.marks))


def marks_of(stores: Stores, session: Session, entry_id: str) -> Marks:
    """What an entry covers, for whoever holds an open lease of it."""
    return _marks(stores, queries.by_id(session, entry_id))


def _place(row: DisclosureEntry, what: str) -> str:
    return f"disclosure_entry.{what}:{row.id}"


def _reference(reference: str) -> str:
    reference = reference.strip()
    if not reference:
        raise Invalid("reference", N_("Say in a few words which request it is."))
    if len(reference) > LONGEST_REFERENCE:
        raise Invalid("reference", N_("Keep it under %(count)s characters."), count=LONGEST_REFERENCE)
    return reference
