"""Sealing: every byte comes back, from any range, and nothing that was touched ever opens."""

import random
import secrets
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.vault.sealing import (
    BORDERS_APART,
    FIRST_BORDER,
    SEGMENT,
    SealBroken,
    SealedReader,
    SealingWriter,
    plain_size,
    sealed_size,
)

KEY = bytes(range(32))
FIRST, NEXT = 65_480, 65_520
BOUNDARIES = [0, 1, 144, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT - 1, FIRST + NEXT, FIRST + NEXT + 1]
BIG = FIRST + 8 * NEXT + 12_345


def chance_of(seed: int) -> random.Random:
    return random.Random(seed)


def seal(
    plain: bytes, associated: bytes = b"rec-1", key: bytes = KEY, pieces: list[int] | None = None
) -> bytes:
    sealed = bytearray()
    writer = SealingWriter(key, associated, sealed.extend)
    at = 0
    for piece in pieces or [len(plain)]:
        writer.write(plain[at : at + piece])
        at += piece
    writer.write(plain[at:])
    writer.finish()
    return bytes(sealed)


def reader(sealed: bytes, associated: bytes = b"rec-1", key: bytes = KEY) -> SealedReader:
    return SealedReader(key, associated, lambda start, length: sealed[start : start + length], len(sealed))


def opened(sealed: bytes, associated: bytes = b"rec-1", key: bytes = KEY) -> bytes:
    through = reader(sealed, associated, key)
    return through.read(0, through.size)


@pytest.fixture(scope="module")
def big() -> tuple[bytes, bytes]:
    """Half a megabyte and more, and its sealed form."""
    plain = chance_of(7).randbytes(BIG)
    return plain, seal(plain)


@pytest.mark.parametrize("size", [*BOUNDARIES, 2_400_000, 5_000_001])
def test_every_size_comes_back_and_is_foretold(size: int) -> None:
    plain = chance_of(size).randbytes(size)
    sealed = seal(plain)
    assert len(sealed) == sealed_size(size)
    assert plain_size(len(sealed)) == size
    assert opened(sealed) == plain


def test_sizes_are_each_others_inverse_and_impossible_ones_are_refused() -> None:
    possible = {sealed_size(plain): plain for plain in range(140_000)}
    for sealed in range(140_000):
        if sealed in possible:
            assert plain_size(sealed) == possible[sealed]
        else:
            with pytest.raises(SealBroken):
                plain_size(sealed)


@given(st.lists(st.integers(0, 140_000), max_size=8), st.integers(0, 200_000))
def test_how_the_bytes_are_handed_over_makes_no_difference(pieces: list[int], size: int) -> None:
    plain = (b"0123456789abcdef!" * 12_000)[:size]
    assert opened(seal(plain, pieces=pieces)) == plain


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_may_be_written(kind: type) -> None:
    assert opened(seal(kind(b"x" * 70_000))) == b"x" * 70_000


def test_the_last_segment_waits_for_finish() -> None:
    sealed = bytearray()
    writer = SealingWriter(KEY, b"rec-1", sealed.extend)
    writer.write(bytes(FIRST))
    assert not sealed
    writer.write(b"x")
    assert len(sealed) == SEGMENT
    writer.write(bytes(NEXT - 1))
    assert len(sealed) == SEGMENT
    writer.finish()
    assert len(sealed) == 2 * SEGMENT
    with pytest.raises(ValueError, match="finished"):
        writer.write(b"more")
    with pytest.raises(ValueError, match="finished"):
        writer.finish()


def test_an_unfinished_stream_does_not_open() -> None:
    sealed = bytearray()
    SealingWriter(KEY, b"rec-1", sealed.extend).write(bytes(3 * NEXT))
    with pytest.raises(SealBroken):
        opened(bytes(sealed))


