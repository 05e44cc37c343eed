"""Recognising sounds by their bytes: what recorders write, what liars write, and what only pretends."""

import io
import struct
import time
import wave
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kcc.errors import Invalid
from kcc.recordings.formats import Recogniser, read_head
from kcc.recordings.riff import HEAD_BYTES, TRAILER_BYTES
from kcc.recordings.sound import Encoding, Head, Sound
from kcc.recordings.unknown_sound import UnknownSound

SAMPLES = bytes(range(1, 161)) * 10
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def chunk(name: bytes, body: bytes, size: int | None = None, pad: bytes = b"\0") -> bytes:
    declared = len(body) if size is None else size
    return name + struct.pack("<I", declared) + body + (pad if len(body) % 2 else b"")


def fmt(tag: int = 6, channels: int = 1, rate: int = 8000, bits: int = 8, align: int | None = None) -> bytes:
    align = channels * bits // 8 if align is None else align
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * align & 0xFFFFFFFF, align, bits))


def extensible(tag: int, bits: int, channels: int = 1, valid: int | None = None, **odd: bytes) -> bytes:
    align = channels * bits // 8
    body = struct.pack("<HHIIHH", 0xFFFE, channels, 8000, 8000 * align, align, bits)
    body += struct.pack("<HHIH", 22, bits if valid is None else valid, 0, tag) + odd.get("tail", GUID_TAIL)
    return chunk(b"fmt ", body)


def riff(*chunks: bytes, size: int | None = None, magic: bytes = b"RIFF", form: bytes = b"WAVE") -> bytes:
    body = form + b"".join(chunks)
    return magic + struct.pack("<I", len(body) if size is None else size) + body


def alaw(*after: bytes, samples: bytes = SAMPLES) -> bytes:
    return riff(fmt(), chunk(b"data", samples), *after)


LIST = chunk(b"LIST", b"INFOISFT" + struct.pack("<I", 9) + b"recorder\0\0")


def recognise(data: bytes, *cuts: int) -> Sound:
    recogniser = Recogniser()
    bounds = [0, *sorted(cuts), len(data)]
    for start, end in pairwise(bounds):
        recogniser.feed(memoryview(data)[start:end])
    return recogniser.finish()


def answer(data: bytes, *cuts: int) -> Sound | str:
    """The sound, or the code of the refusal; any other exception fails the test."""
    try:
        return recognise(data, *cuts)
    except UnknownSound as fault:
        return fault.code


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize(
    ("tag", "bits", "encoding"), [(1, 16, Encoding.PCM16), (6, 8, Encoding.ALAW), (7, 8, Encoding.ULAW)]
)
def test_recorders_own_forms_are_recognised_with_the_place_of_their_samples(
    tag: int, bits: int, encoding: Encoding, rate: int, channels: int
) -> None:
    data = riff(fmt(tag, channels, rate, bits), chunk(b"data", SAMPLES))
    sound = recognise(data)
    assert sound == Sound(encoding, rate, channels, 44, len(SAMPLES))
    assert data[sound.data_offset : sound.data_offset + sound.data_bytes] == SAMPLES
    assert sound.frame_bytes == channels * bits // 8
    assert sound.frames == len(SAMPLES) // sound.frame_bytes
    assert sound.duration_ms == sound.frames * 1000 // rate


@pytest.mark.parametrize(("tag", "bits", "encoding"), [(1, 16, "pcm16"), (6, 8, "alaw"), (7, 8, "ulaw")])
def test_the_extensible_description_counts_as_what_it_holds(tag: int, bits: int, encoding: str) -> None:
    data = riff(extensible(tag, bits), chunk(b"data", SAMPLES))
    assert recognise(data) == Sound(Encoding(encoding), 8000, 1, 68, len(SAMPLES))


def test_what_the_standard_library_writes_is_recognised() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, 16000, 0, "NONE", ""))
        writer.writeframes(SAMPLES)
    assert recognise(file.getvalue()) == Sound(Encoding.PCM16, 16000, 2, 44, len(SAMPLES))


