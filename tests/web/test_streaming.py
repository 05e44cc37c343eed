"""kcc.web.streaming: whatever range is asked for, the bytes are those of a slice; the rest is refused."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from kcc.vault.sealing import BORDERS_APART
from kcc.web.streaming import PIECE, first_piece, pieces, ranged

SHORT = bytes(range(256)) * 3
LONG = bytes((number * 7 + number // 251) % 256 for number in range(2 * PIECE + 1000))


def server(content: bytes, reads: list[tuple[int, int]] | None = None, border: int = 0) -> FlaskClient:
    """A site with one sound; `reads` collects what is read of it."""
    app = Flask(__name__)

    def read(start: int, length: int) -> bytes:
        if reads is not None:
            reads.append((start, length))
        assert 0 <= start <= start + length <= len(content), "read beyond the sound"
        return content[start : start + length]

    app.add_url_rule("/sound", "sound", lambda: ranged(len(content), read, "audio/wav", border))
    return app.test_client()


def ask(content: bytes, wanted: str | None, method: str = "GET") -> TestResponse:
    """The answer to one request."""
    headers = {} if wanted is None else {"Range": wanted}
    return server(content).open("/sound", method=method, headers=headers)


def is_whole(answer: TestResponse, content: bytes) -> bool:
    """200 and everything."""
    return (answer.status_code, answer.data, answer.content_range.units) == (200, content, None)


def test_without_a_range_everything_comes() -> None:
    for content in (SHORT, LONG):
        answer = ask(content, None)
        assert is_whole(answer, content)
        assert answer.content_length == len(content)
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.mimetype == "audio/wav"


@pytest.mark.parametrize("content", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-", lambda size: (0, size)),
        ("bytes=0-0", lambda _: (0, 1)),
        ("bytes=0-99", lambda _: (0, 100)),
        ("bytes=100-199", lambda _: (100, 200)),
        ("bytes=700-", lambda size: (700, size)),
        ("bytes=-1", lambda size: (size - 1, size)),
        ("bytes=-500", lambda size: (size - 500, size)),
        ("bytes=5-999999999999999999999999", lambda size: (5, size)),
        ("Bytes = 5-9", lambda _: (5, 10)),
        ("bytes= 5 - 9 ", lambda _: (5, 10)),
    ],
)
def test_one_range_is_answered_with_that_part(
    content: bytes, wanted: str, part: Callable[[int], tuple[int, int]]
) -> None:
    """From the start, in the middle, to the end, beyond the end, from behind."""
    start, stop = part(len(content))
    answer = ask(content, wanted)
    assert answer.status_code == 206
    assert answer.data == content[start:stop]
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(content)}"
    assert answer.content_length == stop - start


@given(st.integers(0, len(LONG) + 10), st.integers(0, len(LONG) + 10))
def test_any_range_is_a_slice(one: int, other: int) -> None:
    """Against Python's own slices, over the borders of the pieces."""
    first, last = sorted((one, other))
    answer = ask(LONG, f"bytes={first}-{last}")
    if first >= len(LONG):
        assert answer.status_code == 416
        return
    assert answer.status_code == 206
    assert answer.data == LONG[first : last + 1]


@given(st.text(max_size=40).filter(lambda text: text.isprintable() and text.isascii()))
def test_any_nonsense_has_an_answer(text: str) -> None:
    """All of it, a part of it, or that there is no such part; never a failure."""
    for wanted in (text, f"bytes={text}"):
        answer = ask(SHORT, wanted)
        assert answer.status_code in (200, 206, 416)
        assert answer.status_code == 416 or answer.data in SHORT


@pytest.mark.parametrize(
    "wanted", ["bytes=768-", "bytes=768-900", "bytes=99999999999999999999-", "bytes=5-4", "bytes=-0"]
)
def test_a_range_beyond_the_sound_is_refused_with_its_length(wanted: str) -> None:
    answer = ask(SHORT, wanted)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */768"


