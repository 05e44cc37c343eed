"""What recorders and people tell besides a call's facts stands nowhere in the clear: not in the database, its
log, the key store, the blobs or kcc's own log; for every kind of metadata.
"""

import io
import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from flask import Flask

from kcc import clock, logs
from kcc.access.actor import system
from kcc.config import Settings
from kcc.recordings import callers, findings
from kcc.recordings.sources import cdr
from kcc.sections import Log
from kcc.stores import Stores
from kcc.threat import incidents
from tests.centre import Centre
from tests.recordings import inbox, test_vcons_api, traces
from tests.recordings.inbox import SOUND, run
from tests.recordings.test_cdr import line
from tests.recordings.test_vcon import b64, document

NUMBER = "+31655544433"
MARKED = "merk4711"
"""Stands in everything that a source may say and kcc does not need."""
AGENTS = "(?:sip:|PJSIP/)?(agent-[a-z]+)(?:[@;-].*)?"
Told = Callable[[Stores, Path], None]
pytestmark = pytest.mark.usefixtures("centre")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Agents are named as in the centre, in every kind of metadata; one recorder may sign."""
    secret = tmp_path / "siprec.secret"
    secret.write_bytes(test_vcons_api.SECRET)
    changed = {
        "cdr": settings.cdr.model_copy(update={"agent_pattern": AGENTS, "lines": {"from-trunk": "main"}}),
        "siprec": settings.siprec.model_copy(update={"agent_pattern": AGENTS}),
        "vcons": settings.vcons.model_copy(update={"agent_pattern": AGENTS, "secrets": {"siprec": secret}}),
    }
    return settings.model_copy(update=changed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The recorder's folder, which is not part of the installation."""
    path = tmp_path / "source"
    path.mkdir()
    return path


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """All that kcc and its libraries write about themselves, down to the last detail."""
    stream = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", stream)
        logs.install(Log(level="debug"))
    yield lambda: stream.getvalue() + caplog.text
    structlog.reset_defaults()


def began() -> str:
    return (clock.now() - timedelta(hours=1)).isoformat()


def sidecar(stores: Stores, folder: Path) -> None:
    """A JSON sidecar, one that is stored and one with keys too many."""
    inbox.put(folder, "a.wav", remote_number=NUMBER)
    inbox.put(folder, "b.wav", remote_number=NUMBER, remark=f"{MARKED} {NUMBER}")
    run(stores, folder)


def call_records(stores: Stores, folder: Path) -> None:
    """Asterisk's log: caller id, account, application data, channel and user field."""
    start = (clock.now().astimezone(clock.LOCAL) - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S")
    (folder / "1793692800.17.wav").write_bytes(SOUND)
    (folder / cdr.FILE_NAME).write_text(
        line(
            start=start,
            src=NUMBER,
            clid=f'"{MARKED}" <{NUMBER}>',
            accountcode=MARKED,
            lastdata=MARKED,
            channel=f"PJSIP/{MARKED}-0000002b",
            dstchannel="PJSIP/agent-anna-0000002c",
        )
    )
    run(stores, folder)


def siprec(stores: Stores, folder: Path) -> None:
    """A session's metadata: names of both, and an extension of the recorder's own."""
    (folder / "call.wav").write_bytes(SOUND)
    (folder / "call.xml").write_text(
        '<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode>'
        f'<session session_id="s-1"><sipSessionID>{MARKED};remote=b</sipSessionID>'
        f"<start-time>{began()}</start-time></session>"
        f'<participant participant_id="p1"><nameID aor="sip:{NUMBER}@{MARKED}.example">'
        f'<name xml:lang="nl">{MARKED}</name></nameID></participant>'
        '<participant participant_id="p2"><nameID aor="sip:agent-anna@x">'
        f"<name>{MARKED}</name></nameID></participant>"
        f"<extensiondata>{MARKED}</extensiondata></recording>"
    )
    run(stores, folder)


def _vcon() -> dict[str, object]:
    caller = {"tel": NUMBER, "name": MARKED, "mailto": f"{MARKED}@example.org", "gmlpos": MARKED}
    found = document(caller, {"sip": "sip:agent-anna@x", "name": MARKED}, start=began(), body=b64(SOUND))
    found |= {
        "subject": MARKED,
        "analysis": [{"type": "transcript", "dialog": 0, "body": f"{MARKED} {NUMBER}", "encoding": "none"}],
        "attachments": [{"type": "note", "body": MARKED, "encoding": "none"}],
    }
    return found


def vcon(stores: Stores, folder: Path) -> None:
    """A vCon: names, addresses, subject, transcript, attachment."""
    (folder / "call.vcon").write_text(json.dumps(_vcon()))
    run(stores, folder)


def webhook(stores: Stores, folder: Path) -> None:  # noqa: ARG001
    """The same by webhook."""
    from kcc.app import create_app

    app: Flask = create_app(stores)
    body = json.dumps(_vcon()).encode()
    headers = test_vcons_api.signed(body) | {"Idempotency-Key": MARKED}
    assert app.test_client().post("/api/v1/vcons", data=body, headers=headers).status_code == 201


@pytest.mark.rule("RET-8", "SEC-1")
@pytest.mark.parametrize("told", [sidecar, call_records, siprec, vcon, webhook])
def test_nothing_a_source_tells_besides_stands_in_the_clear(
    stores: Stores, folder: Path, told: Told, log: Callable[[], str]
) -> None:
    """The call is stored and found by its number; neither number nor marker is anywhere."""
    told(stores, folder)
    row = traces.recording(stores)
    assert row.remote_number is not None
    with stores.database.write() as session:
        assert len(callers.calls_of_caller(stores, session, system("cli"), NUMBER, "R-1")) == 1
    words = (NUMBER, NUMBER[1:], "0" + NUMBER[3:], NUMBER[3:], MARKED)
    assert traces.holds_text(stores, *words) == []
    written = log()
    assert [word for word in words if word in written] == []


@pytest.mark.rule("RET-8", "SEC-1")
def test_nothing_people_write_stands_in_the_clear(
    stores: Stores, centre: Centre, log: Callable[[], str]
) -> None:
    """The account of a threat and the reason of a hold; a search by number, also one that finds nothing."""
    centre.call(remote_number=NUMBER)
    row = traces.recording(stores)
    with stores.database.write() as session:
        incidents.report(stores, session, centre.actor(centre.anna), row.id, "verbal", f"{MARKED} {NUMBER}")
    with stores.database.write() as session:
        callers.calls_of_caller(stores, session, system("cli"), "+31611122233", "R-1")
    assert findings.find(stores, []).clean
    words = (NUMBER, NUMBER[3:], MARKED, "611122233")
    assert traces.holds_text(stores, *words) == []
    written = log()
    assert [word for word in words if word in written] == []


def test_a_traceback_in_the_log_has_no_words(log: Callable[[], str]) -> None:
    """An exception may carry what it stumbled over; the log says where it was and of what kind."""
    try:
        int(MARKED)
    except ValueError:
        structlog.get_logger("test").exception("unexpected")
    written = log()
    assert MARKED not in written
    assert "ValueError" in written
    assert "test_nothing_in_the_clear.py" in written
