"""The confined decoder: every form round trip, the attacks that FFmpeg invites, bombs, and broken files."""

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcc.errors import Unavailable
from kcc.recordings.decoding import decoder, process, proof, wholeness
from kcc.recordings.decoding.process import Child, ChildFault, Limits
from kcc.recordings.judging import AnySound
from kcc.recordings.sound import LONGEST_SECONDS, Encoding, Sound
from kcc.recordings.unknown_sound import UnknownSound
from kcc.sections import Decoding
from tests.coded import MADE, encoded, gsm_frames

ON = Decoding()
SLACK_MS = 150
"""Encoders fill up their last block."""


def measured(data: bytes, encoding: Encoding, settings: Decoding = ON) -> Sound:
    return decoder.measure(settings, encoding, lambda at, size: data[at : at + size], len(data))


def judged(data: bytes, declared: str | None = None) -> Encoding:
    judge = AnySound(declared)
    judge.feed(data)
    return judge.finish().encoding


@pytest.mark.parametrize("name", MADE)
def test_every_form_is_recognised_measured_and_decoded(name: str) -> None:
    make, form, rate = MADE[name]
    data = make(3.0)
    assert judged(data) == form
    sound = measured(data, judged(data))
    assert (sound.encoding, sound.rate) == (form, rate)
    assert abs(sound.duration_ms - 3000) <= SLACK_MS
    pcm = b"".join(decoder.pcm(ON, sound, lambda at, size: data[at : at + size], len(data)))
    assert len(pcm) == sound.data_bytes
    assert len(set(memoryview(pcm).cast("h"))) > 50  # a tone, no silence


def test_bare_g722_is_decoded_when_its_source_says_so() -> None:
    data = encoded("g722", "g722", 16000, 3.0)
    assert judged(data, "g722") is Encoding.G722
    assert abs(measured(data, Encoding.G722).duration_ms - 3000) <= SLACK_MS


def test_a_form_is_the_same_however_the_file_is_cut() -> None:
    for data in (gsm_frames(1.0), MADE["mp3"][0](1.0), MADE["flac"][0](1.0)):
        judge = AnySound()
        for at in range(700):
            judge.feed(data[at : at + 1])
        judge.feed(data[700:])
        assert judge.finish().encoding is judged(data)


def test_the_child_can_reach_nothing() -> None:
    found = proof.proof(ON)
    assert found.on, found.reason
    assert found.confined_by


def test_an_unconfined_child_fails_the_proof_and_turns_decoding_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loose = tmp_path / "child.py"
    source = process.CHILD.read_text().replace("granted = confine(memory_mb, cpu_seconds)", "granted = []")
    loose.write_text(
        source.replace("Path(__file__).parent", repr(str(process.CHILD.parent)).join(("Path(", ")")))
    )
    monkeypatch.setattr(process, "CHILD", loose)
    found = proof._prove(Decoding(cpu_seconds=60))
    assert not found.on
    for what in ("read", "write", "remove", "network", "process", "memory", "processor"):
        assert what in found.reason


def test_decoding_that_is_off_refuses_with_a_code() -> None:
    with pytest.raises(UnknownSound) as refused:
        measured(gsm_frames(1.0), Encoding.GSM, Decoding(enabled=False))
    assert refused.value.code == "decoding_off"


def _attacks(place: str) -> list[bytes]:
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{place}\n#EXT-X-ENDLIST\n"
    return [
        f"ffconcat version 1.0\nfile '{place}'\n".encode(),
        playlist.encode(),
        f"<html><audio src='{place}'></html>".encode(),
        f"<?xml version='1.0'?><MPD><BaseURL>{place}</BaseURL></MPD>".encode(),
        f"v=0\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\na={place}\n".encode(),
    ]


