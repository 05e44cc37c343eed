"""Taking a call in: judge it, seal its sound under a key of its own, have it registered once; how files and
requests arrive lives at the edge.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import RecordingState
from kcc.access.policy import Subject, permit
from kcc.audit import record
from kcc.errors import N_, KccError, Unavailable
from kcc.people import queries as people
from kcc.recordings import callers, marks, registration, rules, volume
from kcc.recordings.decoding import decoder
from kcc.recordings.judging import AnySound
from kcc.recordings.model import Recording
from kcc.recordings.registration import Answer, Arrival, DayForgotten, Entry, InDoubt, Known, Receipt
from kcc.recordings.rules import Fate, LineKind, Verdict
from kcc.recordings.sound import Sound
from kcc.recordings.sources.metadata import CallMetadata
from kcc.recordings.together import Together
from kcc.recordings.unknown_sound import UnknownSound
from kcc.stores import Stores
from kcc.timekeeping import guard
from kcc.vault.blobs import BlobWriter
from kcc.vault.fields import seal_text
from kcc.vault.keystore import KeyStore
from kcc.vault.sealing import SealedReader, SealingWriter

__all__ = ["Answer", "Desk", "Pieces", "Receipt", "note_refusal", "take_in", "take_in_at", "was_taken_in"]

log = structlog.get_logger(__name__)

Pieces = Iterable[bytes | memoryview]
SOUNDING = (RecordingState.LIVE, RecordingState.QUARANTINED)
"""States in which there is sound, and a key to it."""
BY_THE_CLOCK = ("past_term", "start_in_future")
"""Refusals that a clock which jumped would give to every call."""


class Desk:
    """Where the intakes of one process meet: those in flight at once share their transactions."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.keys = Together[str, bytes](lambda ids: [*stores.keys.create_many(ids).values()])
        self.rows = Together[Entry, Known | None](
            lambda entries: registration.register_all(stores.database, entries)
        )
        self.volume = volume.Watch(stores)
        self._secret: bytes | None = None

    @property
    def secret(self) -> bytes:
        """The key to all tombstones: the one key that may be remembered, because it is never destroyed."""
        if self._secret is None:
            self._secret = marks.key(self.stores.keys)
        return self._secret


def take_in(stores: Stores, actor: Actor, recorder: str, call: CallMetadata, pieces: Pieces) -> Receipt:
    """Take one call in at a desk of its own."""
    return take_in_at(Desk(stores), actor, recorder, call, pieces)


def take_in_at(
    desk: Desk,
    actor: Actor,
    recorder: str,
    call: CallMetadata,
    pieces: Pieces,
    *,
    unplaced: str | None = None,
) -> Receipt:
    """Take one call in; `pieces` is its file as recorded, read at most once and never kept unsealed.

    `unplaced` says why its source cannot tell whose it is: it goes to quarantine, whoever has the agent id.

    Opens its own transactions. Durable when it returns; when it raises (UnknownSound, Unavailable) nothing of
    the call is left but a count, or what the next sweep finds. A refusal leaves the file with its recorder.
    """
    stores = desk.stores
    arrival = Arrival(
        permit(actor, Action.RECORDING_INTAKE, Subject("recording")), recorder, call, clock.now(), desk.secret
    )
    with stores.database.read() as session:
        verdict, known = _judge(session, arrival, stores.settings.limits.recording_days)
        if verdict.code in BY_THE_CLOCK:
            guard.believed(session)
        placed = _enters(verdict) and unplaced is None
        owners = people.person_at(session, call.agent_id, call.start) if placed else []
    if not _enters(verdict):
        return registration.refuse(stores.database, arrival, verdict)
    if known is not None:
        return _again(stores, arrival, known, _digest(pieces))
    try:
        if verdict.fate is Fate.SEAL:
            return _seal_off(desk, arrival, verdict, pieces, owners)
        return _store(desk, arrival, pieces, owners, unplaced)
    except UnknownSound as fault:
        registration.refuse(stores.database, arrival, Verdict(Fate.REFUSE, fault.code))
        raise


