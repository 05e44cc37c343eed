"""The browser's form of a sound: every range is a slice of one WAV file that other readers understand."""

import audioop
import io
import statistics
import time
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.recordings.formats import Recogniser
from kcc.recordings.rendition import HEADER_BYTES, Rendition
from kcc.recordings.sound import Encoding, Sound
from kcc.vault.sealing import BORDERS_APART, FIRST_BORDER
from kcc.web.streaming import PIECE, first_piece

RECORDED = b"some header of 29 bytes, odd." + bytes(range(256)) * 9 + b"LISTtags after the sound"
OFFSET, DATA_BYTES = 29, 256 * 9
LINEAR = [encoding for encoding in Encoding if not encoding.coded and encoding is not Encoding.FLOAT32]
FORMS = [(encoding, channels) for encoding in LINEAR for channels in (1, 2)]


def recorded(start: int, length: int) -> bytes:
    assert 0 <= start <= start + length <= OFFSET + DATA_BYTES, "reached beyond the sound"
    return RECORDED[start : start + length]


def rendition(encoding: Encoding, channels: int, data_bytes: int = DATA_BYTES) -> Rendition:
    return Rendition(Sound(encoding, 8000, channels, OFFSET, data_bytes), recorded)


def expected_pcm(encoding: Encoding) -> bytes:
    data = RECORDED[OFFSET : OFFSET + DATA_BYTES]
    if encoding is Encoding.PCM16:
        return data
    if encoding is Encoding.PCM24:
        return audioop.lin2lin(data, 3, 2)
    if encoding is Encoding.PCM8:
        return audioop.lin2lin(audioop.bias(data, 1, 128), 1, 2)
    return audioop.alaw2lin(data, 2) if encoding is Encoding.ALAW else audioop.ulaw2lin(data, 2)


@pytest.mark.parametrize(("encoding", "channels"), FORMS)
def test_the_whole_reads_as_a_wav_with_the_same_sound(encoding: Encoding, channels: int) -> None:
    form = rendition(encoding, channels)
    whole = form.read(0, form.size)
    assert len(whole) == form.size
    with wave.open(io.BytesIO(whole)) as reader:
        assert reader.getparams()[:3] == (channels, 2, 8000)
        assert reader.readframes(reader.getnframes()) == expected_pcm(encoding)


@pytest.mark.parametrize(("encoding", "channels"), FORMS)
def test_what_we_render_we_recognise_ourselves(encoding: Encoding, channels: int) -> None:
    form = rendition(encoding, channels)
    recogniser = Recogniser()
    recogniser.feed(form.read(0, form.size))
    sound = recogniser.finish()
    assert (sound.encoding, sound.channels, sound.data_offset) == (Encoding.PCM16, channels, HEADER_BYTES)
    assert sound.frames == form.sound.frames


@given(st.sampled_from(FORMS), st.integers(0, 6000), st.integers(0, 6000))
def test_any_range_is_the_slice_of_the_whole(form: tuple[Encoding, int], start: int, length: int) -> None:
    subject = rendition(*form)
    whole = subject.read(0, subject.size)
    assert subject.read(start, length) == whole[start : start + length]


@pytest.mark.parametrize("encoding", LINEAR)
def test_every_edge_around_the_header_and_the_end_is_exact(encoding: Encoding) -> None:
    subject = rendition(encoding, 1)
    whole = subject.read(0, subject.size)
    edges = [
        *range(5),
        *range(HEADER_BYTES - 3, HEADER_BYTES + 4),
        *range(subject.size - 3, subject.size + 3),
    ]
    for start in edges:
        for end in edges:
            assert subject.read(start, max(end - start, 0)) == whole[start : max(end, start)]


@pytest.mark.parametrize("encoding", [Encoding.ALAW, Encoding.PCM16, Encoding.PCM8])
def test_from_border_to_border_no_segment_is_touched_twice(encoding: Encoding) -> None:
    """Of a call sent whole: each piece asks for whole segments of the sealed file, all but the ends."""
    data, asked = 10 * BORDERS_APART, []

    def read(start: int, length: int) -> bytes:
        asked.append((start, start + length))
        return bytes(length)

    subject = Rendition(Sound(encoding, 8000, 1, 58, data), read)
    start, stop = 0, first_piece(0, subject.size, subject.border)
    while start < subject.size:
        subject.read(start, stop - start)
        start, stop = stop, min(stop + PIECE, subject.size)
    assert [first for first, _ in asked[1:]] == [last for _, last in asked[:-1]]
    assert all(last % BORDERS_APART == FIRST_BORDER for _, last in asked[:-1])


def test_a_partial_last_frame_is_left_out() -> None:
    subject = rendition(Encoding.PCM16, 2, DATA_BYTES - 1)
    assert subject.size == HEADER_BYTES + DATA_BYTES - 4
    assert len(subject.read(0, subject.size + 100)) == subject.size


def test_negative_ranges_and_a_file_that_became_shorter_are_errors() -> None:
    with pytest.raises(ValueError, match="negative"):
        rendition(Encoding.ALAW, 1).read(-1, 10)
    with pytest.raises(ValueError, match="negative"):
        rendition(Encoding.ALAW, 1).read(10, -1)
    short = Rendition(Sound(Encoding.ALAW, 8000, 1, 0, 100), lambda _, length: bytes(length - 1))
    with pytest.raises(EOFError):
        short.read(0, 100)


def test_a_range_of_64_kib_of_alaw_takes_well_under_a_millisecond() -> None:
    data = bytes(range(256)) * 10_000
    subject = Rendition(Sound(Encoding.ALAW, 8000, 1, 0, len(data)), lambda start, n: data[start : start + n])
    took = []
    for start in range(1001, 301_001, 1000):
        before = time.perf_counter()
        subject.read(start, 65_536)
        took.append(time.perf_counter() - before)
    assert statistics.median(took) < 0.0005
