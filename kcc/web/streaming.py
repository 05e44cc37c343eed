"""Answering with sound: HTTP ranges over anything that can be read by offset; whose sound it is was
settled before.
"""

from collections.abc import Callable, Iterator
from http import HTTPStatus

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

PIECE = 262_080
"""Bytes read and sent at once: large enough to be quick, small enough that memory stays flat; and a multiple
of what lies between two borders of sealed segments.
"""

Read = Callable[[int, int], bytes]


def ranged(size: int, read: Read, media_type: str, border: int = 0) -> Response:
    """The answer to a GET or HEAD of `size` bytes, whole or the one range that was asked for.

    The first piece is read, and thereby verified, before any status is sent. Pieces best end at `border`, and
    every PIECE from there.
    """
    part = _asked(size)
    start, stop = part or (0, size)
    first = read(start, first_piece(start, stop, border)) if request.method != "HEAD" else b""
    whole = stop - start <= PIECE
    response = Response(first if whole else pieces(first, start, stop, read), mimetype=media_type)
    response.content_length = stop - start
    response.accept_ranges = "bytes"
    if part:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response.content_range.set(start, stop, size, "bytes")
    return response


def attached(name: str) -> dict[str, str]:
    """The headers of a file that is to be kept by whoever gets it, and by no cache on the way."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def _asked(size: int) -> tuple[int, int] | None:
    """The half-open range asked for; None, meaning everything, without one, with several, with another unit
    or method.
    """
    header = request.headers.get("Range")
    if header is None or request.method != "GET" or _unit(header) != "bytes":
        return None
    wanted = request.range
    if wanted is None:
        raise RequestedRangeNotSatisfiable(length=size)
    if len(wanted.ranges) != 1:
        return None
    start, stop = wanted.ranges[0]
    if stop is None and start < 0:  # from behind; more than there is means all of it
        start = max(0, size + start)
    if not 0 <= start < size:
        raise RequestedRangeNotSatisfiable(length=size)
    return start, size if stop is None else min(stop, size)


def _unit(header: str) -> str:
    unit, equals, _ = header.partition("=")
    return unit.strip().lower() if equals else "bytes"


def first_piece(start: int, stop: int, border: int) -> int:
    """How long the first piece is: all if that is little, else up to a border, where the others end too."""
    return stop - start if stop - start <= PIECE else PIECE - (start - border) % PIECE


def pieces(first: bytes, start: int, stop: int, read: Read) -> Iterator[bytes]:
    """The bytes from `start` to `stop`, of which the first piece has been read."""
    yield first
    start += len(first)
    while start < stop:
        piece = read(start, min(PIECE, stop - start))
        if not piece:
            raise EOFError("the sound ended early")
        yield piece
        start += len(piece)