def note_refusal(stores: Stores, actor: Actor, code: str) -> None:
    """Count a delivery that never became a call, because its metadata cannot be used."""
    done = permit(actor, Action.RECORDING_INTAKE, Subject("recording"))
    with stores.database.write() as session:
        registration.count(session, clock.now(), code)
        record.act(session, done, answer=Answer.REFUSED, code=code)


def was_taken_in(session: Session, keys: KeyStore, recorder: str, call: CallMetadata) -> bool:
    """Whether nothing more can come of this call: it is registered, it was erased, or it is private."""
    found = registration.look_up(session, recorder, call, marks.key(keys))
    return LineKind.PRIVATE in found.kinds or found.known is not None or found.erased


def _enters(verdict: Verdict) -> bool:
    return verdict.fate in (Fate.STORE, Fate.SEAL)


def _judge(session: Session, arrival: Arrival, term_days: int) -> tuple[Verdict, Known | None]:
    call = arrival.call
    found = registration.look_up(session, arrival.recorder, call, arrival.secret)
    late = rules.judge_time(call.start, arrival.at, term_days)
    # A start that is refused anyway may lie where no calendar reaches; its line still counts (PUR-4).
    started_on = clock.local_day(arrival.at if late else call.start)
    verdict = rules.judge_register(found.kinds, found.welcome_text_since, started_on, call.scope)
    if late is not None and verdict.fate is not Fate.DESTROY:
        verdict = late
    elif verdict.fate is Fate.REFUSE and found.known is not None:
        verdict = Verdict(Fate.STORE, "known")  # what its line has become meanwhile concerns other calls
    if _enters(verdict) and found.known is None and found.erased:
        verdict = Verdict(Fate.REFUSE, "erased", "RET-8")
    return verdict, found.known


def _digest(pieces: Pieces) -> bytes:
    content = hashlib.sha256()
    for piece in pieces:
        content.update(piece)
    return content.digest()


def _again(stores: Stores, arrival: Arrival, known: Known, digest: bytes) -> Receipt:
    """The same receipt for the same bytes, if their sound is truly here: the recorder then lets go of it."""
    if digest != known.content_digest:
        return registration.refuse(stores.database, arrival, Verdict(Fate.REFUSE, "other_bytes"))
    if known.state in SOUNDING and not (stores.keys.holds([known.id]) and stores.blobs.present(known.id)):
        raise Unavailable(
            N_("This call is registered, but its stored sound is missing. Keep the file and warn us."),
            code="sound_missing",
        )
    return Receipt(Answer.KNOWN, "known", known.receipt)


class _Passing:
    """A file as it passes once: recognised, hashed and measured."""

    def __init__(self, pieces: Pieces, declared: str | None) -> None:
        self._pieces, self._recogniser, self._content = pieces, AnySound(declared), hashlib.sha256()
        self._size = 0

    def __iter__(self) -> Iterator[bytes | memoryview]:
        for piece in self._pieces:
            self._recogniser.feed(piece)
            self._content.update(piece)
            self._size += len(piece)
            yield piece

    def measure(self, row: Recording) -> Sound:
        """Write down what passed, and give its sound; UnknownSound if it was none.

        How long a coded one is, nobody knows before it is decoded: until then 0.
        """
        sound = self._recogniser.finish()
        row.size, row.content_digest = self._size, self._content.digest()
        row.duration_ms = 0 if sound.encoding.coded else sound.duration_ms
        return sound


def _seal_off(desk: Desk, arrival: Arrival, verdict: Verdict, pieces: Pieces, owners: list[str]) -> Receipt:
    """Register a call that nobody may hear: metadata only, no key is ever made, its sound is let go
    (PUR-3).
    """
    limits, owner = desk.stores.settings.limits, owners[0] if len(owners) == 1 else None
    row = registration.row_of(arrival, limits, RecordingState.SEALED, verdict.code, owner)
    entry = Entry(arrival, row, Receipt(Answer.STORED, verdict.code, row.receipt))
    passing = _Passing(pieces, arrival.call.sound_format)
    for _ in passing:
        pass
    passing.measure(row)
    digest = row.content_digest
    first = desk.rows.ask(entry)
    return _again(desk.stores, arrival, first, digest) if first else entry.receipt


