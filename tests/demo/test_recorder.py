"""Files are as telephone recorders write them: valid WAV in three encodings, true sidecars, sound."""

import json
import struct
import wave
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from kcc.demo import assembly, recorder
from kcc.demo.calls import PlannedCall
from kcc.demo.speech import Bank

KEYS = {"recorder", "call_id", "start", "agent_id", "direction", "scope", "line"}
OPTIONAL = {"remote_number", "nature", "employee_channel"}
FORMS = [(encoding, channels) for encoding in ("pcm16", "alaw", "ulaw") for channels in (1, 2)]


def chunks(data: bytes) -> dict[bytes, bytes]:
    """A strict walk over the chunks of a WAV file."""
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WAVE"
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    found, at = {}, 12
    while at < len(data):
        name, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        found[name] = data[at + 8 : at + 8 + size]
        assert len(found[name]) == size
        at += 8 + size + size % 2
    assert at == len(data)
    return found


def expand(law: str, code: int) -> int:
    """One byte to PCM16 by the text of G.711, written apart from the encoder's."""
    if law == "alaw":
        code ^= 0x55
        segment, within = code >> 4 & 7, code & 15
        value = (within * 2 + 1) << 3 if segment == 0 else (within * 2 + 33) << (segment + 2)
        return value if code & 0x80 else -value
    code ^= 0xFF
    value = ((((code & 15) << 3) + 132) << (code >> 4 & 7)) - 132
    return -value if code & 0x80 else value


def decoded(path: Path) -> np.ndarray:
    """(samples, channels) as PCM16, by the stdlib for PCM."""
    parts = chunks(path.read_bytes())
    tag, channels = struct.unpack("<HH", parts[b"fmt "][:4])
    if tag == 1:
        with wave.open(BytesIO(path.read_bytes())) as file:
            assert (file.getframerate(), file.getsampwidth()) == (8000, 2)
            sound = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    else:
        law = {6: "alaw", 7: "ulaw"}[tag]
        table = np.array([expand(law, code) for code in range(256)], np.int16)
        sound = table[np.frombuffer(parts[b"data"], np.uint8)]
    return sound.reshape(-1, channels)


def one(audible: list[PlannedCall], **wanted: object) -> PlannedCall:
    return next(
        call for call in audible if all(getattr(call, name) == value for name, value in wanted.items())
    )


@pytest.mark.parametrize(("encoding", "channels"), FORMS)
def test_a_file_of_each_form_is_valid_and_speaks(
    encoding: str, channels: int, audible: list[PlannedCall], bank: Bank, tmp_path: Path
) -> None:
    call = one(audible, encoding=encoding, channels=channels)
    path = recorder.write(call, bank, tmp_path)
    parts = chunks(path.read_bytes())
    tag, bits = recorder.FORMATS[encoding]
    frame = channels * bits // 8
    assert struct.unpack("<HHIIHH", parts[b"fmt "][:16]) == (tag, channels, 8000, 8000 * frame, frame, bits)
    assert len(parts[b"data"]) == call.milliseconds * 8 * frame
    if tag != 1:
        assert parts[b"fmt "][16:] == b"\0\0"
        assert struct.unpack("<I", parts[b"fact"]) == (call.milliseconds * 8,)
    sound = decoded(path).astype(float)
    for channel in sound.T:
        loud = np.sqrt(np.mean(channel**2))
        assert 400 < loud < 6000
        assert np.mean(np.abs(channel) >= 32_000) < 0.002


@pytest.mark.parametrize("law", ["alaw", "ulaw"])
def test_companding_keeps_every_value_within_half_a_step(law: str) -> None:
    values = np.arange(65536, dtype=np.uint16).view(np.int16)
    table = np.array([expand(law, code) for code in range(256)])
    back = table[np.frombuffer(recorder.companding.encode(law, values), np.uint8)]
    error = np.abs(back - values)
    # Half a step: one part in 32 of a value and the law's bias, whichever segment it falls in.
    assert np.all(error <= (np.abs(values.astype(int)) + 256) / 31)
    codes = np.frombuffer(recorder.companding.encode(law, table.astype(np.int16)), np.uint8)
    assert np.array_equal(table[codes], table)


def test_the_two_sides_of_a_stereo_call_differ(
    audible: list[PlannedCall], bank: Bank, tmp_path: Path
) -> None:
    """One speaks while the other listens, and the sidecar says who is who."""
    for side in (0, 1):
        call = one(audible, channels=2, employee_channel=side, kind="ordinary")
        sound = decoded(recorder.write(call, bank, tmp_path)).astype(float)
        opening = bank.openings[call.employee, "morning"]
        first = sound[6000 : 6000 + min(len(opening), 24000)]
        assert np.std(first[:, side]) > 20 * np.std(first[:, 1 - side])
        assert abs(np.corrcoef(sound.T)[0, 1]) < 0.2


