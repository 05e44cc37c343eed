"""Playing a recording: a permit opens a lease, the lease gives ranges of sound until the deadline or until
a right is withdrawn.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

import structlog
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.facts import Facts, RecordingState
from kcc.access.policy import Permit, Subject
from kcc.access.purposes import Purpose
from kcc.audit import record
from kcc.errors import N_, AccessDenied, KccError, NotFound, Refused
from kcc.people import sessions
from kcc.recordings import queries
from kcc.recordings.derivative import Makers, Pieces
from kcc.recordings.model import PlaybackLease, Recording
from kcc.recordings.rendition import Read, Rendition
from kcc.recordings.sounding import Sounding, sound_of
from kcc.stores import Stores
from kcc.vault.sealing import SealedReader
from kcc.wall.rights import Role

log = structlog.get_logger(__name__)

ASK_AGAIN_SECONDS = 0.5
"""How old the policy's answer may be: with the player's own question each second, a withdrawn right stops the
sound within two.
"""
TOUCH_EVERY_SECONDS = 60.0
KEEP_EVERY_SECONDS = 10.0
"""How often it is kept at most, while somebody listens, how much went out: a write, so not at every range."""
OPEN_AT_ONCE = 256
PLAY_ACTIONS = tuple(action for action in Action if action.value.endswith(":play"))
"""Whatever opens a sound, under whatever right."""

_TOO_LATE = N_("This recording has reached its erasure date and can no longer be heard.")
Loader = Callable[[Session, str, datetime], Facts]


class LeaseEnded(KccError):
    """The lease was good once, and no longer is."""

    status = 410
    code = "lease_ended"


def open_lease(
    session: Session, permit: Permit, subject: Subject, recording_id: str, minutes: int
) -> PlaybackLease:
    """Open a recording for listening, and write down who does and why (PUR-1, ACC-5).

    `subject` is what the caller is about to open; a permit for anything else is a TypeError.
    """
    if permit.action not in PLAY_ACTIONS or permit.purpose is None:
        raise TypeError(f"a permit for {permit.action} plays nothing")
    permit.require(permit.action, subject)
    if subject.kind == "recording" and subject.id != recording_id:
        raise TypeError(f"a permit for {subject} does not open another recording")
    recording = queries.by_id(session, recording_id)
    now = clock.now()
    due_at = queries.deadline(recording, permit.action)
    if recording.state != RecordingState.LIVE.value or now >= due_at:
        raise Refused(_TOO_LATE, rule="RET-7")
    if permit.actor.session_id is None:
        raise TypeError("only somebody signed in can listen")
    lease = PlaybackLease(
        recording_id=recording_id,
        person_id=permit.actor.person_id,
        session_id=permit.actor.session_id,
        action=permit.action.value,
        purpose=permit.purpose.value,
        subject=str(subject),
        opened_at=now,
        ends_at=min(now + timedelta(minutes=minutes), due_at),
        untold=permit.action is Action.CASE_PLAY and permit.about_id is None,
    )
    session.add(lease)
    session.flush()
    record.act(session, permit, recording=recording_id, lease=lease.id)
    return lease


def close_lease(session: Session, lease_id: str, session_id: str) -> None:
    """End a lease of one's own session early; a foreign or unknown one is left as it is."""
    lease = session.get(PlaybackLease, lease_id)
    if lease and lease.session_id == session_id and lease.closed_at is None:
        lease.closed_at = clock.now()


