"""What lies beside a sound in a folder says whose it is, whatever it is written in, and goes with it."""

import hashlib
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from kcc import clock
from kcc.access.actor import system
from kcc.config import Settings
from kcc.recordings import beside, delivery, source_files
from kcc.recordings.intake import Answer
from kcc.recordings.sources import cdr
from kcc.stores import Stores
from tests.centre import Centre
from tests.coded import encoded
from tests.recordings import inbox, traces
from tests.recordings.inbox import SOUND, left, run
from tests.recordings.test_cdr import line
from tests.recordings.test_siprec import document as siprec_document
from tests.recordings.test_vcon import CALLER, b64, document
from tests.sounds import wav

AGENTS = "(?:sip:|PJSIP/)?(agent-[a-z]+)(?:[@;-].*)?"
NAME = "1793692800.17"
pytestmark = pytest.mark.usefixtures("centre")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Agents are named as in the centre, in every kind of metadata."""
    changed = {
        "cdr": settings.cdr.model_copy(update={"agent_pattern": AGENTS, "lines": {"from-trunk": "main"}}),
        "siprec": settings.siprec.model_copy(update={"agent_pattern": AGENTS}),
        "vcons": settings.vcons.model_copy(update={"agent_pattern": AGENTS}),
    }
    return settings.model_copy(update=changed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The recorder's folder."""
    path = tmp_path / "source"
    path.mkdir()
    return path


def at(seconds: int = 0) -> str:
    return (clock.now() - timedelta(hours=1) + timedelta(seconds=seconds)).isoformat()


def vcon(**dialog: object) -> str:
    return json.dumps(document(CALLER, {"sip": "sip:agent-anna@x"}, **({"start": at()} | dialog)))


def siprec(*people: tuple[str, str | None, str | None]) -> bytes:
    return siprec_document(("sip:+31201234567@x", None, None), *people, began=at())


ANNA = ("sip:agent-anna@x", None, None)


@pytest.mark.parametrize("name", ["call.xml", "call.json"])
def test_siprec_beside_a_sound(stores: Stores, centre: Centre, folder: Path, name: str) -> None:
    (folder / "call.wav").write_bytes(SOUND)
    (folder / name).write_bytes(siprec(ANNA))
    (answer,) = run(stores, folder).values()
    assert (answer.code, answer.removed) == ("stored", True)
    assert left(folder) == set()
    assert (traces.recording(stores).employee_id, traces.recording(stores).recorder) == (
        centre.anna,
        "siprec",
    )


def test_a_transferred_call_from_a_folder(stores: Stores, centre: Centre, folder: Path) -> None:
    (folder / "call.wav").write_bytes(wav(40.0))
    people = ("sip:agent-anna@x", at(), at(20)), ("sip:agent-bob@x", at(25), None)
    (folder / "call.xml").write_bytes(siprec(*people))
    (answer,) = run(stores, folder).values()
    assert (answer.code, answer.removed) == ("stored", True)
    assert [(row.employee_id, row.duration_ms) for row in traces.recordings(stores)] == [
        (centre.anna, 20_000),
        (centre.bob, 15_000),
    ]


@pytest.mark.parametrize("name", ["call.vcon.json", "call.vcon", "call.json"])
def test_a_vcon_beside_a_sound(stores: Stores, centre: Centre, folder: Path, name: str) -> None:
    (folder / "call.wav").write_bytes(SOUND)
    (folder / name).write_text(vcon(body=None, content_hash="sha512-" + b64(hashlib.sha512(SOUND).digest())))
    (answer,) = run(stores, folder).values()
    assert (answer.code, left(folder)) == ("stored", set())
    assert traces.recording(stores).employee_id == centre.anna


def test_a_vcon_that_describes_another_sound_leaves_nothing(stores: Stores, folder: Path) -> None:
    (folder / "call.wav").write_bytes(wav(2.0))
    (folder / "call.vcon").write_text(vcon(content_hash="sha512-" + b64(hashlib.sha512(SOUND).digest())))
    (answer,) = run(stores, folder).values()
    assert (answer.answer, answer.code) == (Answer.REFUSED, "content_mismatch")
    assert left(folder) == {"call.wav", "call.vcon"}
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.parametrize("name", ["call.vcon.json", "call.vcon", "call.json"])
def test_a_vcon_with_its_sound_inside(stores: Stores, centre: Centre, folder: Path, name: str) -> None:
    (folder / name).write_text(vcon())
    (answer,) = run(stores, folder).values()
    assert (answer.code, left(folder)) == ("stored", set())
    assert (traces.recording(stores).employee_id, traces.recording(stores).recorder) == (centre.anna, "vcon")


