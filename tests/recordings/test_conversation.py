"""The conversation under the waveform against conversations whose truth is known."""

import json
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcc.recordings import conversation, sound_measures
from kcc.recordings.conversation import Conversation, Side
from kcc.recordings.sound import Encoding, Sound
from kcc.recordings.sound_measures import frame_samples
from tests import talk
from tests.talk import Part

pytestmark = pytest.mark.rule("GOV-4")
NEAR = 0.15
"""Seconds within which speech begins and ends where it does."""


def heard(*sides: Part, encoding: Encoding = Encoding.ALAW, ready: int | None = None) -> Conversation:
    sound, data = talk.recorded(*sides, encoding=encoding)
    return conversation.of(sound, lambda at, size: data[at : at + size], ready)


def seconds(spans: list[list[int]]) -> list[tuple[float, float]]:
    return [(begin / 1000, end / 1000) for begin, end in spans]


def around(spans: list[list[int]], *true: tuple[float, float], near: float = NEAR) -> None:
    """The spans cover what is true: each true one is met at its begin and end, pauses inside it are free."""
    found = seconds(spans)
    for begin, end in true:
        inside = [span for span in found if span[1] > begin - 1 and span[0] < end + 1]
        assert inside, (true, found)
        assert inside[0][0] == pytest.approx(begin, abs=near), (true, found)
        assert inside[-1][1] == pytest.approx(end, abs=near), (true, found)
    for span in found:
        assert any(begin - near <= span[0] and span[1] <= end + near for begin, end in true), (true, found)


def until(start: float, part: Part) -> tuple[float, float]:
    return start, start + len(part) / talk.RATE


@pytest.mark.parametrize("encoding", [Encoding.ALAW, Encoding.ULAW, Encoding.PCM16])
@pytest.mark.parametrize("voice", range(6))
def test_speech_is_found_where_it_is_for_each_voice(voice: int, encoding: Encoding) -> None:
    said, answer = talk.said(0, voice), talk.said(1, voice)
    found = heard(talk.timed(25, (2, said)), talk.timed(25, (14, answer), seed=2), encoding=encoding)
    around(found["sides"][0]["speech"], until(2, said))
    around(found["sides"][1]["speech"], until(14, answer))
    assert (found["totals"]["both"], found["totals"]["hold"], found["totals"]["tones"]) == (0, 0, 0)


@pytest.mark.parametrize("floor", [-90, -63, -50, -40])
def test_noise_on_the_line_does_not_change_who_speaks(floor: float) -> None:
    """From a digital line to a caller in the street, 20 dB under their voice."""
    said, answer = talk.said(0), talk.said(1)
    found = heard(talk.timed(25, (2, said), floor=floor), talk.timed(25, (14, answer), floor=floor, seed=2))
    around(found["sides"][0]["speech"], until(2, said), near=0.3)
    around(found["sides"][1]["speech"], until(14, answer), near=0.3)
    assert found["totals"]["both"] == 0


@pytest.mark.parametrize("decibels", [-30, -36])
def test_a_soft_voice_is_heard_too(decibels: float) -> None:
    said = talk.at_level(talk.said(1), decibels)
    around(heard(talk.timed(12, (3, said)))["sides"][0]["speech"], until(3, said), near=0.4)


def test_both_at_once_is_told_and_counted_once() -> None:
    one, other = talk.said(0), talk.said(1)
    found = heard(talk.timed(20, (2, one)), talk.timed(20, (4, other), seed=2))
    begin, end = 4.0, min(until(2, one)[1], until(4, other)[1])
    assert found["totals"]["both"] / 1000 == pytest.approx(end - begin, abs=0.8)  # pauses inside sentences
    assert found["totals"]["speech"][0] / 1000 == pytest.approx(2, abs=0.8)


def test_an_echo_of_the_other_side_is_nobody_speaking() -> None:
    said = talk.said(0)
    echo = talk.at_level(said, -48)
    found = heard(talk.timed(15, (2, said)), talk.timed(15, (2.06, echo), floor=-75, seed=2))
    assert found["sides"][1]["speech"] == []
    assert found["totals"]["both"] == 0