@pytest.mark.parametrize(
    ("before", "offset"),
    [
        ((LIST, fmt()), 44 + len(LIST)),
        ((fmt(), LIST), 44 + len(LIST)),
        ((fmt(), chunk(b"fact", bytes(4)), chunk(b"bext", bytes(602))), 44 + 12 + 610),
        ((chunk(b"JUNK", bytes(7)), fmt()), 44 + 16),
        ((chunk(b"JUNK", bytes(7), pad=b""), fmt()), 44 + 15),
        ((chunk(b"fmt ", fmt()[8:] + bytes(2)),), 46),
    ],
    ids=[
        "LIST first",
        "LIST between",
        "fact and bext",
        "odd and padded",
        "odd, padding left out",
        "fmt of 18",
    ],
)
def test_other_parts_before_the_sound_are_stepped_over(before: tuple[bytes, ...], offset: int) -> None:
    assert recognise(riff(*before, chunk(b"data", SAMPLES))) == Sound(
        Encoding.ALAW, 8000, 1, offset, len(SAMPLES)
    )


@pytest.mark.parametrize(
    "after",
    [
        LIST,
        LIST + chunk(b"id3 ", b"tag") + chunk(b"LIST", b"INFO"),
        chunk(b"id3 ", b"tag", pad=b""),
        bytes(3),
        bytes(4096),
        LIST + bytes(500),
    ],
    ids=["LIST", "three", "last padding left out", "few NULs", "a page of NULs", "LIST and NULs"],
)
def test_tags_and_padding_after_the_sound_are_no_part_of_it(after: bytes) -> None:
    assert recognise(alaw(after)) == Sound(Encoding.ALAW, 8000, 1, 44, len(SAMPLES))


@pytest.mark.parametrize("pad", [b"\0", b"", b"\xd5"], ids=["padded", "not padded", "padded with silence"])
def test_an_odd_number_of_samples_keeps_its_last_sample_and_no_padding(pad: bytes) -> None:
    data = riff(fmt(), chunk(b"data", SAMPLES[:-1], pad=pad))
    assert recognise(data).data_bytes == len(SAMPLES) - 1


@pytest.mark.parametrize("pad", [b"\0", b""], ids=["padded", "not padded"])
def test_tags_are_found_after_an_odd_number_of_samples(pad: bytes) -> None:
    data = riff(fmt(), chunk(b"data", SAMPLES[:-1], pad=pad), LIST)
    assert recognise(data).data_bytes == len(SAMPLES) - 1
    assert answer(data[:-1]) == "sound_truncated"


PLACEHOLDERS = [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000, 0xFFFFFFDB, 0x80000000]


@pytest.mark.parametrize("size", PLACEHOLDERS)
def test_a_size_left_open_lets_the_sound_run_to_the_last_whole_frame(size: int) -> None:
    data = riff(fmt(1, 2, bits=16), chunk(b"data", SAMPLES + b"abc", size, pad=b""), size=size)
    assert recognise(data) == Sound(Encoding.PCM16, 8000, 2, 44, len(SAMPLES))
    assert read_head(data[:44]) == Head(Encoding.PCM16, 8000, 2, 44, None)


def test_digital_silence_under_an_open_size_is_sound() -> None:
    silence = riff(fmt(1, bits=16), chunk(b"data", bytes(32_000), 0))
    assert recognise(silence).frames == 16_000


@pytest.mark.parametrize("riff_size", [0, 1, 36, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_stale_size_of_the_whole_file_is_not_believed(riff_size: int) -> None:
    assert recognise(riff(fmt(), chunk(b"data", SAMPLES), size=riff_size)).data_bytes == len(SAMPLES)


def test_a_wrong_number_of_bytes_per_second_changes_nothing() -> None:
    lying = chunk(b"fmt ", struct.pack("<HHIIHH", 7, 1, 8000, 0, 1, 8))
    assert recognise(riff(lying, chunk(b"data", SAMPLES))).rate == 8000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        riff(fmt(), chunk(b"data", b"")),
        riff(fmt(), chunk(b"data", b"", 0xFFFFFFFF)),
        riff(fmt(), chunk(b"data", b""), LIST),
        riff(fmt(1, bits=16), chunk(b"data", b"x", 0, pad=b"")),
    ],
    ids=["no bytes", "header only", "header only, open size", "tags only", "half a sample"],
)
def test_a_file_without_sound_is_called_empty(data: bytes) -> None:
    assert answer(data) == "sound_empty"


