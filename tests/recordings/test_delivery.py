"""Taking files from folders: each is answered, done ones go, all others stay, and nothing odd is fatal."""

import json
import os
import resource
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcc import clock
from kcc.access.actor import system
from kcc.recordings.delivery import deliver
from kcc.recordings.intake import Answer
from kcc.stores import Stores
from tests.centre import Centre
from tests.recordings import traces
from tests.recordings.inbox import SOUND, describe, left, put, run
from tests.sounds import wav


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The recorder's folder."""
    path = tmp_path / "source"
    path.mkdir()
    return path


pytestmark = pytest.mark.usefixtures("centre")


def test_calls_are_taken_from_folders_below_and_their_files_go(stores: Stores, folder: Path) -> None:
    put(folder, "a.wav")
    put(folder, "deep/er/B.WAV", wav(2.0))
    put(folder, "c.wav", wav(3.0), agent_id="nobody")
    put(folder, "d.wav", wav(4.0), scope="internal")
    answers = run(stores, folder)
    assert {name: one.code for name, one in answers.items()} == {
        "a.wav": "stored",
        "B.WAV": "stored",
        "c.wav": "agent_unknown",
        "d.wav": "internal_call",
    }
    assert all(one.removed and one.receipt and one.message for one in answers.values())
    assert left(folder) == set()
    assert traces.amounts(stores) == (4, 3, 3)


def test_single_files_are_taken_with_their_sidecars(stores: Stores, folder: Path) -> None:
    sound, other = put(folder, "a.wav"), put(folder, "b.wav", wav(2.0))
    answers = run(stores, sound, sound.with_suffix(".json"))
    assert [one.code for one in answers.values()] == ["stored"]
    assert left(folder) == {other.name, "b.json"}


@pytest.mark.rule("PUR-4")
@pytest.mark.parametrize("content", [SOUND, b"<html>", b""], ids=["wav", "html", "empty"])
def test_a_private_call_is_destroyed_at_its_source_at_once(
    stores: Stores, folder: Path, content: bytes
) -> None:
    put(
        folder,
        "marker-file.wav",
        content,
        line="private",
        agent_id="marker-agent",
        remote_number="+31600000009",
    )
    (answer,) = run(stores, folder).values()
    assert (answer.answer, answer.code, answer.removed) == (Answer.REFUSED, "private_line", True)
    assert left(folder) == set()
    assert traces.refusals(stores) == {("private", "private_line"): 1}
    assert not traces.holds_text(stores, "marker-file", "marker-agent", "+31600000009")


@pytest.mark.parametrize(
    ("described", "content", "code"),
    [
        ({"line": "silent"}, SOUND, "no_welcome_text"),
        ({"line": "unheard-of"}, SOUND, "line_unknown"),
        ({"start": "2026-01-01T00:00:00+01:00"}, SOUND, "past_term"),
        ({"start": "2027-01-01T00:00:00+01:00"}, SOUND, "start_in_future"),
        ({"start": "0001-01-01T00:00:00+00:00"}, SOUND, "past_term"),
        ({"start": "9999-12-31T23:59:59+00:00"}, SOUND, "start_in_future"),
        ({"start": "2026-11-03T08:00:00"}, SOUND, "metadata_invalid"),
        ({"start": "0001-01-01T00:00:00+14:00"}, SOUND, "metadata_invalid"),
        ({"call_id": "x" * 5000}, SOUND, "metadata_invalid"),
        ({"call_id": "a\0b"}, SOUND, "metadata_invalid"),
        ({"agent_id": "\ud800"}, SOUND, "metadata_invalid"),
        ({"recorder": None}, SOUND, "metadata_invalid"),
        ({"agent_id": None}, SOUND, "metadata_invalid"),
        ({}, b"plain text, and no sound", "sound_unknown"),
        ({}, b"<!doctype html><p>Sign in</p>", "sound_unknown"),
        ({}, SOUND[:44], "sound_truncated"),
        ({}, wav(0.0), "sound_empty"),
        ({}, SOUND[:-1], "sound_truncated"),
        ({}, b"", "sound_empty"),
    ],
)
def test_what_is_refused_stays_where_it_is(
    stores: Stores, folder: Path, described: dict[str, object], content: bytes, code: str
) -> None:
    put(folder, "a.wav", content, **described)
    (answer,) = run(stores, folder).values()
    assert (answer.answer, answer.code, answer.removed) == (Answer.REFUSED, code, False)
    assert answer.message
    assert left(folder) == {"a.wav", "a.json"}
    assert traces.amounts(stores) == (0, 0, 0)
    assert [key[1] for key in traces.refusals(stores)] == [code]


