"""Making a copy for the police ready on a decision of employee and team lead, and handing it out once; what
is kept is that one may be taken, sealed: the package is made while it is sent, and lies on no disk.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.access.purposes import Purpose
from kcc.audit import record
from kcc.audit.signing import SigningKey
from kcc.db import new_id
from kcc.errors import N_, Refused
from kcc.notices import outbox
from kcc.recordings import holds
from kcc.recordings import queries as recordings
from kcc.recordings.model import Recording
from kcc.recordings.redaction import copying
from kcc.recordings.redaction.spans import Form, Marks
from kcc.recordings.sounding import sound_of
from kcc.stores import Stores
from kcc.threat import queries as threat
from kcc.threat.model import IncidentMeasure
from kcc.threat.police_copy import package, queries, rules
from kcc.threat.police_copy.model import PoliceCopy
from kcc.threat.police_copy.package import Package, Part, Pieces
from kcc.threat.police_copy.rules import Decision, TakenOut
from kcc.vault.fields import open_text, seal_text
from kcc.vault.sealing import SealedReader

BLOCK = 262_144


@dataclass(frozen=True, slots=True)
class Handed:
    """A package on its way out, and the name of its file."""

    name: str
    package: Package


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the incident: the copy that waits, if one does, why, and when others were taken out."""

    recording: Recording
    waiting: PoliceCopy | None
    taken: list[datetime]
    why: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the team lead sees of a decided report to the police."""

    permit: Permit
    decision: Decision
    calls: list[Call]


def make(
    stores: Stores, session: Session, actor: Actor, measure_id: str, recording_id: str, why: str
) -> PoliceCopy:
    """Make a copy of a threat's call ready to be taken out once, for `police_copy_days` (THR-5).

    Asked again while one waits, that one is the answer. AccessDenied unless both decided on a report to the
    police. Nothing extends the recording's term.
    """
    decided, now = queries.measure(session, measure_id), clock.now()
    facts = queries.facts(session, decided, recording_id, now)
    subject = Subject("recording", recording_id)
    allowed = policy.permit(actor, Action.POLICE_COPY_MAKE, subject, facts, Purpose.THREAT)
    why = rules.why(why)
    holds.locked(session, recording_id)  # two who ask at once get the same one
    known = queries.of_recording(session, recording_id)
    waiting = next((one for one in known if queries.waits(one, now)), None)
    record.act(session, allowed, measure=measure_id, again=waiting is not None)
    return waiting or _made(stores, session, actor, recording_id, why, decided)


def page(stores: Stores, session: Session, actor: Actor, measure_id: str) -> Page:
    """The calls of which a copy may be made, and what became of others, after writing down who looked."""
    decided, now = queries.measure(session, measure_id), clock.now()
    first = threat.by_id(session, decided.incident_id).recording_id
    facts, subject = queries.facts(session, decided, first, now), Subject("measure", measure_id)
    allowed = policy.permit(actor, Action.POLICE_COPY_MAKE, subject, facts, Purpose.THREAT)
    record.act(session, allowed, act="looked", recording=first)
    calls = []
    for recording in queries.calls(session, decided):
        copies = queries.of_recording(session, recording.id)
        waiting = next((one for one in copies if queries.waits(one, now)), None)
        taken = [one.taken_at for one in copies if one.taken_at is not None]
        why = decision_of(stores, waiting)[1] if waiting else ""
        calls.append(Call(recording, waiting, taken, why))
    return Page(allowed, queries.decision(session, decided), calls)


def take(stores: Stores, actor: Actor, copy_id: str) -> Handed:
    """Hand a copy out: from here on it has gone, whatever becomes of the sending. Refused the second time.

    The package is signed with who takes it and when in it, before the one transaction in which it goes; it is
    sent after that. Its bytes are read twice from the sealed recording.
    """
    with stores.database.read() as session:
        copy, allowed = _permitted(session, actor, copy_id)
        recording = recordings.by_id(session, copy.recording_id)
    made = _package(stores, allowed, copy, recording)
    with stores.database.write() as session:
        copy, allowed = _permitted(session, actor, copy_id, lock=True)
        copy.taken_at, copy.taken_by_id = clock.now(), actor.person_id
        copy.manifest_digest = bytes.fromhex(made.manifest_sha256)
        record.act(session, allowed, recording=copy.recording_id, manifest=made.manifest_sha256)
        if recording.employee_id:
            outbox.tell(session, recording.employee_id, "police_copy.taken", lead=actor.name)
        session.flush()
    return Handed(f"kcc-police-{copy.id[:8]}.zip", made)


def _permitted(
    session: Session, actor: Actor, copy_id: str, *, lock: bool = False
) -> tuple[PoliceCopy, Permit]:
    copy, now = queries.by_id(session, copy_id, lock=lock), clock.now()
    decided = queries.measure(session, copy.measure_id)
    facts = queries.facts(session, decided, copy.recording_id, now, copy)
    subject = Subject("police_copy", copy_id)
    if copy.taken_at is not None and actor.person_id in facts.lead_ids:
        raise Refused(
            N_("This copy was taken out already. Make another one if it was lost, and say why."),
            rule="THR-5",
            code="already_taken",
        )
    return copy, policy.permit(actor, Action.POLICE_COPY_TAKE, subject, facts, Purpose.THREAT)


def decision_of(stores: Stores, copy: PoliceCopy) -> tuple[Decision, str]:
    """On whose decision a copy was made, and why; the caller settles who may read it."""
    key = stores.keys.get(copy.recording_id)
    decision = Decision.of_text(open_text(key, _place(copy, "decision"), copy.decision))
    return decision, open_text(key, _place(copy, "why"), copy.why)


def _made(
    stores: Stores, session: Session, actor: Actor, recording_id: str, why: str, decided: IncidentMeasure
) -> PoliceCopy:
    key, now = stores.keys.get(recording_id), clock.now()
    copy = PoliceCopy(
        id=new_id(),
        recording_id=recording_id,
        measure_id=decided.id,
        made_by_id=actor.person_id,
        made_at=now,
        expires_at=now + timedelta(days=stores.settings.limits.police_copy_days),
    )
    decision = queries.decision(session, decided)
    copy.decision = seal_text(key, _place(copy, "decision"), decision.to_text())
    copy.why = seal_text(key, _place(copy, "why"), why)
    session.add(copy)
    session.flush()
    return copy


def _place(copy: PoliceCopy, what: str) -> str:
    return f"police_copy.{what}:{copy.id}"


def _package(stores: Stores, allowed: Permit, copy: PoliceCopy, recording: Recording) -> Package:
    decision, why = decision_of(stores, copy)
    taken = TakenOut(allowed.actor.name, str(allowed.function), clock.now(), why)
    told = rules.told(copy.id, taken, decision, _call(stores, recording))
    return package.make(SigningKey(stores.settings.audit.key_file), told, _parts(stores, recording))


def _call(stores: Stores, recording: Recording) -> dict[str, object]:
    """What is known of the call: the police need the caller's number."""
    key, number = stores.keys.get(recording.id), recording.remote_number
    place = f"recording.remote_number:{recording.id}"
    return {
        "started_at": recording.started_at.isoformat(),
        "duration_ms": recording.duration_ms,
        "direction": recording.direction,
        "line": recording.line,
        "number": open_text(key, place, number) if number else None,
        "recorder": recording.recorder,
        "recorder_id": recording.call_id,
        "received_at": recording.received_at.isoformat(),
        "original_encoding": recording.encoding,
        "employee_channel": recording.employee_channel,
    }