def _store(desk: Desk, arrival: Arrival, pieces: Pieces, owners: list[str], unplaced: str | None) -> Receipt:
    """Seal and register; whatever is certain not to be registered is taken back."""
    desk.volume.ours()
    nobody = unplaced or ("agent_ambiguous" if owners else "agent_unknown")
    reason = None if len(owners) == 1 else nobody
    state, owner = (RecordingState.QUARANTINED, None) if reason else (RecordingState.LIVE, owners[0])
    row = registration.row_of(arrival, desk.stores.settings.limits, state, reason, owner)
    answer = Answer.QUARANTINED if reason else Answer.STORED
    entry = Entry(arrival, row, Receipt(answer, reason or "stored", row.receipt))
    recording_id = row.id
    _seal(desk, row, arrival.call, pieces)
    digest = row.content_digest
    try:
        first = _registered(desk, entry)
    except InDoubt:
        raise  # with a row it is whole, without one the sweep finds it: neither may lose its key now
    except (Unavailable, IntegrityError):
        _take_back(desk.stores, recording_id)
        raise
    if first is None:
        return entry.receipt
    _take_back(desk.stores, recording_id)
    return _again(desk.stores, arrival, first, digest)


def _registered(desk: Desk, entry: Entry) -> Known | None:
    """Register; once more under a new day of callers if that day was forgotten meanwhile."""
    try:
        return desk.rows.ask(entry)
    except DayForgotten:
        callers.put(desk.stores, entry.row, entry.arrival.call.remote_number or "")
        return desk.rows.ask(entry)


def _seal(desk: Desk, row: Recording, call: CallMetadata, pieces: Pieces) -> None:
    """Draft, key, blob; if that fails the key goes before the draft, by which the sweep would find it. A key
    that cannot be destroyed now, on a disk that is full for both, keeps its draft.
    """
    with desk.stores.blobs.writer(row.id) as blob:
        try:
            key = desk.keys.ask(row.id)
            sound = _write(blob, key, row, pieces, call.sound_format)
            if call.remote_number:
                row.remote_number = seal_text(key, f"recording.remote_number:{row.id}", call.remote_number)
                callers.put(desk.stores, row, call.remote_number)
            blob.commit()
            _describe(row, _measured(desk.stores, row.id, key, sound) if sound.encoding.coded else sound)
        except BaseException:
            if not _take_back(desk.stores, row.id):
                blob.leave()
            raise


def _write(blob: BlobWriter, key: bytes, row: Recording, pieces: Pieces, declared: str | None) -> Sound:
    """One pass: recognise, hash, encrypt, write."""
    sealing, passing = SealingWriter(key, row.id.encode(), blob.write), _Passing(pieces, declared)
    for piece in passing:
        sealing.write(piece)
    sound = passing.measure(row)
    sealing.finish()
    return sound


def _measured(stores: Stores, recording_id: str, key: bytes, sound: Sound) -> Sound:
    """What a coded sound is once decoded: read from its sealed blob, because a decoder must go to and fro
    and nothing may lie anywhere unsealed.
    """
    decoding = stores.settings.decoding
    with stores.blobs.open(recording_id) as blob:
        reader = SealedReader(key, recording_id.encode(), blob.read_at, blob.size)
        return decoder.measure(decoding, sound.encoding, reader.read, reader.size)


def _describe(row: Recording, sound: Sound) -> None:
    row.encoding, row.rate, row.channels = sound.encoding.value, sound.rate, sound.channels
    row.data_offset, row.data_bytes, row.duration_ms = sound.data_offset, sound.data_bytes, sound.duration_ms


def _take_back(stores: Stores, recording_id: str) -> bool:
    """Remove key and blob of a call that is not registered, the key first: a blob that remains, because the
    key store is away, leads the next sweep to it. Whether the key is gone.
    """
    gone = _tried(stores.keys.destroy, recording_id)
    if gone:
        _tried(stores.blobs.delete, recording_id)
    return gone


def _tried(undo: Callable[[list[str]], None], recording_id: str) -> bool:
    try:
        undo([recording_id])
    except KccError as fault:
        log.warning("not taken back yet", recording=recording_id, code=fault.code, error=str(fault))
        return False
    return True
