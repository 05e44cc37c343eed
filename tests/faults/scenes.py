"""Small installations and what is done in them while steps fail: intake, hold, first listening, rotation,
erasure, restart; what must hold afterwards is invariants'.
"""

import hashlib
import io
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from sqlalchemy import func, select

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Subject
from kcc.audit import checkpoints, record
from kcc.coaching import assessment
from kcc.coaching import draft as drafts
from kcc.coaching.model import Draw, Report, SampledCall, SeedChain, SelectionDate, SlotAllowance
from kcc.db import new_id
from kcc.errors import Unavailable
from kcc.notices.model import Notice
from kcc.people import assignments, endings, functions
from kcc.people.model import FunctionPeriod, Person
from kcc.people.queries import actor_of
from kcc.recordings import derivative, holds, queries, volume
from kcc.recordings.delivery import deliver
from kcc.recordings.derivative import Makers
from kcc.recordings.drop import claims, looking, refused, rounds
from kcc.recordings.erasure import erase_due
from kcc.recordings.model import Hold, Recording
from kcc.recordings.sounding import sound_of
from kcc.scheduler import audit_places, auditing, following, runner
from kcc.scheduler.timetable import timetable
from kcc.sections import Drop
from kcc.stores import Stores, create_blobs
from kcc.threat import incidents
from kcc.vault.fields import seal_text
from kcc.vault.folder import MARKER
from tests.centre import Centre, build
from tests.recordings.inbox import put

SOUND_MARK = "KLINKT-ALS-KLARE-TAAL"
NUMBER_MARK = "+31687654321"
WORDS_MARK = "woorden-van-wie-belde"
MARKS = tuple(mark.encode() for mark in (SOUND_MARK, NUMBER_MARK, WORDS_MARK))
"""What may stand nowhere but in the recorder's own folder."""

KINDS: dict[str, dict[str, str]] = {
    "stored": {},
    "waiting": {"agent_id": "nobody"},
    "sealed": {"scope": "internal"},
    "private": {"line": "private"},
    "refused": {"line": "silent"},
    "coded": {},
    "large": {},
}
"""What the metadata says of a call, by the first word of its id."""

Tell = Callable[[dict[str, object]], None]


@dataclass(frozen=True)
class Scene:
    """An installation (`prepare`, at T0) and a deed in it, `later` after T0; `again` is what goes on after
    the restart.
    """

    name: str
    prepare: Callable[[Stores, Path], None]
    deed: Callable[[Stores, Path, Tell], None]
    again: Callable[[Stores, Path, Tell], None] | None = None
    later: timedelta = timedelta(0)
    coded: bool = False
    opens: bool = True
    """Whether the stores are open before the deed; else opening them is the deed."""


def kind_of(call_id: str) -> str:
    """The kind of call that an id names."""
    return call_id.split("-")[0]