@pytest.mark.parametrize(
    ("sidecar", "code"),
    [
        (None, "metadata_missing"),
        (b"", "metadata_invalid"),
        (b"{", "metadata_invalid"),
        (b"\xff\xfe{}", "metadata_invalid"),
        (b"[]", "metadata_invalid"),
        (b"[" * 50_000, "metadata_invalid"),
        (b" " * 70_000, "metadata_invalid"),
        (b'{"call_id": "a", "call_id": "b"}', "metadata_invalid"),
    ],
)
def test_a_sound_whose_sidecar_is_missing_or_broken_stays(
    stores: Stores, folder: Path, sidecar: bytes | None, code: str
) -> None:
    (folder / "a.wav").write_bytes(SOUND)
    if sidecar is not None:
        (folder / "a.json").write_bytes(sidecar)
    (answer,) = run(stores, folder).values()
    assert (answer.answer, answer.code) == (Answer.REFUSED, code)
    assert "a.wav" in left(folder)
    assert traces.refusals(stores) == {("?", code): 1}


def test_ids_may_hold_slashes_and_letters_of_all_kinds(stores: Stores, folder: Path) -> None:
    for number, call_id in enumerate(["../../etc/passwd", "/a//b/", "é/漢字", "x" * 200, "a b?c#d%2F"]):
        put(folder, f"{number}.wav", wav(1.0 + number), call_id=call_id)
    assert {one.code for one in run(stores, folder).values()} == {"stored"}
    assert left(folder) == set()


def test_one_call_twice_in_a_folder_is_stored_once_and_both_files_go(stores: Stores, folder: Path) -> None:
    for name in ("a.wav", "b.wav", "c.wav"):
        put(folder, name, call_id="same")
    codes = sorted(one.code for one in run(stores, folder).values())
    assert codes == ["known", "known", "stored"]
    assert (left(folder), traces.amounts(stores)) == (set(), (1, 1, 1))


def test_links_pipes_folders_and_other_files_are_told_and_not_followed(
    stores: Stores, folder: Path, tmp_path: Path
) -> None:
    elsewhere = put(tmp_path / "elsewhere", "secret.wav")
    (folder / "link.wav").symlink_to(elsewhere)
    (folder / "link.json").symlink_to(elsewhere.with_suffix(".json"))
    (folder / "linked").symlink_to(elsewhere.parent)
    put(folder, "half.wav")
    (folder / "half.json").unlink()
    (folder / "half.json").symlink_to(elsewhere.with_suffix(".json"))
    os.mkfifo(folder / "pipe.wav")
    (folder / "notes.txt").write_text("not a call")
    (folder / ".hidden").write_text("not for us")
    (folder / "folder.wav").mkdir()
    before = left(folder)
    answers = run(stores, folder)
    assert {name: one.code for name, one in answers.items()} == {
        "link.wav": "file_irregular",
        "half.wav": "file_irregular",
        "pipe.wav": "file_irregular",
        "notes.txt": "file_other",
    }
    assert left(folder) == before
    assert elsewhere.exists()


def test_files_that_vanish_or_cannot_be_read_are_answered(stores: Stores, folder: Path) -> None:
    answers = run(stores, folder / "absent.wav", folder / "absent", folder / "absent.json")
    assert {one.code for one in answers.values()} == {"file_vanished"}


def test_a_file_that_is_still_being_written_is_left_alone(stores: Stores, folder: Path) -> None:
    # An open data size: whatever has come so far would pass for the whole call.
    growing = bytearray(wav(60.0))
    growing[40:44] = b"\xff\xff\xff\xff"
    path = put(folder, "a.wav", bytes(growing[:200_000]))
    stop = threading.Event()

    def write() -> None:
        with path.open("ab") as file:
            while not stop.is_set():
                file.write(b"\xd5" * 4096)
                file.flush()
                if file.tell() > 40_000_000:
                    return

    writer = threading.Thread(target=write)
    writer.start()
    (answer,) = run(stores, folder).values()
    stop.set()
    writer.join()
    assert (answer.code, answer.removed) == ("file_changing", False)
    assert left(folder) == {"a.wav", "a.json"}
    assert traces.amounts(stores) == (0, 0, 0)


def test_a_sidecar_left_by_a_broken_removal_goes_with_the_next_run(stores: Stores, folder: Path) -> None:
    for name, described in {"a": {}, "b": {"scope": "internal"}, "c": {"line": "private"}}.items():
        path = put(folder, f"{name}.wav", wav(1.0 + ord(name)), **described)
        sidecar = path.with_suffix(".json").read_bytes()
        run(stores, path)
        path.with_suffix(".json").write_bytes(sidecar)
    early = folder / "early.json"
    early.write_text(json.dumps(describe("early")))
    answers = run(stores, folder)
    assert {n: (one.code, one.removed) for n, one in answers.items()} == {
        "a.json": ("known", True),
        "b.json": ("known", True),
        "c.json": ("known", True),
        "early.json": ("sound_missing", False),
    }
    assert left(folder) == {"early.json"}


