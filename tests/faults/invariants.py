"""What must hold after any fault, looked at from outside: in rows, keys, blobs, audit lines, the recorder's
folder, every file there is, and through the application.
"""

import io
import json
import re
import subprocess
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from kcc import clock
from kcc.access.actions import Action
from kcc.app import create_app
from kcc.audit import checking, export, verify
from kcc.audit.model import AuditCheckpoint, AuditLine
from kcc.audit.notes import Note, without_proof
from kcc.audit.signing import SigningKey
from kcc.coaching import keys as coaching_keys
from kcc.errors import AccessDenied
from kcc.people import sessions
from kcc.recordings import callers, findings, marks, rules
from kcc.recordings.derivative import recording_of
from kcc.recordings.drop import looking, reasons
from kcc.recordings.model import Hold, Recording, Tombstone
from kcc.recordings.reconcile import missing
from kcc.stores import Stores
from kcc.threat.model import Incident
from kcc.vault.sealing import SealedReader
from tests.faults.scenes import MARKS, content, kind_of, pcm, person
from tests.recordings import traces

SOUNDING = ("live", "quarantined")
EXCHANGE = "exchange"
OWNERS = (findings.Owner(coaching_keys.known, coaching_keys.expected),)
"""Who keeps keys beside recordings."""
NO_PAGE = {"Accept": "application/json"}
"""As the player asks: a refusal is then no page, which would cost more than all the rest."""
Told = list[dict[str, Any]]


class State:
    """Everything of one moment, read once."""

    def __init__(self, stores: Stores, folder: Path) -> None:
        self.stores, self.folder, self.now = stores, folder, clock.now()
        with stores.database.read() as session:
            self.rows = {row.call_id: row for row in session.scalars(select(Recording))}
            self.stones = {bytes(stone.call_digest): stone for stone in session.scalars(select(Tombstone))}
            self.holds = list(session.scalars(select(Hold)))
            self.incidents = list(session.scalars(select(Incident)))
            bodies = session.scalars(select(AuditLine.body).order_by(AuditLine.id))
            self.lines = [json.loads(body) for body in bodies if body]
            ids = set(stores.keys.ids())
            others = {marks.KEY, *stores.keys.ids(callers.PREFIX), *coaching_keys.known(session, ids)}
        self.keys = ids - others
        self._secret = stores.keys.get(marks.KEY) if stores.keys.holds([marks.KEY]) else b""
        self.blobs = set(stores.blobs.names())

    def stone(self, call_id: str) -> Tombstone | None:
        """The tombstone of a call."""
        return self.stones.get(marks.mark(self._secret, EXCHANGE, call_id))

    def acts(self, action: Action) -> Iterator[dict[str, Any]]:
        """The permitted acts of one kind, with what was said of them."""
        return (line for line in self.lines if line["action"] == action.value and line["allowed"])


def holds_now(
    stores: Stores, folder: Path, calls: dict[str, str | None], told: Told, *, employed: bool = True
) -> None:
    """What holds at any moment, also straight after a kill. `calls` are all there are: when each began, as it
    was known before the deed, or None for one that is still the recorder's. `employed` is whether Anna is.
    """
    state = State(stores, folder)
    for call_id, start in calls.items():
        _no_early_loss(state, call_id, start)
        _no_false_erasure(state, call_id)
    _told_is_true(state, told)
    _one_line_a_change(state)
    _no_plaintext(folder)
    _signed_once(stores, folder)
    _as_the_application_has_it(state, calls, employed=employed)


def holds_at_rest(
    stores: Stores, folder: Path, calls: dict[str, str | None], too_late: Collection[str] = ()
) -> None:
    """What holds besides, once a start has put things in order: nothing lies about, nothing is late. Calls
    that came `too_late` were not taken in, and stay with the recorder.
    """
    state = State(stores, folder)
    drop_in_order(state)
    audit_in_order(stores, folder)
    sounding = {row.id for row in state.rows.values() if row.state in SOUNDING}
    assert state.keys == sounding, f"keys without rows: {state.keys ^ sounding}"
    strays = {name for name in state.blobs if recording_of(name) not in sounding}
    assert not strays, f"blobs without rows: {strays}"
    assert sounding <= state.blobs, "a row without its blob"
    assert not stores.blobs.arriving(), "a draft is left"
    assert list(missing(stores)) == []
    found = findings.find(stores, OWNERS)  # the keys of callers' days and of the tombstones among them
    assert found.clean, found
    roots = sorted(path.name for path in (folder / "keys").iterdir() if path.name.startswith("root"))
    assert roots == ["root.key"], roots
    assert stores.keys._root_file.read().previous is None, "an old root is left"
    late = [row.call_id for row in state.rows.values() if row.due_at <= state.now]
    assert not late, f"overdue: {late}"
    for call_id in calls:
        there, kind = bool(recorders(folder, call_id)), kind_of(call_id)
        if call_id in too_late:
            assert call_id not in state.rows
        elif kind == "refused":
            assert there, "a refused call's file went"
            assert call_id not in state.rows
        else:
            assert not there, f"{call_id} is still the recorder's"
        if kind not in ("refused", "private") and call_id not in too_late:
            assert (call_id in state.rows) != bool(state.stone(call_id)), call_id