def _parts(stores: Stores, recording: Recording) -> list[Part]:
    key, sound, due_at = stores.keys.get(recording.id), sound_of(recording), recording.due_at
    name = rules.original_name(sound.encoding)

    def original() -> Iterator[bytes]:
        with stores.blobs.open(recording.id) as blob:
            reader = SealedReader(key, recording.id.encode(), blob.read_at, blob.size)
            for start in range(0, reader.size, BLOCK):
                _not_due(due_at)
                yield reader.read(start, BLOCK)

    def heard() -> Iterator[bytes]:
        with stores.blobs.open(recording.id) as blob:
            reader = SealedReader(key, recording.id.encode(), blob.read_at, blob.size)
            for piece in copying.copy(stores.settings.decoding, sound, reader, Marks(), Form.WAV)[1]:
                _not_due(due_at)
                yield piece

    def read_me() -> Pieces:
        return [rules.READ_ME.format(original=name).encode()]

    return [
        Part("read-me.txt", "what this is", read_me),
        Part(name, "the file as it was recorded", original),
        Part("heard.wav", "the call as it could be heard", heard),
    ]


def _not_due(due_at: datetime) -> None:
    if clock.now() >= due_at:
        raise EOFError("the call reached its erasure date while its copy was sent")  # RET-7