class Player:
    """The leases open in this process, and the loaders that gather the facts for each play action."""

    def __init__(self, stores: Stores, loaders: Mapping[Action, Loader]) -> None:
        self._stores = stores
        self._makers = Makers(stores)
        self._loaders = loaders
        self._open: dict[str, Sounding] = {}
        self._lock = Lock()

    def sounding(self, lease_id: str, session_id: str) -> Sounding:
        """The sound that a lease opens, for the session it was given to.

        Checks the lease's end and the deadline every time (RET-7) and asks the policy again at most
        twice a second. Raises LeaseEnded when it is over, NotFound for anybody else's.
        """
        found = self._open.get(lease_id) or self._load(lease_id, session_id)
        if found.lease.session_id != session_id:
            raise NotFound
        now = clock.now()
        if now >= found.lease.ends_at or now >= found.due_at:
            self._drop(lease_id)
            raise _ended("RET-7")
        if clock.ticking() - found.asked >= ASK_AGAIN_SECONDS:
            self._ask_again(found, now)
        return found

    def fetch(self, lease_id: str, secret: str) -> Sounding:
        """The same for the browser that shows its session's secret; asks the database who that is only
        once.
        """
        digest, found = sessions.digest(secret), self._open.get(lease_id)
        if found is not None and found.secret_digest == digest:
            return self.sounding(lease_id, found.lease.session_id)
        found = self.sounding(lease_id, self.session_of(secret))
        found.secret_digest = digest
        return found

    def at_hand(self, lease_id: str, secret: str) -> Sounding | None:
        """The same where nothing needs to be asked or noted now: open here, for this very secret, before its
        end and deadline (RET-7), and the policy's answer not too old. None says nothing but "use fetch".
        """
        found = self._open.get(lease_id)
        if found is None or found.touched is None or found.secret_digest != sessions.digest(secret):
            return None
        now, ticking = clock.now(), clock.ticking()
        stands = now < found.lease.ends_at and now < found.due_at
        heard = ticking - found.touched < TOUCH_EVERY_SECONDS
        return found if stands and heard and self._answered(found, ticking) else None

    @staticmethod
    def _answered(found: Sounding, ticking: float) -> bool:
        """Whether the policy's answer still serves: not yet due, or due and some other request gone to ask.

        One goes, so that not every range in flight asks the same; twice as old, it serves nobody.
        """
        age, asked = ticking - found.asked, found.asked
        if age < ASK_AGAIN_SECONDS:
            return True
        gone, found.asking = found.asking == asked, asked
        return gone and age < 2 * ASK_AGAIN_SECONDS

    def session_of(self, secret: str) -> str:
        """The session whose secret a browser shows, or NotFound."""
        with self._stores.acting(Role.GATE).database.read() as session:
            session_id = sessions.id_of(session, sessions.digest(secret))
        if session_id is None:
            raise NotFound
        return session_id

    def heard(self, found: Sounding) -> None:
        """Sound goes out: whoever listens is no idle session. A question about the lease is no such sign."""
        now = clock.ticking()
        if found.touched is not None and now - found.touched < TOUCH_EVERY_SECONDS:
            return
        found.touched = found.kept = now
        with self._stores.database.write() as session:
            sessions.touch(session, found.lease.session_id)
            found.extent.keep(session, found.lease.id)

    def keep_up(self, found: Sounding, every: float = KEEP_EVERY_SECONDS) -> None:
        """Keep how much went out until now, unless that was done a moment ago or nothing new did."""
        now = clock.ticking()
        if now - found.kept < every or not found.extent.news:
            return
        self._keep(self._stores, found, now)

    def settle(self) -> None:
        """Keep what went out of every sound that is open in this process: nobody may ask for it again."""
        for found in list(self._open.values()):
            if found.extent.news:
                self._keep(self._stores.acting(Role.JOBS), found, clock.ticking())  # in no one's request

    def _keep(self, stores: Stores, found: Sounding, now: float) -> None:
        found.kept = now
        with stores.database.write() as session:
            found.extent.keep(session, found.lease.id)

    def close(self, lease_id: str, session_id: str) -> None:
        """End a lease of one's own session early, after keeping how much went out under it."""
        found = self._open.get(lease_id)
        with self._stores.database.write() as session:
            if found is not None and found.lease.session_id == session_id:
                found.extent.keep(session, lease_id)
            close_lease(session, lease_id, session_id)

    def _load(self, lease_id: str, session_id: str) -> Sounding:
        with self._stores.database.read() as session:
            lease = session.get(PlaybackLease, lease_id)
            if lease is None or lease.session_id != session_id:
                raise NotFound
            self._ask(session, lease, clock.now())
            recording = queries.by_id(session, lease.recording_id)
        sounding = self._opened(lease, recording)
        with self._lock:
            crowded = [next(iter(self._open))] if len(self._open) >= OPEN_AT_ONCE else []
            gone = [self._open.pop(oldest) for oldest in crowded]
            already = self._open.setdefault(lease_id, sounding)
        if already is not sounding:
            sounding.close()
        for other in gone:
            self._end(other)
        return already

    def _opened(self, lease: PlaybackLease, recording: Recording) -> Sounding:
        key, sound = self._stores.keys.get(recording.id), sound_of(recording)
        if sound.encoding.coded:
            pieces = Pieces(self._stores, self._makers, recording.id, sound, key)
            read, close = pieces.read, _nothing
            view: Read = read
        else:
            blob = self._stores.blobs.open(recording.id)
            reader = SealedReader(key, recording.id.encode(), blob.read_at, blob.size)
            read, view, close = reader.read, reader.view, blob.close
        return Sounding(
            lease=lease,
            rendition=Rendition(sound, view),
            sound=sound,
            employee_channel=recording.employee_channel,
            due_at=queries.deadline(recording, Action(lease.action)),
            close=close,
            read=read,
            made=pieces.made if sound.encoding.coded else None,
        )

    def _ask_again(self, found: Sounding, now: datetime) -> None:
        try:
            with self._stores.database.read() as session:
                lease = session.get(PlaybackLease, found.lease.id)
                if lease is None:
                    raise _ended("RET-7")
                found.due_at = self._ask(session, lease, now)
        except KccError:
            self._drop(found.lease.id)
            raise
        found.asked = clock.ticking()

    def _ask(self, session: Session, lease: PlaybackLease, now: datetime) -> datetime:
        """Whether this lease still stands, by the facts of this moment; gives the recording's deadline."""
        actor = sessions.actor_in(session, lease.session_id, self._stores.settings.signin)
        if lease.closed_at is not None or actor is None or now >= lease.ends_at:
            raise _ended("RET-7")
        kind, _, id_ = lease.subject.partition(":")
        action = Action(lease.action)
        try:
            facts = self._loaders[action](session, id_, now)
            policy.permit(actor, action, Subject(kind, id_), facts, Purpose(lease.purpose))
        except AccessDenied as refused:
            self._note(refused)
            raise _ended(refused.rule) from refused
        return queries.deadline(queries.by_id(session, lease.recording_id), action)

    def _note(self, refused: AccessDenied) -> None:
        """A right withdrawn while somebody listened is a refusal like any other (ACC-5)."""
        with self._stores.database.write() as session:
            record.refusal(session, refused.refusal, refused.rule or "ACC-1")

    def _drop(self, lease_id: str) -> None:
        with self._lock:
            gone = self._open.pop(lease_id, None)
        if gone:
            self._end(gone)

    def _end(self, gone: Sounding) -> None:
        try:
            self.keep_up(gone, every=0)
        except KccError as fault:  # the sound must stop all the same
            log.warning("not kept how much was played", lease=gone.lease.id, code=fault.code)
        finally:
            gone.close()


def _nothing() -> None:
    """Pieces are opened for each range: there is nothing to close."""


def _ended(rule: str | None) -> LeaseEnded:
    return LeaseEnded(N_("Listening to this call has ended: you may no longer hear it."), rule=rule)
