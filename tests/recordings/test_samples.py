"""Uncoded samples of any width as PCM16, whole and by ranges, and bare samples that their source declares."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.recordings.g711 import expand as expand_g711
from kcc.recordings.judging import LARGEST_BYTES, AnySound
from kcc.recordings.rendition import HEADER_BYTES, Rendition
from kcc.recordings.samples import expand
from kcc.recordings.sound import Encoding, Sound
from kcc.recordings.unknown_sound import UnknownSound

WIDTHS = {Encoding.PCM8: (1, 8), Encoding.PCM24: (1, 24), Encoding.FLOAT32: (3, 32)}


def wav(encoding: Encoding, data: bytes, channels: int = 1) -> bytes:
    tag, bits = WIDTHS[encoding]
    frame = channels * bits // 8
    fmt = struct.pack("<HHIIHH", tag, channels, 8000, 8000 * frame, frame, bits)
    body = b"WAVEfmt " + struct.pack("<I", 16) + fmt + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def recognised(data: bytes, declared: str | None = None) -> Sound:
    judge = AnySound(declared)
    judge.feed(data)
    return judge.finish()


def test_full_scale_silence_and_nonsense_of_each_width() -> None:
    cases = {
        Encoding.PCM8: (bytes([0, 128, 255]), [-32768, 0, 32512]),
        Encoding.PCM24: (bytes.fromhex("000080 000000 ffff7f"), [-32768, 0, 32767]),
        Encoding.FLOAT32: (
            struct.pack("<6f", -1.0, 0.0, 1.0, 7.0, float("nan"), float("-inf")),
            [-32768, 0, 32767, 32767, 0, -32768],
        ),
    }
    for encoding, (data, samples) in cases.items():
        assert np.frombuffer(expand(encoding, data), "<i2").tolist() == samples


@pytest.mark.parametrize("encoding", WIDTHS)
@given(start=st.integers(0, 300), length=st.integers(0, 300))
def test_any_range_is_a_slice_of_the_whole(encoding: Encoding, start: int, length: int) -> None:
    data = np.random.default_rng(3).integers(0, 256, 240, dtype=np.uint8).tobytes()
    file = wav(encoding, data, channels=2)
    sound = recognised(file)
    assert (sound.encoding, sound.channels) == (encoding, 2)
    rendition = Rendition(sound, lambda at, size: file[at : at + size])
    whole = rendition.read(0, 10**6)
    assert whole[HEADER_BYTES:] == expand(encoding, data)
    assert rendition.read(start, length) == whole[start : start + length]


@pytest.mark.parametrize("declared", ["alaw", "ulaw"])
def test_bare_g711_is_taken_when_its_source_says_so(declared: str) -> None:
    data = bytes(range(256)) * 10
    sound = recognised(data, declared)
    assert (sound.encoding, sound.rate, sound.channels, sound.duration_ms) == (declared, 8000, 1, 320)
    played = Rendition(sound, lambda at, size: data[at : at + size]).read(HEADER_BYTES, 10**6)
    assert played == expand_g711(Encoding(declared), data)
    with pytest.raises(UnknownSound):
        recognised(data)


def test_a_wav_file_stays_one_whatever_is_declared() -> None:
    assert recognised(wav(Encoding.PCM8, bytes(100)), "alaw").encoding is Encoding.PCM8


def test_no_file_is_larger_than_512_mb_whatever_it_holds() -> None:
    """An hour and a half of CD sound fits in 4 hours, and still is no call."""
    size = LARGEST_BYTES + 4
    head = b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt "
    head += struct.pack("<IHHIIHH", 16, 1, 2, 48_000, 192_000, 4, 16) + b"data" + struct.pack("<I", size)
    judge, piece = AnySound(), bytes(1 << 22)
    judge.feed(head)
    for _ in range(size // len(piece) - 1):
        judge.feed(piece)
    with pytest.raises(UnknownSound) as refused:
        judge.feed(piece)
    assert refused.value.code == "sound_too_large"