def record(folder: Path, **changed: str) -> None:
    """Asterisk's log: this call, an unanswered one, and a line that is still being written."""
    start = (clock.now().astimezone(clock.LOCAL) - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S")
    own = {"start": start, "dstchannel": "PJSIP/agent-anna-0000002c"} | changed
    lines = [line(disposition="NO ANSWER"), line(**own), line(**own)[:-9]]
    (folder / cdr.FILE_NAME).write_text("".join(lines))


def test_call_records_beside_the_sounds(stores: Stores, centre: Centre, folder: Path) -> None:
    (folder / f"{NAME}.wav").write_bytes(SOUND)
    (folder / "other.wav").write_bytes(wav(2.0))
    record(folder)
    answers = run(stores, folder)
    assert answers[f"{NAME}.wav"].code == "stored"
    assert answers["other.wav"].code == "metadata_invalid"
    own = answers[cdr.FILE_NAME]
    assert (own.answer, own.code, own.removed) == (Answer.KNOWN, "call_records", False)
    assert own.message == "Call records: 1 answered calls, 1 unanswered and 0 odd left out."
    assert left(folder) == {cdr.FILE_NAME, "other.wav"}
    row = traces.recording(stores)
    assert (row.employee_id, row.recorder, row.call_id) == (centre.anna, "asterisk", NAME)


def test_bare_sounds_beside_call_records_are_what_their_suffix_says(
    stores: Stores, centre: Centre, folder: Path
) -> None:
    """Asterisk writes .g722 and .alaw without any head."""
    (folder / f"{NAME}.g722").write_bytes(encoded("g722", "g722", 16000, 2.0))
    record(folder)
    assert run(stores, folder)[f"{NAME}.g722"].code == "stored"
    row = traces.recording(stores)
    assert (row.employee_id, row.encoding, row.rate) == (centre.anna, "g722", 16000)


def test_call_records_are_read_once_for_all_sounds(stores: Stores, centre: Centre, folder: Path) -> None:
    """And the folder is listed once: ten thousand sounds would list ten thousand names each. Whoever keeps
    the records reads them once over several runs, too.
    """
    listed: list[Path] = []

    def near(sound: Path) -> tuple[Path, Callable[[], frozenset[str]]]:
        place, sounds = beside.neighbours(sound)

        def listing() -> frozenset[str]:
            listed.append(place)
            return sounds()

        return place, listing

    start = f"{(clock.now() - timedelta(hours=1)).astimezone(clock.LOCAL):%Y-%m-%d %H:%M:%S}"
    own = {"start": start, "dstchannel": "PJSIP/agent-anna-0000002c"}
    names = [f"1793692800.{number}" for number in range(8)]
    paths = [folder / f"{name}.wav" for name in names]
    for path in paths:
        path.write_bytes(wav(1.0))
    (folder / cdr.FILE_NAME).write_text("".join(line(uniqueid=name, **own) for name in names))
    kept = beside.CallRecords(stores.settings, near)
    for some in (paths[:4], paths[4:]):
        answers = list(delivery.deliver(stores, system("ingest"), some, records=kept))
        assert [answer.code for answer in answers] == ["stored"] * 4
    assert listed == [folder / cdr.FILE_NAME]
    assert {row.employee_id for row in traces.recordings(stores)} == {centre.anna}


def test_a_sidecar_comes_before_the_call_records(stores: Stores, folder: Path) -> None:
    inbox.put(folder, f"{NAME}.wav")
    record(folder)
    run(stores, folder)
    assert traces.recording(stores).recorder == "exchange"


def test_the_doubled_hour_is_refused_with_its_code(stores: Stores, folder: Path) -> None:
    (folder / "call-7.wav").write_bytes(SOUND)
    record(folder, start="2026-10-25 02:30:00", uniqueid="call-7")
    assert run(stores, folder)["call-7.wav"].code == "time_ambiguous"
    assert traces.refusals(stores) == {("?", "time_ambiguous"): 1}


def test_call_records_that_are_no_file_or_too_large_harm_nothing(
    stores: Stores, folder: Path, tmp_path: Path
) -> None:
    (folder / f"{NAME}.wav").write_bytes(SOUND)
    (tmp_path / "elsewhere.csv").write_text(line())
    (folder / cdr.FILE_NAME).symlink_to(tmp_path / "elsewhere.csv")
    assert {one.code for one in run(stores, folder).values()} == {"file_irregular"}
    (folder / cdr.FILE_NAME).unlink()
    (folder / cdr.FILE_NAME).touch()
    os.truncate(folder / cdr.FILE_NAME, 257 * 1024 * 1024)
    assert {one.code for one in run(stores, folder).values()} == {"metadata_invalid"}


def test_metadata_that_was_left_over_goes(stores: Stores, folder: Path) -> None:
    (folder / "call.wav").write_bytes(SOUND)
    (folder / "call.xml").write_bytes(siprec(ANNA))
    run(stores, folder)
    (folder / "call.xml").write_bytes(siprec(ANNA))
    (answer,) = run(stores, folder).values()
    assert (answer.code, left(folder)) == ("known", set())
    (folder / "next.xml").write_bytes(siprec(ANNA).replace(b"hVpd7", b"other"))
    (answer,) = run(stores, folder).values()
    assert (answer.code, left(folder)) == ("sound_missing", {"next.xml"})


def test_a_file_is_given_anew_from_its_beginning(folder: Path) -> None:
    (folder / "x").write_bytes(b"abc")
    with source_files.Source(folder / "x") as source:
        assert [b"".join(source.pieces()) for _ in range(2)] == [b"abc", b"abc"]
