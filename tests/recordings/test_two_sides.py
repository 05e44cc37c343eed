"""Two mono sounds become one in stereo: each on its channel, the shorter silent at its end."""

import numpy as np
import pytest

from kcc.recordings import segments
from kcc.recordings.two_sides import stereo
from kcc.recordings.unknown_sound import UnknownSound
from kcc.sections import Decoding
from tests.coded import MADE, encoded
from tests.sounds import wav


def data(content: bytes) -> bytes:
    sound = segments.measure([content])
    return content[sound.data_offset : sound.data_offset + sound.data_bytes]


@pytest.mark.parametrize(("encoding", "silence"), [("pcm16", b"\0\0"), ("alaw", b"\xd5"), ("ulaw", b"\xff")])
@pytest.mark.parametrize("seconds", [(20.0, 20.0), (20.0, 0.5), (0.5, 20.0)])
def test_each_side_is_on_its_channel(encoding: str, silence: bytes, seconds: tuple[float, float]) -> None:
    left, right = wav(seconds[0], encoding), wav(seconds[1], encoding, hertz=1000)
    made = b"".join(
        stereo(Decoding(), lambda: [left], lambda: [right[at : at + 999] for at in range(0, len(right), 999)])
    )
    sound = segments.measure([made])
    assert (sound.encoding.value, sound.channels, sound.frames) == (encoding, 2, 160_000)
    size, samples = len(silence), data(made)
    for number, side in enumerate((left, right)):
        channel = b"".join(samples[at : at + size] for at in range(number * size, len(samples), 2 * size))
        own = data(side)
        assert channel == own + silence * ((len(channel) - len(own)) // size)


@pytest.mark.parametrize("other", [wav(1.0, "ulaw"), wav(1.0, channels=2), b"no sound"])
def test_what_is_not_written_alike_is_refused(other: bytes) -> None:
    with pytest.raises(UnknownSound):
        b"".join(stereo(Decoding(), lambda: [wav(1.0)], lambda: [other]))


@pytest.mark.parametrize("name", ["opus", "mp3", "wav-ms", "flac-mono", "pcm8"])
def test_sides_of_any_form_are_put_together(name: str) -> None:
    """SIPREC adapters write each stream by itself, in whatever form they like."""
    make = {"flac-mono": lambda s: encoded("flac", "flac", 8000, s), "pcm8": pcm8}.get(name) or MADE[name][0]
    left, right = make(2.0), make(1.0)
    made = b"".join(stereo(Decoding(), lambda: [left], lambda: [right]))
    sound = segments.measure([made])
    assert (sound.encoding.value, sound.channels) == ("pcm16", 2)
    assert abs(sound.duration_ms - 2000) < 200
    one, other = np.frombuffer(data(made), "<i2").reshape(-1, 2).T
    late = slice(int(1.5 * sound.rate), int(1.9 * sound.rate))
    assert np.abs(one[late]).max() > 3000
    assert not other[late].any()


def pcm8(seconds: float) -> bytes:
    return encoded("wav", "pcm_u8", 8000, seconds)