def pcm(call_id: str) -> bytes:
    """The sound of a call as PCM16: its marker over and over, and nobody else's."""
    seconds = {"coded": 1.4, "large": 600}.get(kind_of(call_id), 0.1)
    text = f"{SOUND_MARK};{call_id};".encode()
    size = int(seconds * 8000) * 2
    return (text * (size // len(text) + 1))[:size]


def content(call_id: str) -> bytes:
    """The file that the recorder has of a call."""
    return _flac(pcm(call_id)) if kind_of(call_id) == "coded" else _wav(pcm(call_id))


def _wav(data: bytes) -> bytes:
    fmt = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    body = (
        b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data)) + data
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _flac(data: bytes) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as out:
        stream = out.add_stream("flac", rate=8000)
        stream.layout = "mono"  # type: ignore[attr-defined]
        samples = np.frombuffer(data, "<i2").reshape(1, -1)
        frame = AudioFrame.from_ndarray(samples.copy(), "s16", "mono")
        frame.sample_rate, frame.pts = 8000, 0
        out.mux(stream.encode(frame))  # type: ignore[attr-defined]
        out.mux(stream.encode(None))  # type: ignore[attr-defined]
    return file.getvalue()


def person(stores: Stores, name: str = "anna") -> str:
    """The id of somebody of the centre."""
    with stores.database.read() as session:
        return session.scalars(select(Person.id).where(Person.number == name)).one()


def recording(stores: Stores, call_id: str) -> Recording | None:
    """The row of a call."""
    with stores.database.read() as session:
        return session.scalar(select(Recording).where(Recording.call_id == call_id))


def _take(centre: Centre, call_id: str, **more: object) -> None:
    described = {"call_id": call_id, "remote_number": NUMBER_MARK, **KINDS[kind_of(call_id)], **more}
    centre.call(content=content(call_id), **described)  # type: ignore[arg-type]


def _due_soon() -> datetime:
    return clock.now() - timedelta(days=28) + timedelta(hours=1)


def put_call(folder: Path, call_id: str, start: datetime | None = None) -> None:
    """A recorder's file and sidecar of a call; it began an hour ago, unless somebody says when."""
    described = {"remote_number": NUMBER_MARK, **KINDS[kind_of(call_id)]}
    if start:
        described["start"] = start.isoformat()
    put(folder / "source", f"{call_id}.wav", content(call_id), **described)


def _put(folder: Path, *call_ids: str) -> None:
    for call_id in call_ids:
        put_call(folder, call_id)


def report(stores: Stores, call_id: str) -> None:
    """Anna reports a call of hers: a hold."""
    row = recording(stores, call_id)
    assert row
    with stores.database.write() as session:
        anna = actor_of(session, person(stores), clock.today())
        incidents.report(stores, session, anna, row.id, "threat", WORDS_MARK)


def lift(stores: Stores, call_id: str) -> None:
    """The hold on a call of hers is lifted, with its line."""
    row = recording(stores, call_id)
    assert row
    with stores.database.write() as session:
        anna = actor_of(session, person(stores), clock.today())
        facts = queries.facts(session, row.id, clock.now())
        allowed = policy.permit(anna, Action.THREAT_REPORT, Subject("recording", row.id), facts)
        hold = session.scalars(select(Hold).where(Hold.recording_id == row.id)).one()
        record.act(session, allowed, lifted=hold.id)
        holds.lift(session, allowed, hold.id, stores.settings.limits)


def listen_first(stores: Stores, call_id: str) -> None:
    """Have a coded call decoded as its first listening does; raises what went wrong."""
    row = recording(stores, call_id)
    assert row
    making = Makers(stores).ensure(row.id, sound_of(row), stores.keys.get(row.id))
    with making.changed:
        making.changed.wait_for(lambda: making.ended, 60)
    assert making.ended, "decoding does not end"
    if making.fault:
        raise making.fault


# -- intake


def _inbox(stores: Stores, folder: Path) -> None:
    _take(build(stores), "stored-0")
    _put(folder, "stored-0", "stored-1", "waiting-2", "sealed-3", "private-4", "refused-5")


def _coded_inbox(stores: Stores, folder: Path) -> None:
    build(stores)
    _put(folder, "coded-1")


def _large_inbox(stores: Stores, folder: Path) -> None:
    build(stores)
    _put(folder, "large-1", "stored-2")


def _deliver(stores: Stores, folder: Path, tell: Tell) -> None:
    for answer in deliver(stores, system("ingest"), [folder / "source"], workers=1):
        tell({"answer": answer.answer.value, "code": answer.code, "call": answer.path.stem})


def _deliver_at_once(stores: Stores, folder: Path, tell: Tell) -> None:
    for answer in deliver(stores, system("ingest"), [folder / "source"], workers=4):
        tell({"answer": answer.answer.value, "code": answer.code, "call": answer.path.stem})


# -- hold, lift


def _one_call(stores: Stores, _folder: Path) -> None:
    centre = build(stores)
    _take(centre, "stored-1", start=_due_soon())
    _take(centre, "stored-2")


def _held_call(stores: Stores, folder: Path) -> None:
    _one_call(stores, folder)
    report(stores, "stored-1")


def _hold(stores: Stores, _folder: Path, _tell: Tell) -> None:
    report(stores, "stored-1")


def _lift(stores: Stores, _folder: Path, _tell: Tell) -> None:
    lift(stores, "stored-1")


# -- first listening


def _coded_call(stores: Stores, _folder: Path) -> None:
    centre = build(stores)
    _take(centre, "coded-1")
    _take(centre, "stored-2")


def _first_listening(stores: Stores, _folder: Path, _tell: Tell) -> None:
    listen_first(stores, "coded-1")


# -- rotation, erasure


def _rotate(stores: Stores, _folder: Path, _tell: Tell) -> None:
    stores.keys.rotate(clock.now())


def _doomed(stores: Stores, _folder: Path) -> None:
    centre = build(stores)
    for call_id in ("stored-1", "stored-2", "waiting-3", "sealed-4", "coded-5"):
        _take(centre, call_id, start=_due_soon())
    _take(centre, "stored-6")
    _take(centre, "stored-7", start=_due_soon())
    report(stores, "stored-7")
    listen_first(stores, "coded-5")


def _plain_doomed(stores: Stores, _folder: Path) -> None:
    centre = build(stores)
    for call_id in ("stored-1", "waiting-3", "sealed-4"):
        _take(centre, call_id, start=_due_soon())
    _take(centre, "stored-6")
    _take(centre, "stored-7", start=_due_soon())
    report(stores, "stored-7")


def _erase(stores: Stores, _folder: Path, _tell: Tell) -> None:
    erase_due(stores, system("erase"))


# -- restart, on what kills left


def _littered(stores: Stores, folder: Path) -> None:
    """What killed intakes, a killed erasure and a killed rotation left, made by the calls they make."""
    _plain_doomed(stores, folder)
    for number, left in enumerate(("draft", "key", "blob")):
        name = hashlib.sha256(f"litter{number}".encode()).hexdigest()[:32]
        writer = stores.blobs.writer(name)
        writer.__enter__()
        if left != "draft":
            stores.keys.create(name)
        writer.write(b"sealed")
        if left == "blob":
            writer.commit()
        writer.leave()
        writer.__exit__(None, None, None)
    stray = hashlib.sha256(b"piece").hexdigest()[:32] + "p0000"
    with stores.blobs.writer(stray) as blob:
        blob.commit()
    row = recording(stores, "stored-1")
    assert row
    with stores.database.write() as session:
        going = session.get_one(Recording, row.id)
        permit = policy.permit(system("erase"), Action.RECORDING_ERASE, Subject("recording", row.id))
        going.state, going.reason = "erasing", "live"
        record.act(session, permit, step="intent", rule=row.due_rule)
    stores.keys.destroy([row.id])


def restart(stores: Stores, _folder: Path, _tell: Tell) -> None:
    """What a start does for recordings: erase and clear what is left, look for losses, renew the root key."""
    for job in timetable(stores.settings.scheduler):
        if job.name in ("erase", "reconcile", "rotate"):
            done = runner.run(stores, job)
            assert done is None or done.outcome in ("done", "failed")


# -- the end of a function


def _leaving(stores: Stores, _folder: Path) -> None:
    """Bob's function has ended, with a report finished and one in work; Anna's coach has a successor."""
    centre = build(stores)
    for call_id, agent in (("stored-1", "bob"), ("stored-2", "bob"), ("stored-3", "anna")):
        _take(centre, call_id, agent=agent)
    reported = [
        scored(stores, centre, call_id, finished=call_id != "stored-2")
        for call_id in ("stored-1", "stored-2", "stored-3")
    ]
    assert len(set(reported)) == 3
    with stores.database.write() as session:
        bobs = select(FunctionPeriod.id).where(FunctionPeriod.person_id == centre.bob)
        functions.end(session, system("cli"), session.scalars(bobs).one(), clock.today())
        pair = (centre.coach, centre.other_coach)
        assignments.name_successor(session, system("cli"), *pair, clock.today(), [centre.anna])


def scored(stores: Stores, centre: Centre, call_id: str, *, finished: bool) -> str:
    """A report about a call that was drawn, by its employee's coach; how draws go is no matter here."""
    call, at, report_id = recording(stores, call_id), clock.now(), new_id()
    assert call
    assert call.employee_id
    sealed = seal_text(stores.keys.create(report_id), assessment.place(report_id), drafts.dump({}))
    month = clock.today().replace(day=1)
    with stores.database.write() as session:
        number = (session.scalar(select(func.max(Draw.number))) or 0) + 1
        of_call = {"employee_id": call.employee_id, "month": month}
        chain = SeedChain(published_end=bytes(32), length=1, used=1, created_at=at)
        date = SelectionDate(**of_call, ordinal=number, day=clock.today(), announced_at=at, state="drawn")
        session.add_all([chain, date, SlotAllowance(**of_call, slot=number)])
        session.flush()
        proof = {"rule_version": "v", "pool_size": 1, "pool_root": bytes(32), "committed_at": at}
        of_draw = {"selection_id": date.id, "employee_id": call.employee_id, "chain_id": chain.id}
        session.add(Draw(number=number, **of_draw, **proof, chain_index=1, secret=bytes(32), drawn_at=at))
        session.flush()
        drawn = {"recording_id": call.id, "slot": number, "ticket": bytes(32), "drawn_at": at}
        sample = SampledCall(draw_number=number, **of_call, **drawn)
        session.add(sample)
        session.flush()
        told = {"form_version": 1, "content": sealed, "created_at": at, "saved_at": at}
        of_report = {"sampled_call_id": sample.id, "employee_id": call.employee_id, "coach_id": centre.coach}
        session.add(Report(id=report_id, **of_report, **told, finished_at=at if finished else None))
    return report_id


def _follow(stores: Stores, _folder: Path, _tell: Tell) -> None:
    """A step that fails is counted and left for the next run: the job then says that it failed."""
    if following.follow(stores).failed:
        raise Unavailable("broken off", code="broken_off")


def follow(stores: Stores) -> None:
    """What follows from ends and successions, as the job does it."""
    done = following.follow(stores)
    assert done.failed == 0


def _followed(stores: Stores, folder: Path, tell: Tell) -> None:
    """Wherever it broke off, it comes to its end: once, and told once."""
    _follow(stores, folder, tell)
    bob, anna, other = (person(stores, name) for name in ("bob", "anna", "other_coach"))
    with stores.database.read() as session:
        kept = [(row.employee_id, row.coach_id) for row in session.scalars(select(Report))]
        assert kept == [(anna, other)], "bob's are gone, anna's have passed"
        assert not endings.ripe(session, clock.now())
        assert not assignments.due_successions(session, clock.today())
        words = select(Notice.word).where(Notice.person_id.in_([bob, anna]))
        told = sorted(session.scalars(words))
        assert told == ["coach.assigned", "function.ended", "reports.erased", "reports.passed"], told
        left = select(SampledCall.left_reason).where(SampledCall.employee_id == bob)
        assert set(session.scalars(left)) == {"function"}


# -- setting up


def _nothing(stores: Stores, folder: Path) -> None:
    """Only the database is there."""
    build(stores)
    for path in sorted((folder / "blobs").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (folder / "blobs").rmdir()
    for path in (folder / "keys").iterdir():
        path.unlink()


def _set_up(stores: Stores, _folder: Path, _tell: Tell) -> None:
    create_blobs(stores.settings)
    opened = Stores.open(stores.settings)
    volume.check(opened)
    opened.close()


def _old_volume(stores: Stores, folder: Path) -> None:
    build(stores)
    (folder / "blobs" / MARKER).write_text("kcc volume 1\n")


def _old_bucket(stores: Stores, _folder: Path) -> None:
    build(stores)
    import obstore  # only where sound lies in a bucket

    obstore.put(stores.blobs._here(), MARKER, b"kcc volume 1\n")  # type: ignore[attr-defined]


def _bind(stores: Stores, _folder: Path, _tell: Tell) -> None:
    volume.check(stores)


# -- a drop folder, which is the recorder's own


def _drop(stores: Stores, folder: Path) -> tuple[Stores, Drop]:
    """The stores of an installation whose drop folder that is."""
    drop = Drop(folder=folder / "source")
    return replace(stores, settings=stores.settings.model_copy(update={"drops": (drop,)})), drop


def _dropped(stores: Stores, folder: Path) -> None:
    """Calls have come; one that was refused before has to go, and a draft of ours lies about."""
    build(stores)
    put(folder / "source", "deep/past-0.wav", b"no sound", line="silent", start=_due_soon().isoformat())
    stores, drop = _drop(stores, folder)
    rounds.prepare(drop)
    _look_twice(stores)
    (drop.folder / looking.WORK / "litter.draft").write_text("{")
    _put(folder, "stored-1", "private-4", "refused-5")
    put(drop.folder, "private-6.wav", content("private-6"), line="private", direction="sideways")
    (drop.folder / f"refused-5{looking.REASON}").write_text("{}")  # it was refused before, and put back


def _look_twice(stores: Stores, minutes: int = 1) -> None:
    watcher, at = rounds.Watcher(), clock.now()
    for past in range(minutes + 1):
        with clock.frozen(at + timedelta(minutes=past)):
            watcher.look(stores)


def _take_from_the_folder(stores: Stores, folder: Path, tell: Tell) -> None:
    """Make the folder ours, find a file changed when it is claimed, take in, refuse, purge."""
    stores, drop = _drop(stores, folder)
    with _disk(tell):
        rounds.prepare(drop)
    found = {bundle.names[0]: bundle for bundle in looking.look(drop)[0]}
    if changed := found.get("stored-1.wav"):
        os.utime(drop.folder / "stored-1.wav", ns=(changed.signature[0][4] + 1,) * 2)
        with _disk(tell):
            assert claims.take(drop.folder, changed, clock.now()) is None
    _look_twice(stores)
    with _disk(tell):
        refused.purge(stores, drop)


def _go_on_with_the_folder(stores: Stores, folder: Path, tell: Tell) -> None:
    _take_from_the_folder(stores, folder, tell)
    _look_twice(_drop(stores, folder)[0], 4)


@contextmanager
def _disk(tell: Tell) -> Iterator[None]:
    """What jobs and commands tell as a fault of the disk."""
    try:
        yield
    except OSError as fault:
        tell({"disk": fault.errno})


# -- sealing, signing and sending the audit


def _audited(stores: Stores, folder: Path) -> Stores:
    """The stores of an installation whose checkpoints go to a folder, or beside the sound into a bucket."""
    blobs, told = stores.settings.blobs, {"folder": str(folder / "officer")}
    if blobs.url:
        told = {"s3_url": blobs.url.replace("?", "-audit?", 1), "s3_credentials_file": blobs.credentials_file}
    audit = stores.settings.audit.model_copy(update=told)
    return replace(stores, settings=stores.settings.model_copy(update={"audit": audit}))


def _lines(stores: Stores, folder: Path) -> None:
    """There are lines, drafts of a killed writer, and no key yet."""
    _take(build(stores), "stored-1")
    for place, name in (("officer", ".0a1b2c3d.draft"), ("audit", "signing.key.making-0a1b2c3d")):
        (folder / place).mkdir()
        (folder / place / name).write_text("half")
        os.utime(folder / place / name, (1, 1))


def _checkpoint(stores: Stores, folder: Path, _tell: Tell) -> None:
    """The key is made, everything signed and sent; then a new key follows and signs as well."""
    _sign_all(stores, folder)
    report(stores, "stored-1")
    auditing.checkpoint(_audited(stores, folder))


def _sign_all(stores: Stores, folder: Path, _tell: Tell | None = None) -> None:
    stores = _audited(stores, folder)
    auditing.make_key(stores.settings)
    auditing.checkpoint(stores)
    auditing.renew_key(stores, system("renew"))
    auditing.checkpoint(stores)


def _sign_into_a_bucket(stores: Stores, folder: Path, _tell: Tell) -> None:
    stores = _audited(stores, folder)
    auditing.make_key(stores.settings)
    auditing.checkpoint(stores)


def _signed_in_the_bucket(stores: Stores, folder: Path, tell: Tell) -> None:
    _sign_into_a_bucket(stores, folder, tell)
    stores = _audited(stores, folder)
    (bucket,) = audit_places.configured(stores.settings)
    with stores.database.read() as session:
        note = checkpoints.latest(session)
    assert note is not None
    assert bucket.newest(1) == note.text


HOURS = timedelta(hours=1)
SCENES = {
    scene.name: scene
    for scene in (
        Scene("intake", _inbox, _deliver, _deliver),
        Scene("intake, several at once", _inbox, _deliver_at_once, _deliver),
        Scene("intake of a coded call", _coded_inbox, _deliver, _deliver, coded=True),
        Scene("hold", _one_call, _hold),
        Scene("lift", _held_call, _lift, later=2 * HOURS),
        Scene("first listening", _coded_call, _first_listening, _first_listening, coded=True),
        Scene("rotation", _one_call, _rotate),
        Scene("erasure", _doomed, _erase, later=2 * HOURS, coded=True),
        Scene("end of a function", _leaving, _follow, _followed),
        Scene("restart", _littered, restart, later=2 * HOURS),
        Scene("drop folder", _dropped, _take_from_the_folder, _go_on_with_the_folder, later=2 * HOURS),
        Scene("checkpoint", _lines, _checkpoint, _sign_all),
        Scene("set-up", _nothing, _set_up, _set_up, opens=False),
        Scene("old volume", _old_volume, _bind, _bind),
        Scene("intake into a bucket", _large_inbox, _deliver, _deliver),
        Scene("erasure in a bucket", _plain_doomed, _erase, later=2 * HOURS),
        Scene("old bucket", _old_bucket, _bind, _bind),
        Scene("checkpoint into a bucket", _one_call, _sign_into_a_bucket, _signed_in_the_bucket),
        Scene("restart on a bucket", _littered, restart, later=2 * HOURS),
    )
}

derivative.PIECE_SECONDS = 1  # a short call then has several pieces; this process is the loop's own