def test_silence_is_a_quiet_line_and_not_digital_zero(
    audible: list[PlannedCall], bank: Bank, tmp_path: Path
) -> None:
    for encoding in ("pcm16", "alaw", "ulaw"):
        sound = decoded(recorder.write(one(audible, encoding=encoding, channels=1), bank, tmp_path))[:, 0]
        lead = sound[:4000].astype(float)
        assert 5 < np.std(lead) < 80
        assert len(np.unique(lead)) > 3


def test_a_sidecar_says_what_the_recorder_knows(
    audible: list[PlannedCall], bank: Bank, tmp_path: Path
) -> None:
    for call in (
        one(audible, channels=2),
        one(audible, kind="internal"),
        one(audible, kind="nature_missing"),
    ):
        wav = recorder.write(call, bank, tmp_path)
        found = json.loads(wav.with_suffix(".json").read_text())
        assert KEYS <= set(found) <= KEYS | OPTIONAL
        assert datetime.fromisoformat(found["start"]) == call.start
        assert datetime.fromisoformat(found["start"]).utcoffset() is not None
        assert found["call_id"] == wav.stem == call.call_id
        assert found["direction"] in {"incoming", "outgoing"}
        assert found["scope"] in {"external", "internal"}
        assert found.get("employee_channel") == call.employee_channel
        assert found.get("nature") == call.nature
        assert found.get("remote_number") == call.remote_number


def test_every_kind_and_length_can_be_spoken(audible: list[PlannedCall], bank: Bank) -> None:
    for kind in {call.kind for call in audible}:
        call = one(audible, kind=kind)
        employee, caller = assembly.assemble(call, bank)
        assert len(employee) == len(caller) == call.milliseconds


def test_nobody_is_silent_for_long(audible: list[PlannedCall], bank: Bank) -> None:
    """A fitted call is talk and hold music nearly to its end, not a dialogue and then nothing."""
    ordinary = [call for call in audible if call.kind == "ordinary"][:12]
    for call in ordinary:
        employee, caller = assembly.assemble(call, bank)
        sound = np.frombuffer(employee.overlay(caller).raw_data, np.int16).astype(float)
        seconds = np.sqrt(np.mean(sound[: len(sound) // 8000 * 8000].reshape(-1, 8000) ** 2, axis=1))
        quiet = "".join("q" if value < 150 else "." for value in seconds)
        assert "q" * 12 not in quiet
        assert quiet.count("q") < len(quiet) * 0.4


def test_files_are_the_same_for_the_same_call_and_differ_between_calls(
    audible: list[PlannedCall], bank: Bank, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    chosen = [call for call in audible if call.kind == "too_short"][:4]
    for folder in (first, second):
        folder.mkdir()
        for call in chosen:
            recorder.write(call, bank, folder)
    written = {path.name: path.read_bytes() for path in first.iterdir()}
    assert written == {path.name: path.read_bytes() for path in second.iterdir()}
    assert len(set(written.values())) == len(written) == 8


@pytest.mark.parametrize(("encoding", "kind"), [("opus", "ogg"), ("mp3", "mp3"), ("amr", "amr")])
def test_a_coded_call_is_whole_and_the_same_each_time(
    encoding: str,
    kind: str,
    planned: list[PlannedCall],
    audible: list[PlannedCall],
    bank: Bank,
    tmp_path: Path,
) -> None:
    form = next(call for call in planned if call.encoding == encoding)
    call = replace(one(audible, kind="quick"), encoding=encoding, channels=form.channels)
    path = recorder.write(call, bank, tmp_path)
    assert (path.suffix, path.with_suffix(".json").exists()) == (f".{encoding}", True)
    with av.open(str(path)) as file:
        assert file.format.name == kind
        frames = list(file.decode(audio=0))
    seconds = sum(frame.samples / frame.sample_rate for frame in frames)
    assert seconds == pytest.approx(call.milliseconds / 1000, abs=0.15)
    assert frames[0].layout.nb_channels == call.channels
    loud = np.concatenate([frame.to_ndarray().ravel() for frame in frames]).astype(float)
    assert np.std(loud) > (0.01 if np.abs(loud).max() <= 2 else 300)
    first = path.read_bytes()
    assert recorder.write(call, bank, tmp_path).read_bytes() == first