def test_text_that_names_files_and_addresses_reaches_neither(tmp_path: Path) -> None:
    """As every form we take, whatever its mark: a neighbour's sound is not read, nobody is called."""
    neighbour = tmp_path / "neighbour.wav"
    neighbour.write_bytes(MADE["wav-ima"][0](2.0))
    os.utime(neighbour, (0, 0))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        for place in (str(neighbour), f"http://127.0.0.1:{port}/sound.wav"):
            for attack in _attacks(place):
                with pytest.raises(UnknownSound):
                    judged(attack)
                for encoding in (Encoding.WAVE, Encoding.MP4, Encoding.MP3, Encoding.OGG):
                    with pytest.raises(UnknownSound):
                        measured(attack, encoding)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert neighbour.stat().st_atime == 0


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ((16_000, 1), (16_000, 2)),
        ((16_000, 2), (16_000, 1)),
        ((16_000, 1), (8_000, 1)),
        ((44_100, 2), (48_000, 1)),
    ],
)
@pytest.mark.parametrize("seconds", [0.05, 2.0])
def test_a_sound_that_changes_its_shape_on_the_way_is_refused(
    first: tuple[int, int], then: tuple[int, int], seconds: float
) -> None:
    """Refused by the decoder, not lost with it: its queue trusts that all frames are alike."""
    parts = [
        encoded("mp3", "libmp3lame", rate, length, channels, write_xing="0", id3v2_version="0")
        for (rate, channels), length in ((first, seconds), (then, 2.0), (first, seconds))
    ]
    with pytest.raises(UnknownSound) as refused:
        measured(b"".join(parts), Encoding.MP3)
    assert refused.value.code == "sound_malformed"


def test_ten_hours_of_silence_in_a_small_file_are_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "LONGEST_SECONDS", 60)
    bomb = encoded("flac", "flac", 8000, 90.0)
    with pytest.raises(UnknownSound) as refused:
        measured(bomb, Encoding.FLAC)
    assert refused.value.code == "sound_too_long"
    assert LONGEST_SECONDS == 4 * 3600


def test_a_child_that_computes_for_too_long_is_killed() -> None:
    data = gsm_frames(3600.0)
    task = {"format": "gsm", "seconds": 9999, "give": False}
    with pytest.raises(ChildFault) as killed:
        list(process.run(task, Child(Limits(512, 1)), lambda at, size: data[at : at + size], len(data)))
    assert killed.value.code == "killed"


def test_a_child_that_only_waits_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    task = {"format": "mp3", "seconds": 60, "give": False, "size": 1000}
    monkeypatch.setattr(Limits, "wall_seconds", 5.0)
    with Child(Limits(512, 60)) as child, pytest.raises(ChildFault) as killed:
        for _ in child.messages(task):
            pass  # its questions are never answered
    assert killed.value.code == "killed"


HERE = b"H" + struct.pack(">I", 0)
"""What a child says once it is confined."""


def test_a_child_that_never_comes_to_wait_is_the_machines_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a bubblewrap that cannot start the interpreter: to be tried again, and no sound refused."""
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(1)\n")
    proof.proof(ON)
    monkeypatch.setattr(process, "CHILD", broken)
    with pytest.raises(Unavailable):
        measured(b"x" * 100, Encoding.MP3)


@pytest.mark.parametrize(
    "said",
    [
        b"X" + struct.pack(">I", 0),
        b"P" + struct.pack(">I", 2**31),
        b"R" + struct.pack(">IQI", 12, 2**60, 10),
        b"R" + struct.pack(">IQI", 12, 0, 2**30),
        b"R" + struct.pack(">I", 3) + b"abc",
        b"C" + struct.pack(">I", 4) + b"nope",
        b"C" + struct.pack(">I", 2) + b"[]",
        b"C" + struct.pack(">I", 29) + json.dumps({"rate": 8000, "channels": 9e9}).encode()[:29],
        b"",
    ],
)
def test_the_parent_believes_nothing(said: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = tmp_path / "liar.py"
    liar.write_text(f"import os\nos.write(1, {HERE!r})\nos.read(0, 65_536)\nos.write(1, {said!r})\n")
    proof.proof(ON)
    monkeypatch.setattr(process, "CHILD", liar)
    with pytest.raises(UnknownSound):
        measured(b"x" * 100, Encoding.MP3)


@pytest.mark.parametrize("name", [name for name in MADE if not name.startswith("gsm")])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_half_a_file_is_no_call_and_is_sent_again(name: str, share: float) -> None:
    """A demuxer plays what there is: the rest of the call would be lost with the recorder's file."""
    data = MADE[name][0](20.0)
    cut = data[: int(len(data) * share)]
    if name == "amr":
        cut = cut[:-1] if len(cut) % 32 == 6 else cut  # a cut between two frames leaves no trace
    with pytest.raises(UnknownSound) as refused:
        measured(cut, judged(cut))
    assert refused.value.code == "sound_truncated"