def _no_early_loss(state: State, call_id: str, start: str | None) -> None:
    found = recorders(state.folder, call_id)
    assert len(found) <= 1, f"{call_id} is there twice"
    there = [path.read_bytes() for path in found] == [content(call_id)]
    row, kind = state.rows.get(call_id), kind_of(call_id)
    if kind in ("private", "refused"):
        assert row is None, f"{call_id} was taken in"
        assert there or kind == "private"
        return
    if start is None:
        assert there or row, f"{call_id} is lost"
    elif row is None and (stone := state.stone(call_id)):
        limits = state.stores.settings.limits
        ordinary = rules.due_at(datetime.fromisoformat(start), limits.recording_days)
        assert stone.due_at >= ordinary or stone.state == "quarantined", f"{call_id} went before its time"
    else:
        due = _due(state, row, datetime.fromisoformat(start))
        assert row is None or row.due_at == due, f"{call_id} is due at {row and row.due_at}, not {due}"
        if state.now >= due:
            return  # that it goes is what a deadline is for
        assert row, f"{call_id} went before its time"
        assert row.state != "erasing", f"{call_id} goes before its time"
    if row is not None and row.state in SOUNDING:
        assert _opened(state.stores, row) == content(call_id), f"{call_id} is not what was recorded"
    elif row is not None:
        assert row.id not in state.keys, f"a key to {call_id}, which nobody may hear"


def recorders(folder: Path, call_id: str) -> list[Path]:
    """Where the recorder's file of a call is: where it was put, claimed, or among the refused ones."""
    found = (folder / "source").rglob(f"{call_id}*.wav")
    return [path for path in found if re.fullmatch(rf"{call_id}(-\d+)?", path.stem)]


def drop_in_order(state: State) -> None:
    """In a drop folder nothing stays claimed; what is refused has its reason, and may be kept (PUR-4)."""
    folder = state.folder / "source"
    if not (folder / looking.WORK).exists():
        return
    kept = {path.name for path in (folder / looking.WORK).iterdir()}
    assert kept <= {"lock"}, f"claims, or notes of them, are left: {kept}"
    lying = {path.name for path in folder.iterdir() if path.is_file()}
    assert not lying, f"not taken: {lying}"
    explained = set[Path]()
    for path in (folder / looking.REFUSED).rglob(f"*{looking.REASON}"):
        reason = reasons.read(path)
        assert reason, f"{path.name} cannot be read"
        files = {path.parent / name for name in reason.files}
        there = {file for file in files if file.exists()}
        assert there in (files, set()), f"only {there} of {files}"
        assert reason.purged_at > state.now, f"{path.name} is kept too long"
        explained |= {path, *there}
    files = {path for path in (folder / looking.REFUSED).rglob("[!.]*") if path.is_file()}
    assert files == explained, f"without a reason: {files - explained}"
    private = [path.name for path in folder.rglob("private*")]
    assert not private, f"a private call is kept: {private}"


def _signed_once(stores: Stores, folder: Path) -> None:
    """Whatever was sent, and what the key remembers, is the one checkpoint of its number that there is."""
    with stores.database.read() as session:
        kept = dict(iter(session.execute(select(AuditCheckpoint.number, AuditCheckpoint.note))))
    held = [without_proof(path.read_text())[0] for path in (folder / "officer").glob("*.checkpoint")]
    memory = folder / "audit" / "signing.key.last"
    for text in [*held, *([memory.read_text()] if memory.exists() else [])]:
        number = Note.read(text).number
        assert kept.get(number) == text, f"checkpoint {number} was signed twice"


def audit_in_order(stores: Stores, folder: Path) -> None:
    """Where the audit is signed: the log proves itself, with what was sent, and no draft lies about."""
    if not (folder / "officer").exists():
        return
    assert checking.check(stores.database) == {}
    out = io.BytesIO()
    export.write(stores.database, out)
    out.seek(0)
    held = [path.read_text() for path in sorted((folder / "officer").iterdir())]
    report = verify.check(out, held)
    assert (report.findings, len(held)) == ([], report.checkpoints), report
    keys = sorted(path.name for path in (folder / "audit").iterdir())
    assert keys == ["signing.key", "signing.key.last"], keys
    last = max((folder / "officer").iterdir()).read_text()
    assert (folder / "audit" / "signing.key.last").read_text() == without_proof(last)[0]
    key = SigningKey(folder / "audit" / "signing.key")
    assert Note.read(without_proof(last)[0]).signed_by(key.public)


def _due(state: State, row: Recording | None, start: datetime) -> datetime:
    limits = state.stores.settings.limits
    due = rules.due_at(start, limits.recording_days)
    if row is None:
        return due
    if "quarantined" in (row.state, row.reason):
        due = rules.quarantine_due_at(start, row.received_at, limits.recording_days, limits.quarantine_days)
    standing = [hold.until for hold in state.holds if hold.recording_id == row.id and hold.lifted_at is None]
    return max([due, *standing])