def test_every_cut_before_the_sounds_end_is_called_truncated() -> None:
    data = alaw()
    answers = {cut: answer(data[:cut]) for cut in range(1, len(data))}
    assert set(answers.values()) == {"sound_truncated"}


def test_every_cut_inside_the_tags_is_called_truncated() -> None:
    whole, tagged = alaw(), alaw(LIST)
    assert {answer(tagged[:cut]) for cut in range(len(whole) + 1, len(tagged))} == {"sound_truncated"}


@pytest.mark.parametrize("excess", [1, 2, 1000, 0x7FFFFFF0, 0xFFFFFF00])
def test_a_declared_size_beyond_the_bytes_is_called_truncated(excess: int) -> None:
    size = min(len(SAMPLES) + excess, 0xFFFFFFFE)
    assert answer(riff(fmt(), chunk(b"data", SAMPLES, size))) == "sound_truncated"


def test_a_declared_size_that_cuts_a_frame_is_called_truncated() -> None:
    assert answer(riff(fmt(1, bits=16), chunk(b"data", SAMPLES[:-1]))) == "sound_truncated"


@pytest.mark.parametrize("size", [2, 100, len(SAMPLES) - 2])
def test_sound_beyond_the_declared_size_is_not_dropped_in_silence(size: int) -> None:
    noise = b"\xd5\x80" * (len(SAMPLES) // 2)
    assert answer(riff(fmt(), chunk(b"data", noise, size))) == "sound_malformed"


@pytest.mark.parametrize(
    "data",
    [
        riff(chunk(b"data", SAMPLES), fmt()),
        riff(LIST, chunk(b"data", SAMPLES)),
        riff(fmt(), fmt(7), chunk(b"data", SAMPLES)),
        riff(fmt(), LIST),
        riff(fmt(align=2), chunk(b"data", SAMPLES)),
        riff(fmt(1, 2, bits=16, align=0), chunk(b"data", SAMPLES)),
        riff(fmt(channels=0), chunk(b"data", SAMPLES)),
        riff(fmt(rate=0), chunk(b"data", SAMPLES)),
        riff(chunk(b"fmt ", fmt()[8:22]), chunk(b"data", SAMPLES)),
        riff(chunk(b"fmt ", fmt()[8:] + bytes(200)), chunk(b"data", SAMPLES)),
        riff(chunk(b"fmt ", fmt(0xFFFE)[8:]), chunk(b"data", SAMPLES)),
        riff(extensible(1, 16, valid=24), chunk(b"data", SAMPLES)),
        riff(fmt(), b"\0\1\2\3" + bytes(12), chunk(b"data", SAMPLES)),
        riff(chunk(b"JUNK", bytes(HEAD_BYTES)), fmt(), chunk(b"data", SAMPLES)),
        riff(*[chunk(b"JUNK", bytes(1000))] * 70, fmt(), chunk(b"data", SAMPLES)),
        alaw(chunk(b"data", SAMPLES)),
        alaw(fmt()),
        alaw(b"<html>\x01\x02"[::-1]),
        alaw(bytes(8) + b"hidden"),
        alaw(chunk(b"LIST", bytes(TRAILER_BYTES))),
    ],
    ids=[
        *("fmt after data", "no fmt", "two fmt", "no data", "frame too wide", "frame of nothing"),
        *("no channels", "no rate", "fmt too short", "fmt too long", "extensible too short", "extra bits"),
        *("nonsense between", "begins late", "begins late by many", "second data", "fmt after"),
        *("nonsense after", "hidden behind NULs", "trailer too long"),
    ],
)
def test_a_file_that_contradicts_itself_is_called_malformed(data: bytes) -> None:
    assert answer(data) == "sound_malformed"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (riff(fmt(1, bits=12), chunk(b"data", SAMPLES)), "PCM of 12 bits"),
        (riff(fmt(1, bits=32), chunk(b"data", SAMPLES)), "PCM of 32 bits"),
        (riff(fmt(3, bits=64), chunk(b"data", SAMPLES)), "IEEE float"),
        (riff(fmt(0x50, bits=0, align=1), chunk(b"data", SAMPLES)), "MPEG"),
        (riff(fmt(0x1234), chunk(b"data", SAMPLES)), "0x1234"),
        (riff(fmt(6, bits=16), chunk(b"data", SAMPLES)), "A-law of 16 bits"),
        (riff(extensible(3, 64), chunk(b"data", SAMPLES)), "IEEE float"),
        (riff(extensible(1, 16, tail=bytes(14)), chunk(b"data", SAMPLES)), "EXTENSIBLE"),
        (riff(fmt(rate=7999), chunk(b"data", SAMPLES)), "7999 samples"),
        (riff(fmt(rate=48001), chunk(b"data", SAMPLES)), "48001 samples"),
        (riff(fmt(channels=3), chunk(b"data", SAMPLES)), "3 channels"),
        (riff(fmt(), chunk(b"data", SAMPLES), magic=b"RIFX"), "RIFX"),
        (riff(fmt(), chunk(b"data", SAMPLES), magic=b"RF64"), "RF64"),
    ],
)
def test_another_kind_of_wav_is_unsupported_and_the_refusal_says_which(data: bytes, said: str) -> None:
    with pytest.raises(UnknownSound) as refusal:
        recognise(data)
    assert refusal.value.code == "sound_unsupported"
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"\0",
        b"<!DOCTYPE html><html><body>404</body></html>",
        b"\xef\xbb\xbf<?xml version='1.0'?>",
        b"\n\n  <html>",
        b"#EXTM3U\nhttp://example.org/a.wav\n",
        b"Dear recorder, no sound today.",
        b"OggS\0\2" + bytes(40),
        b"ID3\4" + bytes(40),
        b"fLaC" + bytes(40),
        riff(chunk(b"data", SAMPLES), form=b"AVI "),
        riff(form=b"WEBP"),
        bytes(1000),
    ],
)
def test_what_is_no_wav_is_unknown_whatever_its_name(data: bytes) -> None:
    assert answer(data) == "sound_unknown"