@pytest.mark.parametrize("floor", [-63, -45])
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("music", [talk.broken_chords, talk.sustained_chords, talk.lively_melody])
def test_hold_music_is_told_from_speech(music: object, side: int, floor: float) -> None:
    """Whichever side the recorder put it on, and whatever kind it is; speech around it stays speech."""
    assert callable(music)
    one, other = talk.said(0), talk.said(1)
    sides = [
        [(1.0, one), (60.0, one)],
        [(8.0, other), (68.0, other)],
    ]
    sides[side].append((20.0, music(30)))
    found = heard(*(talk.timed(80, *parts, floor=floor, seed=n) for n, parts in enumerate(sides)))
    around(found["hold"], (20, 50), near=0.5)
    around(found["sides"][side]["music"], (20, 50), near=0.5)
    around(found["sides"][0]["speech"], until(1, one), until(60, one))
    around(found["sides"][1]["speech"], until(8, other), until(68, other))


def test_who_speaks_into_the_music_is_not_on_hold() -> None:
    """A radio at the caller's: the employee's words stay speech, and that time counts as no waiting."""
    said = talk.said(0)
    found = heard(talk.timed(30, (12, said)), talk.timed(30, (2, talk.sustained_chords(26)), seed=2))
    around(found["sides"][0]["speech"], until(12, said))
    around(found["sides"][1]["music"], (2, 28), near=0.5)
    waited = 26 - found["totals"]["speech"][0] / 1000
    assert found["totals"]["hold"] / 1000 == pytest.approx(waited, abs=0.5)


def test_music_shorter_than_eight_seconds_is_not_waiting() -> None:
    assert heard(talk.timed(20, (5, talk.lively_melody(6))))["hold"] == []


def test_keys_and_ringing_are_tones_and_nobody_speaking() -> None:
    ringing = [(start, talk.tone(1, 425)) for start in (1.0, 6.0, 11.0)]
    keys = talk.keys(8)
    found = heard(talk.timed(30, *ringing, (20, keys)), talk.timed(30, seed=2))
    tones = found["sides"][0]["tones"]
    around(tones, (1, 2), (6, 7), (11, 12), (20, 20 + len(keys) / talk.RATE - 0.12))
    assert found["sides"][0]["speech"] == []
    assert found["totals"]["tones"] == sum(end - begin for begin, end in tones)


def test_a_pitch_that_never_changes_is_a_tone_however_long() -> None:
    found = heard(talk.timed(60, (5, talk.tone(50, 440))))
    around(found["sides"][0]["tones"], (5, 55))
    assert found["hold"] == []


@pytest.mark.parametrize("decibels", [-45, -30, -20])
def test_a_steady_noise_that_begins_is_nobody_speaking(decibels: float) -> None:
    """A train, a vacuum cleaner: at most the seconds in which it begins and ends are taken for a sound."""
    found = heard(talk.timed(40, (10, talk.noise(20, decibels))))
    assert sum(end - begin for begin, end in found["sides"][0]["speech"]) <= 2000
    assert found["hold"] == []


def test_long_silences_are_listed_and_short_ones_are_not() -> None:
    one = talk.said(0)
    start = 3 + len(one) / talk.RATE
    found = heard(talk.timed(start + 20, (3, one), (start + 12, one[:8000])), talk.timed(start + 20, seed=2))
    around(found["silences"], (start, start + 12), (start + 13, start + 20), near=0.3)


def test_silence_is_silence() -> None:
    found = heard(np.zeros(80_000), np.zeros(80_000))
    assert found["silences"] == [[0, 10_000]]
    assert found["totals"] == {"speech": [0, 0], "both": 0, "hold": 0, "tones": 0, "silence": 10_000}


def test_mono_has_one_side_and_never_both_at_once() -> None:
    one, other = talk.said(0), talk.said(1)
    found = heard(talk.timed(25, (2, one), (14, other)))
    assert len(found["sides"]) == 1
    around(found["sides"][0]["speech"], until(2, one), until(14, other))
    assert found["totals"]["both"] == 0


@pytest.mark.parametrize("samples", [0, 1, 159, 319])
def test_what_is_too_short_to_measure_has_nothing(samples: int) -> None:
    found = heard(np.full(samples, 5000.0))
    assert found["sides"] == [{"speech": [], "music": [], "tones": []}]
    assert found["measured_ms"] == 0


def test_a_second_alone_is_measured() -> None:
    word = talk.said(1, 0, "Ja.")
    around(heard(talk.timed(1, (0.3, word)))["sides"][0]["speech"], until(0.3, word), near=0.2)


def test_swapping_puts_the_employee_first() -> None:
    sound, data = talk.recorded(talk.timed(10), talk.timed(10, (2, talk.said(0)), seed=2))
    found = conversation.of(sound, lambda at, size: data[at : at + size], swap=True)
    assert found["sides"][0]["speech"]
    assert not found["sides"][1]["speech"]


