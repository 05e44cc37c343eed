"""Two mono sounds become one in stereo: each on its channel, the shorter silent at its end."""

import pytest

from kcc.recordings import segments
from kcc.recordings.two_sides import stereo
from kcc.recordings.unknown_sound import UnknownSound
from tests.sounds import wav


def data(content: bytes) -> bytes:
    sound = segments.measure([content])
    return content[sound.data_offset : sound.data_offset + sound.data_bytes]


@pytest.mark.parametrize(("encoding", "silence"), [("pcm16", b"\0\0"), ("alaw", b"\xd5"), ("ulaw", b"\xff")])
@pytest.mark.parametrize("seconds", [(20.0, 20.0), (20.0, 0.5), (0.5, 20.0)])
def test_each_side_is_on_its_channel(encoding: str, silence: bytes, seconds: tuple[float, float]) -> None:
    left, right = wav(seconds[0], encoding), wav(seconds[1], encoding, hertz=1000)
    made = b"".join(
        stereo(lambda: [left], lambda: [right[at : at + 999] for at in range(0, len(right), 999)])
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
        b"".join(stereo(lambda: [wav(1.0)], lambda: [other]))