def test_a_web_page_is_refused_at_its_first_bytes_and_stays_refused() -> None:
    recogniser = Recogniser()
    with pytest.raises(UnknownSound) as refusal:
        recogniser.feed(b"<htm")
    assert isinstance(refusal.value, Invalid)
    assert refusal.value.field == "sound"
    with pytest.raises(UnknownSound):
        recogniser.feed(alaw())
    with pytest.raises(UnknownSound):
        recogniser.finish()


FOUR_HOURS = 4 * 3600 * 8000


def feed_sound(recogniser: Recogniser, size: int) -> None:
    piece = b"\xd5" * 1_048_576
    for start in range(0, size, len(piece)):
        recogniser.feed(memoryview(piece)[: size - start])


@pytest.mark.parametrize("size", [FOUR_HOURS, 0])
def test_four_hours_are_taken_and_a_sample_more_is_not(size: int) -> None:
    recogniser = Recogniser()
    recogniser.feed(riff(fmt(), chunk(b"data", b"", size)))
    feed_sound(recogniser, FOUR_HOURS)
    assert recogniser.finish().duration_ms == 4 * 3600 * 1000

    recogniser = Recogniser()
    recogniser.feed(riff(fmt(), chunk(b"data", b"", size and size + 1)))
    feed_sound(recogniser, FOUR_HOURS)
    with pytest.raises(UnknownSound) as refusal:
        recogniser.feed(b"\xd5")
    assert refusal.value.code == "sound_too_long"