def test_what_is_not_decoded_yet_is_not_measured() -> None:
    one = talk.said(0)
    found = heard(talk.timed(20, (2, one), (12, one)), ready=10 * talk.RATE)
    assert (found["measured_ms"], found["made"]) == (10_000, 0.5)
    around(found["sides"][0]["speech"], until(2, one))
    partition(found)


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 24_000, 11_111])
def test_times_hold_at_every_rate(rate: int) -> None:
    """Also where 20 ms are no whole number of samples: after ten minutes speech begins where it does."""
    said = talk.said(0)
    slow = talk.timed(620, (610, said))
    at = np.arange(int(620 * rate)) * (talk.RATE / rate)
    pcm = np.interp(at, np.arange(len(slow)), slow).astype("<i2").tobytes()
    sound = Sound(Encoding.PCM16, rate, 1, 0, len(pcm))
    found = conversation.of(sound, lambda at, size: pcm[at : at + size])
    around(found["sides"][0]["speech"], until(610, said))
    partition(found)


def partition(found: Conversation) -> None:
    """Totals are the time that was measured; spans of a side follow each other without meeting."""
    totals = found["totals"]
    whole = sum(totals["speech"]) + sum(totals[k] for k in ("both", "hold", "tones", "silence"))
    assert whole == found["measured_ms"]
    for side in found["sides"]:
        spans = sorted(every(side))
        assert all(0 <= begin < end <= found["measured_ms"] for begin, end in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))


def every(side: Side) -> list[list[int]]:
    return [*side["speech"], *side["music"], *side["tones"]]


KINDS = st.sampled_from(["silence", "speech", "music", "tone", "keys", "noise"])
PARTS = st.lists(st.tuples(KINDS, st.floats(0.05, 12)), max_size=6)


def composed(parts: list[tuple[str, float]]) -> Part:
    made = {
        "silence": lambda length: np.zeros(round(length * talk.RATE)),
        "speech": lambda length: np.resize(talk.said(0), round(length * talk.RATE)),
        "music": talk.lively_melody,
        "tone": lambda length: talk.tone(length, 425),
        "keys": lambda length: talk.keys(max(1, round(length * 5))),
        "noise": lambda length: talk.noise(length, -30),
    }
    return np.concatenate([np.zeros(1), *(made[kind](length) for kind, length in parts)])


@settings(max_examples=60, deadline=None)
@given(PARTS, PARTS, st.booleans(), st.floats(0, 1))
def test_the_kinds_always_share_out_the_whole_time(
    one: list[tuple[str, float]], other: list[tuple[str, float]], mono: bool, ready: float
) -> None:
    sides = [composed(one)] if mono else [composed(one), composed(other)]
    count = max(map(len, sides))
    padded = [np.pad(side, (0, count - len(side))) for side in sides]
    partition(heard(*padded))
    partition(heard(*padded, ready=int(ready * count)))


def test_pieces_read_one_by_one_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = [
        talk.timed(30, (2, talk.said(0)), (12, talk.lively_melody(15))),
        talk.timed(30, (8, talk.said(1))),
    ]
    whole = heard(*sides)
    monkeypatch.setattr(sound_measures, "CELLS_AT_ONCE", 7)
    assert heard(*sides) == whole


def test_four_hours_stay_in_little_memory() -> None:
    """Counted by what Python and numpy take: the process as a whole is measured by benchmarks/memory.py."""
    minute = talk.recorded(
        talk.timed(60, (2, talk.said(0)), (30, talk.lively_melody(20))),
        talk.timed(60, (12, talk.said(1)), seed=2),
    )[1]
    sound = Sound(Encoding.ALAW, talk.RATE, 2, 0, 240 * len(minute))

    def read(start: int, length: int) -> bytes:
        first = start % len(minute)
        return (minute + minute[: 2 * talk.RATE * 60])[first : first + length]

    tracemalloc.start()
    found = conversation.of(sound, read)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000
    assert len(json.dumps(found)) < 500_000
    assert len(found["hold"]) == 240


def test_a_file_that_ends_early_is_no_conversation() -> None:
    sound, data = talk.recorded(talk.timed(3))
    with pytest.raises(EOFError):
        conversation.of(sound, lambda at, size: data[at : at + size][:-1])


def test_a_frame_is_twenty_milliseconds() -> None:
    assert [frame_samples(rate) for rate in (8000, 16_000, 11_025)] == [160, 320, 220]