def _opened(stores: Stores, row: Recording) -> bytes:
    with stores.blobs.open(row.id) as blob:
        reader = SealedReader(stores.keys.get(row.id), row.id.encode(), blob.read_at, blob.size)
        return reader.read(0, reader.size)


def _no_false_erasure(state: State, call_id: str) -> None:
    stone, row = state.stone(call_id), state.rows.get(call_id)
    if stone is None:
        return
    assert row is None, f"{call_id} is erased and there"
    assert stone.recording_id not in state.keys, f"{call_id} is called erased and its key is there"
    left = {name for name in state.blobs if recording_of(name) == stone.recording_id}
    assert not left, f"{call_id} is called erased and {left} are there"
    assert stone.due_at <= stone.erased_at, f"{call_id} was erased before its time"


def _told_is_true(state: State, told: Told) -> None:
    """What a recorder was answered before the kill is so after it."""
    for answer in told:
        if answer.get("answer") in ("stored", "quarantined", "known"):
            assert answer["call"] in state.rows, f"{answer} and it is not there"


def _one_line_a_change(state: State) -> None:
    taken = Counter(
        line["detail"]["recording"]
        for line in state.acts(Action.RECORDING_INTAKE)
        if line["detail"].get("answer") in ("stored", "quarantined")
    )
    stones = {stone.recording_id for stone in state.stones.values()}
    known = {row.id for row in state.rows.values()} | stones
    assert taken == Counter(dict.fromkeys(known, 1)), "one line for each call taken in"
    steps = Counter((line["subject"], line["detail"]["step"]) for line in state.acts(Action.RECORDING_ERASE))
    going = {row.id for row in state.rows.values() if row.state == "erasing"} | stones
    expected = [(f"recording:{id_}", "intent") for id_ in going]
    expected += [(f"recording:{id_}", "erased") for id_ in stones]
    assert steps == Counter(expected), f"erasures and their lines: {steps} for {expected}"
    threats = [line["detail"] for line in state.acts(Action.THREAT_REPORT)]
    reported = sum("kind" in detail for detail in threats)
    assert reported >= len(state.incidents) == len(state.holds)
    if not stones:
        assert reported == len(state.holds), "one line for each hold"
        lifted = {detail["lifted"] for detail in threats if "lifted" in detail}
        assert lifted == {hold.id for hold in state.holds if hold.lifted_at}, "one line for each lift"
    refused = sum(line["detail"].get("answer") == "refused" for line in state.acts(Action.RECORDING_INTAKE))
    counts = traces.refusals(state.stores)
    counted = sum(count for (_, code), count in counts.items() if code != "private_line")
    assert refused == counted, f"refusals and their lines: {refused} for {counts}"


def _no_plaintext(folder: Path) -> None:
    """No file but the recorder's holds a marker. Another process looks: were this one to close a file of
    SQLite's, the locks that it has on it would be gone.
    """
    marks = [word for mark in MARKS for word in ("-e", mark.decode())]
    grep = ["grep", "-rlaF", "--exclude-dir=source", *marks, str(folder)]
    done = subprocess.run(grep, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, ""), f"plaintext in {done.stdout or done.stderr}"


def _as_the_application_has_it(state: State, calls: dict[str, str | None], *, employed: bool) -> None:
    """Anna hears her own calls until their time and not a moment longer: no late access, no early loss."""
    anna = person(state.stores)
    with suppress(AccessDenied), state.stores.database.write() as session:
        secret = sessions.begin(session, anna)
    if not employed:
        return  # nobody without a function signs in at all
    app = create_app(state.stores)
    app.config["WTF_CSRF_ENABLED"] = False  # tested in tests/web; here it would only cost a page
    browser = app.test_client()
    browser.set_cookie("kcc", secret)
    for call_id in calls:
        row, stone = state.rows.get(call_id), state.stone(call_id)
        if row is not None:
            mine = row.state == "live" and row.employee_id == anna and state.now < row.due_at
            mine = mine and employed
            assert _plays(browser, row.id, call_id) == mine, f"{call_id}: to be heard {mine}"
        elif stone is not None:
            assert not _plays(browser, stone.recording_id, call_id), f"{call_id} is heard after its end"


def _plays(browser: FlaskClient, recording_id: str, call_id: str) -> bool:
    opened = browser.post(f"/calls/{recording_id}/listen", headers=NO_PAGE)
    if opened.status_code != 303:
        assert opened.status_code in (403, 404, 409, 410), opened.status
        return False
    lease = opened.headers["Location"].removesuffix("/addresses").rpartition("/")[2]
    if kind_of(call_id) != "coded":  # of which first listening is a scene of its own
        sound = browser.get(f"/listening/{lease}/sound")
        assert sound.status_code == 200, sound.status
        assert sound.data.endswith(pcm(call_id)), f"{call_id} does not sound as it did"
    return True