def test_a_length_left_open_is_no_cut() -> None:
    """Who writes as it goes cannot say how long it will be."""
    live = encoded("webm", "libopus", 48000, 3.0, live="1")
    assert abs(measured(live, Encoding.MATROSKA).duration_ms - 3000) <= SLACK_MS
    flac = MADE["flac"][0](3.0)
    open_end = flac[:21] + bytes([flac[21] & 0xF0]) + bytes(4) + flac[26:]
    assert measured(open_end, Encoding.FLAC).duration_ms == 3000
    plain = encoded("mp3", "libmp3lame", 16000, 3.0, write_xing="0")
    assert abs(measured(plain, Encoding.MP3).duration_ms - 3000) <= SLACK_MS


@given(data=st.binary(max_size=400), form=st.sampled_from(["mov", "ogg", "matroska", "amr", "flac", "mp3"]))
def test_whatever_is_looked_through_the_look_ends(data: bytes, form: str) -> None:
    mark = {"ogg": b"OggS", "flac": b"fLaC", "matroska": b"\x1aE\xdf\xa3", "mp3": b"ID3"}.get(form, b"")
    data = mark + data
    assert wholeness.cut_off(form, lambda at, size: data[at : at + size], len(data)) in (True, False)
    assert wholeness.told_seconds(form, lambda at, size: data[at : at + size]) >= 0


WHOLE = {name: MADE[name][0](0.5) for name in ("mp3", "opus", "webm", "flac", "m4a", "amr", "wav-ms", "gsm")}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(WHOLE)),
    cut=st.floats(0.0, 1.0),
    changes=st.lists(st.tuples(st.floats(0.0, 0.999), st.integers(0, 255)), max_size=12),
)
def test_a_broken_file_is_a_sound_or_a_refusal_and_nothing_else(
    name: str, cut: float, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(WHOLE[name][: int(len(WHOLE[name]) * cut)])
    for place, value in changes:
        if data:
            data[int(place * len(data))] = value
    try:
        sound = measured(bytes(data), Encoding(MADE[name][1]))
    except UnknownSound:
        return
    assert 0 < sound.frames <= LONGEST_SECONDS * sound.rate


def test_a_bubblewrap_that_does_not_work_here_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = proof._prove(Decoding(cpu_seconds=61))
    assert found.on
    assert found.wrapper == ()
    shown = process.bubblewrap("bwrap")
    assert "--unshare-all" in shown
    assert not {"/home", "/root", "/var", "/etc", "/tmp"} & set(shown)


def test_a_machine_that_can_start_no_process_asks_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no fault of the sound: the recorder keeps its file."""
    data = gsm_frames(1.0)
    proof.proof(ON)
    monkeypatch.setattr(process.sys, "executable", "/nowhere/python")
    with pytest.raises(Unavailable):
        measured(data, Encoding.GSM)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can give up")
def test_a_superuser_without_capabilities_is_confined_too() -> None:
    """As in a container that drops them all: it becomes nobody else, and no count of processes binds it."""
    told = "from kcc.recordings.decoding.proof import proof; from kcc.sections import Decoding; "
    told += "found = proof(Decoding()); print(found.on, found.confined_by, found.reason)"
    poor = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", sys.executable, "-c", told]
    found = subprocess.run(poor, capture_output=True, text=True, check=True, timeout=120).stdout
    assert found.startswith("True"), found
    assert "seccomp" in found or "bubblewrap" in found