@pytest.mark.parametrize("wanted", ["", "bytes", "bytes=", "bytes=x-y", "bytes=1", f"bytes=0-{'9' * 5000}"])
def test_a_range_that_is_none_is_refused(wanted: str) -> None:
    """Numbers of five thousand digits as well."""
    assert ask(SHORT, wanted).status_code == 416


@pytest.mark.parametrize("wanted", ["bytes=0-", "bytes=-1", "bytes=0-0", "bytes=5-9"])
def test_an_empty_sound_has_no_parts(wanted: str) -> None:
    assert is_whole(ask(b"", None), b"")
    assert ask(b"", wanted).status_code == 416


def test_several_ranges_are_answered_with_everything() -> None:
    """No player asks for them; the bytes are right whatever the status says."""
    answer = ask(SHORT, "bytes=0-1,5-6")
    assert answer.data == SHORT
    assert answer.status_code == 200 or answer.headers["Content-Range"] == "bytes 0-767/768"


@pytest.mark.parametrize("content", [SHORT, LONG, b""], ids=["short", "long", "empty"])
def test_head_tells_the_length_and_reads_nothing(content: bytes) -> None:
    reads: list[tuple[int, int]] = []
    answer = server(content, reads).head("/sound")
    assert (answer.status_code, answer.data, answer.content_length) == (200, b"", len(content))
    assert reads == []


def test_head_knows_no_ranges() -> None:
    """RFC 9110, 14.2: only GET has them; others ignore the header."""
    answer = ask(SHORT, "bytes=5-9", "HEAD")
    assert (answer.status_code, answer.content_length) == (200, len(SHORT))


def test_more_from_behind_than_there_is_gives_everything() -> None:
    """RFC 9110, 14.1.2: a suffix longer than the sound is all of it."""
    answer = ask(SHORT, "bytes=-1000")
    assert (answer.status_code, answer.data) == (206, SHORT)


@pytest.mark.parametrize("wanted", ["seconds=0-1", "seconds=soon"])
def test_another_unit_is_ignored(wanted: str) -> None:
    """RFC 9110, 14.2: a unit that is not understood is as no range at all."""
    assert is_whole(ask(SHORT, wanted), SHORT)


def test_the_first_piece_is_read_before_any_status_is_sent() -> None:
    """Sound that was tampered with is a refusal, not a broken stream."""
    app = Flask(__name__)

    def tampered(_start: int, _length: int) -> bytes:
        raise ValueError("tampered")

    app.add_url_rule("/sound", "sound", lambda: ranged(10, tampered, "audio/wav"))
    assert app.test_client().get("/sound").status_code == 500


def test_pieces_end_at_the_borders_of_sealed_segments() -> None:
    """So that no segment is opened twice; a range of one piece is one piece all the same."""
    assert PIECE % BORDERS_APART == 0
    reads: list[tuple[int, int]] = []
    site = server(LONG, reads, border=PIECE + 300)
    assert site.get("/sound").data == LONG
    assert reads == [(0, 300), (300, PIECE), (PIECE + 300, PIECE), (2 * PIECE + 300, 700)]
    reads.clear()
    assert site.get("/sound", headers={"Range": f"bytes=200-{PIECE + 199}"}).data == LONG[200 : PIECE + 200]
    assert reads == [(200, PIECE)]


@given(st.integers(0, len(LONG)), st.integers(0, len(LONG)), st.integers(-PIECE, 3 * PIECE))
def test_wherever_the_border_is_the_bytes_are_the_same(start: int, stop: int, border: int) -> None:
    first = first_piece(start, max(start, stop), border)
    assert 0 <= first <= PIECE
    read = pieces(LONG[start : start + first], start, stop, lambda at, length: LONG[at : at + length])
    assert b"".join(read) == LONG[start:stop]


def test_pieces_are_small_and_none_is_read_twice() -> None:
    """Memory stays flat however long the call was."""
    reads: list[tuple[int, int]] = []
    assert server(LONG, reads).get("/sound").data == LONG
    assert reads == [(0, PIECE), (PIECE, PIECE), (2 * PIECE, 1000)]