def test_after_a_failed_write_no_nonce_serves_twice() -> None:
    handed: list[bytes] = []

    def full(view: memoryview | bytes) -> None:
        handed.append(bytes(view))
        raise OSError("disk full")

    writer = SealingWriter(KEY, b"rec-1", full)
    for _again in range(2):
        with pytest.raises(OSError, match="disk full"):
            writer.write(bytes(NEXT + 1))
    # The same zeros under the same nonce would give the same bytes.
    assert handed[0][40:1000] != handed[1][:960]


def test_the_same_plaintext_never_looks_the_same() -> None:
    assert seal(b"hello")[40:] != seal(b"hello")[40:]


def test_a_thousand_random_ranges_equal_slices(big: tuple[bytes, bytes]) -> None:
    plain, sealed = big
    through, chance = reader(sealed), chance_of(1)
    for _ in range(1000):
        start = chance.randrange(BIG + 1000)
        length = chance.choice([0, 1, 100, 65_536, chance.randrange(BIG)])
        assert through.read(start, length) == plain[start : start + length]


def test_ranges_at_every_border_equal_slices(big: tuple[bytes, bytes]) -> None:
    plain, sealed = big
    through = reader(sealed)
    borders = [
        at + near for at in [0, *range(FIRST, BIG, NEXT), BIG] for near in (-1, 0, 1) if at + near >= 0
    ]
    for start in borders:
        for end in borders:
            if end >= start:
                assert through.read(start, end - start) == plain[start:end]


def test_a_range_reads_only_its_own_segments(big: tuple[bytes, bytes]) -> None:
    plain, sealed = big
    seen: list[tuple[int, int]] = []

    def read_at(start: int, length: int) -> bytes:
        seen.append((start, length))
        return sealed[start : start + length]

    through = SealedReader(KEY, b"rec-1", read_at, len(sealed))
    seen.clear()
    assert through.read(FIRST + 10, 100) == plain[FIRST + 10 : FIRST + 110]
    assert seen == [(SEGMENT, SEGMENT)]


@pytest.mark.parametrize(("start", "length"), [(-1, 5), (0, -1)])
def test_a_range_that_is_none_is_refused(start: int, length: int) -> None:
    with pytest.raises(ValueError, match="range"):
        reader(seal(b"hello")).read(start, length)


def test_threads_share_one_reader(big: tuple[bytes, bytes]) -> None:
    plain, sealed = big
    through = reader(sealed)

    def read_many(seed: int) -> bool:
        chance = chance_of(seed)
        starts = [chance.randrange(BIG) for _ in range(100)]
        return all(through.read(start, 70_000) == plain[start : start + 70_000] for start in starts)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(read_many, range(8)))


def test_a_view_lasts_until_the_next_and_never_shows_another_recording(big: tuple[bytes, bytes]) -> None:
    """Of any length, beyond the memory that is kept too; what is damaged leaves nothing of the last one."""
    plain, sealed = big
    other = chance_of(8).randbytes(BIG)
    one, two = reader(sealed), reader(seal(other, associated=b"rec-2"), associated=b"rec-2")
    for start, length in [(0, 10), (FIRST - 5, 10), (1000, 5 * NEXT), (1000, 6 * NEXT), (0, BIG), (BIG, 1)]:
        kept = one.read(start, length)
        assert two.view(start, length) == other[start : start + length]
        assert one.view(start, length) == kept == plain[start : start + length]
    broken = reader(_flipped(sealed, 8 * (2 * SEGMENT + 5)))
    two.view(FIRST, 2 * NEXT)
    with pytest.raises(SealBroken):
        broken.view(FIRST, 2 * NEXT)


def test_reading_from_border_to_border_opens_every_segment_once(big: tuple[bytes, bytes]) -> None:
    plain, sealed = big
    seen: list[tuple[int, int]] = []

    def read_at(start: int, length: int) -> bytes:
        seen.append((start, length))
        return sealed[start : start + length]

    through = SealedReader(KEY, b"rec-1", read_at, len(sealed))
    seen.clear()
    borders = [0, *range(FIRST_BORDER, BIG, BORDERS_APART), BIG]
    pieces = [through.read(start, end - start) for start, end in pairwise(borders)]
    assert b"".join(pieces) == plain
    assert seen == [(at, min(SEGMENT, len(sealed) - at)) for at in range(0, len(sealed), SEGMENT)]