@contextmanager
def not_removable(path: Path) -> Iterator[None]:
    """A file that stays whatever is done to it; skips where this file system or user has no such thing."""
    subprocess.run(["chattr", "+i", path], check=False, capture_output=True)
    path.parent.chmod(0o500)
    try:
        if os.geteuid() == 0 and b"i" not in subprocess.check_output(["lsattr", path]).split()[0]:
            pytest.skip("nothing here can keep root from removing a file")
        yield
    finally:
        path.parent.chmod(0o700)
        subprocess.run(["chattr", "-i", path], check=False, capture_output=True)


def test_a_source_that_cannot_be_removed_is_told(stores: Stores, folder: Path) -> None:
    path = put(folder, "a.wav")
    with not_removable(path):
        (answer,) = run(stores, folder).values()
    assert (answer.answer, answer.code, answer.removed) == (Answer.STORED, "stored", False)
    assert "removed" in answer.message
    (again,) = run(stores, folder).values()
    assert (again.code, again.receipt, again.removed) == ("known", answer.receipt, True)


def test_every_file_is_answered_once_as_it_is_done(stores: Stores, folder: Path) -> None:
    for number in range(25):
        put(folder, f"{number:02}.wav", wav(0.1 + number / 100))
    seen: list[int] = []
    answers = list(deliver(stores, system("ingest"), [folder], progress=seen.append))
    assert len({one.path for one in answers}) == len(answers) == 25
    assert seen == list(range(1, 26))
    assert traces.amounts(stores) == (25, 25, 25)


def test_whoever_stops_listening_stops_the_run(stores: Stores, folder: Path) -> None:
    for number in range(40):
        put(folder, f"{number:02}.wav", wav(0.1 + number / 100))
    answers = deliver(stores, system("ingest"), [folder])
    next(answers)
    answers.close()
    rows, keys, files = traces.amounts(stores)
    assert rows == keys == files < 40
    assert len(left(folder)) == 2 * (40 - rows)


def test_a_volume_that_is_away_refuses_all_and_harms_nothing(stores: Stores, folder: Path) -> None:
    put(folder, "a.wav")
    put(folder, "b.wav", wav(2.0))
    blobs = stores.settings.blobs.folder
    blobs.rename(blobs.with_name("unmounted"))
    answers = run(stores, folder)
    assert {one.code for one in answers.values()} == {"unavailable"}
    blobs.with_name("unmounted").rename(blobs)
    assert traces.amounts(stores) == (0, 0, 0)
    assert {one.code for one in run(stores, folder).values()} == {"stored"}


def test_memory_does_not_grow_with_a_call(stores: Stores, folder: Path) -> None:
    put(folder, "warm.wav")
    run(stores, folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    put(folder, "long.wav", wav(3600.0, "pcm16"))  # 58 MB on the disk
    grown_by_making_it = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert run(stores, folder)["long.wav"].code == "stored"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - max(before, grown_by_making_it) < 8_000


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=st.integers(0, 60), value=st.integers(0, 255), cut=st.integers(0, len(SOUND)))
def test_no_mutation_of_a_sound_loses_it(
    stores: Stores, folder: Path, place: int, value: int, cut: int
) -> None:
    mutated = bytearray(SOUND[:cut])
    if place < cut:
        mutated[place] = value
    (folder / "m.wav").write_bytes(mutated)
    (folder / "m.json").write_text(json.dumps(describe(f"{place}-{value}-{cut}")))
    (answer,) = run(stores, folder, workers=1).values()
    rows, keys, files = traces.amounts(stores)
    assert rows == keys == files
    assert answer.removed == (answer.answer is not Answer.REFUSED)
    assert ("m.wav" in left(folder)) != answer.removed
    if place >= 44 and cut == len(SOUND):
        assert answer.answer in (Answer.STORED, Answer.KNOWN)


def test_old_and_new_calls_are_judged_by_the_clock(centre: Centre, stores: Stores, folder: Path) -> None:
    put(folder, "old.wav", start=(clock.now() - timedelta(days=28)).isoformat())
    put(folder, "just.wav", wav(2.0), start=(clock.now() - timedelta(days=28, seconds=-1)).isoformat())
    answers = run(stores, folder)
    assert (answers["old.wav"].code, answers["just.wav"].code) == ("past_term", "stored")
    assert traces.recording(stores).employee_id == centre.anna
