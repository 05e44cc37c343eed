"""Covering samples: what is marked is nowhere in the copy, all else is as it was, in WAV and in Opus."""

import io
import itertools

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kcc.errors import Invalid
from kcc.recordings.redaction import covering, opus, spans
from kcc.recordings.redaction.covering import Covering
from kcc.recordings.redaction.spans import Manner, Marks, Span

RATE = 8000
Samples = NDArray[np.int16]


def noise(seconds: float, channels: int, seed: int = 1) -> Samples:
    """Noise that is like nothing else: any eight samples in a row occur once."""
    chance = np.random.default_rng(seed)
    return chance.integers(-20_000, 20_000, (int(seconds * RATE), channels), dtype=np.int16)


def covered(sound: Samples, marks: Marks, split: int = 70_001) -> Samples:
    channels = sound.shape[1]
    how = Covering(RATE, channels, spans.cuts(marks, RATE, channels), marks.manner)
    pcm = sound.astype("<i2").tobytes()
    parts = (pcm[at : at + split] for at in range(0, len(pcm), split))
    return np.frombuffer(b"".join(covering.pieces(how, iter(parts))), "<i2").reshape(-1, channels)


@pytest.mark.rule("SUB-2")
@pytest.mark.rule("GOV-3")
@pytest.mark.parametrize("manner", Manner)
@pytest.mark.parametrize("channels", [1, 2])
def test_no_sample_of_a_span_is_in_the_copy_and_all_others_are(manner: Manner, channels: int) -> None:
    """Looked for byte by byte and by correlation, over the border of two pieces too."""
    sound = noise(65, channels)
    marks = Marks((Span(1_000, 1_500), Span(29_700, 30_400, 0), Span(64_900, 70_000)), manner)
    result = covered(sound, marks)
    hidden = np.zeros(sound.shape, dtype=bool)
    for first, last, which in (
        (8_000, 12_000, slice(None)),
        (237_600, 243_200, 0),
        (519_200, 520_000, slice(None)),
    ):
        hidden[first:last, which] = True
    assert result.shape == sound.shape
    assert np.array_equal(result[~hidden], sound[~hidden])
    for channel in range(channels):
        bare, kept = sound[:, channel], result[:, channel].tobytes()
        at = np.flatnonzero(hidden[:, channel])
        for first in at[::97]:
            assert (
                bare[first : first + 4].tobytes() not in kept or not hidden[first : first + 4, channel].all()
            )
        inside = np.corrcoef(bare[at], result[at, channel])[0, 1] if manner is Manner.BLEEP else 0.0
        assert abs(inside) < 0.05
        if manner is Manner.SILENCE:
            assert not result[at, channel].any()


@pytest.mark.rule("SUB-2")
def test_what_replaces_a_span_does_not_depend_on_what_was_said() -> None:
    """Two calls that differ only within the spans give the same copy: so nothing of them is in it."""
    one = noise(3, 2)
    other = one.copy()
    other[8_000:12_000] = noise(0.5, 2, seed=2)
    marks = Marks((Span(1_000, 1_500),))
    assert np.array_equal(covered(one, marks), covered(other, marks))
    files = [b"".join(opus.encoded(iter([covered(s, marks).tobytes()]), RATE, 2)) for s in (one, other)]
    assert files[0] == files[1]


@pytest.mark.rule("SUB-2")
def test_in_opus_a_silenced_span_is_silent_and_the_rest_sounds() -> None:
    """Decoded again: energy stays outside the span, on the other side too."""
    sound = noise(4, 2) // 4
    result = covered(sound, Marks((Span(1_000, 2_000, 1),), Manner.SILENCE))
    file = b"".join(opus.encoded(iter([result.tobytes()]), RATE, 2))
    with av.open(io.BytesIO(file), "r", format="ogg") as container:
        frames = [frame.to_ndarray() for frame in container.decode(container.streams.audio[0])]
        rate = container.streams.audio[0].codec_context.sample_rate
    decoded = np.concatenate(frames, axis=1)
    energy = np.sqrt((decoded[:, int(1.1 * rate) : int(1.9 * rate)].astype(np.float64) ** 2).mean(axis=1))
    before = np.sqrt((decoded[:, : int(0.9 * rate)].astype(np.float64) ** 2).mean(axis=1))
    assert energy[1] < before[1] / 30
    assert energy[0] > before[0] / 2


def test_a_range_of_the_copy_is_the_copys_own() -> None:
    """What is heard before the copy is made is what it will be, from any byte on."""
    sound = noise(2, 2)
    how = Covering(RATE, 2, spans.cuts(Marks((Span(500, 900, 1),)), RATE, 2), Manner.BLEEP)
    pcm = sound.tobytes()
    whole = b"".join(covering.pieces(how, iter([pcm])))
    for start, length in ((0, 10), (15_999, 3), (16_001, 4_000), (len(pcm) - 5, 99)):
        assert (
            covering.part(how, lambda at, size: pcm[at : at + size], start, length) == whole[start:][:length]
        )


@given(
    st.lists(
        st.tuples(st.integers(0, 3_000), st.integers(1, 900), st.sampled_from([None, 0, 1])), max_size=12
    ),
    st.sampled_from([8_000, 11_025, 16_000, 22_050]),
)
@settings(max_examples=60, deadline=None)
def test_every_sample_that_a_span_touches_is_covered_once(
    drawn: list[tuple[int, int, int | None]], rate: int
) -> None:
    """Whatever spans: cuts of one channel never touch, and hold every moment of every span."""
    marks = Marks(tuple(Span(begins, begins + length, side) for begins, length, side in drawn))
    found = spans.cuts(marks, rate, 2)
    for channel in (0, 1):
        mine = [one for one in found if one.channel == channel]
        assert all(a.last < b.first for a, b in itertools.pairwise(mine))
        for one in marks.spans:
            if one.channel in (None, channel):
                inside = [
                    c
                    for c in mine
                    if c.first <= one.begins * rate / 1000 and one.ends * rate / 1000 <= c.last
                ]
                assert len(inside) == 1


def test_moments_as_people_type_them() -> None:
    """Seconds, minutes and hours, with a point or a comma; nothing else is a moment."""
    said = {"83": 83_000, "1:23": 83_000, "1:02:03,5": 3_723_500, "0:00.25": 250, " 7 ": 7_000}
    assert {word: spans.moment(word) for word in said} == said
    assert [spans.moment(word) for word in ("", "one", "-1", "1:2:3:4", "1:", "٣")] == [None] * 6
    assert spans.moment(spans.said(3_723_500)) == 3_723_500


def test_spans_that_are_none_are_refused() -> None:
    """Backwards, outside, on a side that is not there, too many."""
    for wrong in (Span(5, 5), Span(9, 2), Span(30_000, 31_000), Span(1, 2, 1)):
        with pytest.raises(Invalid):
            spans.checked([wrong], 30_000, 1)
    with pytest.raises(Invalid):
        spans.checked([Span(n, n + 1) for n in range(501)], 30_000, 1)
    kept = spans.checked([Span(7, 9), Span(1, 2), Span(7, 9)], 30_000, 1)
    assert kept == (Span(1, 2), Span(7, 9))
    assert spans.of_text(spans.to_text(Marks(kept, Manner.SILENCE))) == Marks(kept, Manner.SILENCE)