def test_every_truncation_is_refused_on_opening(big: tuple[bytes, bytes]) -> None:
    _, sealed = big
    borders = {
        at + near for at in range(0, len(sealed), SEGMENT) for near in (-17, -16, -1, 0, 1, 16, 17, 56, 57)
    }
    sample = chance_of(2).sample(range(len(sealed)), 300)
    for size in {*(at for at in borders if 0 <= at < len(sealed)), *range(100), *sample}:
        with pytest.raises(SealBroken):
            reader(sealed[:size])


def test_added_bytes_are_refused_on_opening(big: tuple[bytes, bytes]) -> None:
    _, sealed = big
    for more in (1, 16, 17, 1000, SEGMENT):
        with pytest.raises(SealBroken):
            reader(sealed + bytes(more))


def test_a_file_that_shrinks_while_it_is_open_is_refused(big: tuple[bytes, bytes]) -> None:
    _, sealed = big
    file = bytearray(sealed)
    through = SealedReader(KEY, b"rec-1", lambda at, length: bytes(file[at : at + length]), len(sealed))
    del file[3 * SEGMENT :]
    assert len(through.read(0, 1000)) == 1000
    with pytest.raises(SealBroken):
        through.read(3 * SEGMENT - 100, 1000)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 2), (2, 7), (1, 8), (7, 8)])
def test_swapped_segments_are_refused(big: tuple[bytes, bytes], one: int, other: int) -> None:
    _, sealed = big
    segments = [sealed[at : at + SEGMENT] for at in range(0, len(sealed), SEGMENT)]
    segments[one], segments[other] = segments[other], segments[one]
    with pytest.raises(SealBroken):
        opened(b"".join(segments))


def test_a_segment_of_another_recording_under_the_same_key_is_refused(big: tuple[bytes, bytes]) -> None:
    plain, sealed = big
    other = seal(plain, associated=b"rec-2")
    mixed = sealed[:SEGMENT] + other[SEGMENT : 2 * SEGMENT] + sealed[2 * SEGMENT :]
    assert len(reader(mixed).read(0, FIRST)) == FIRST
    with pytest.raises(SealBroken):
        reader(mixed).read(FIRST, 1)


def test_a_recording_in_anothers_place_is_refused() -> None:
    with pytest.raises(SealBroken):
        opened(seal(b"hello", associated=b"rec-1"), associated=b"rec-2")


def test_another_key_is_refused_and_a_short_one_is_a_mistake() -> None:
    with pytest.raises(SealBroken):
        opened(seal(b"hello"), key=secrets.token_bytes(32))
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"hello", key=bytes(16))


def test_every_flipped_bit_of_a_small_file_is_refused() -> None:
    sealed = seal(bytes(144))
    assert len(sealed) == 200
    for bit in range(8 * len(sealed)):
        with pytest.raises(SealBroken):
            opened(_flipped(sealed, bit))


def test_sampled_flipped_bits_of_a_big_file_are_refused(big: tuple[bytes, bytes]) -> None:
    _, sealed = big
    for bit in chance_of(3).sample(range(8 * len(sealed)), 400):
        with pytest.raises(SealBroken):
            opened(_flipped(sealed, bit))


def test_a_damaged_segment_leaves_the_others_readable(big: tuple[bytes, bytes]) -> None:
    plain, sealed = big
    through = reader(_flipped(sealed, 8 * (2 * SEGMENT + 5)))
    assert through.read(0, FIRST + NEXT) == plain[: FIRST + NEXT]
    with pytest.raises(SealBroken):
        through.read(FIRST + NEXT, 1)
    with pytest.raises(SealBroken):
        through.read(0, BIG)


def _flipped(sealed: bytes, bit: int) -> bytes:
    changed = bytearray(sealed)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