def test_of_a_coded_sound_the_bytes_do_not_tell_how_long_it_lasts() -> None:
    """IMA ADPCM in stereo fills more than a byte a sample of one channel: nearly four hours were refused."""
    recogniser = Recogniser()
    adpcm = chunk(b"fmt ", struct.pack("<HHIIHHHH", 0x11, 2, 8000, 8055, 1024, 4, 2, 1017))
    recogniser.feed(riff(adpcm, chunk(b"data", b"", FOUR_HOURS + 700_416)))
    feed_sound(recogniser, FOUR_HOURS + 700_416)
    assert recogniser.finish().encoding is Encoding.WAVE


def test_the_head_alone_tells_the_form_and_the_declared_size() -> None:
    assert read_head(alaw()[:44]) == Head(Encoding.ALAW, 8000, 1, 44, len(SAMPLES))
    with pytest.raises(UnknownSound, match="incomplete"):
        read_head(alaw()[:43])


TAGGED = [alaw(LIST), riff(LIST, extensible(1, 16), chunk(b"JUNK", b"odd"), chunk(b"data", SAMPLES), LIST)]
BASES = [
    *TAGGED,
    riff(fmt(1, 2, bits=16), chunk(b"data", SAMPLES, 0)),
    riff(fmt(7), chunk(b"data", SAMPLES[:-1]), chunk(b"id3 ", b"tag")),
    riff(fmt(), chunk(b"data", b""), LIST),
    b"<html>no sound</html>",
]


@given(st.sampled_from(BASES), st.lists(st.integers(0, 2000), max_size=12))
def test_the_answer_does_not_hang_on_how_the_bytes_were_cut(data: bytes, cuts: list[int]) -> None:
    assert answer(data, *(min(cut, len(data)) for cut in cuts)) == answer(data)


@pytest.mark.parametrize("data", BASES)
def test_the_answer_is_the_same_byte_by_byte(data: bytes) -> None:
    assert answer(data, *range(1, len(data))) == answer(data)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(BASES)))
    for _ in range(draw(st.integers(1, 6))):
        # Most of the mischief goes where the structure is.
        limit = draw(st.sampled_from([min(120, len(data)), len(data)]))
        at = draw(st.integers(0, max(limit - 1, 0)))
        match draw(st.sampled_from(["set", "number", "cut", "insert", "drop"])):
            case "set":
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "number":
                data[at : at + 4] = struct.pack(
                    "<I", draw(st.sampled_from(NUMBERS) | st.integers(0, 2**32 - 1))
                )
            case "cut":
                del data[at:]
            case "insert":
                data[at:at] = draw(
                    st.binary(max_size=20) | st.sampled_from([fmt(), LIST, chunk(b"data", b"")])
                )
            case "drop":
                del data[at : at + draw(st.integers(1, 20))]
    return bytes(data)


NUMBERS = [*PLACEHOLDERS, 1, 2, 16, 17, 18, 36, 40, len(SAMPLES) - 1, len(SAMPLES) + 1, 65_535, 65_536]


@settings(max_examples=1500, deadline=None)
@given(mutated(), st.lists(st.integers(0, 2000), max_size=5))
@example(alaw()[:44] + bytes(1), [44])
def test_a_mutated_file_is_refused_or_gives_a_sound_within_its_bytes(data: bytes, cuts: list[int]) -> None:
    result = answer(data)
    assert result == answer(data, *(min(cut, len(data)) for cut in cuts))
    if isinstance(result, Sound):
        assert result.data_bytes > 0
        assert result.data_bytes % result.frame_bytes == 0
        assert result.data_offset + result.data_bytes <= len(data)
        assert data[result.data_offset - 8 : result.data_offset - 4] == b"data"
        assert result.channels in (1, 2)
        assert 8000 <= result.rate <= 48_000


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_random_bytes_are_never_taken_for_a_sound(data: bytes) -> None:
    assert isinstance(answer(data), str)


def test_a_head_sent_byte_by_byte_full_of_tiny_parts_costs_no_time() -> None:
    head = riff(*[chunk(b"JUNK", b"")] * 8000)[: HEAD_BYTES - 100]
    recogniser, before = Recogniser(), time.process_time()
    for at in range(len(head)):
        recogniser.feed(head[at : at + 1])
    assert time.process_time() - before < 2
