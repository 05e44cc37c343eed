"""Answering with sound: HTTP ranges over anything that can be read by offset; whose sound it is was
settled before.
"""

from collections.abc import Callable, Iterator
from http import HTTPStatus

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

PIECE = 262_144
"""Bytes read and sent at once: large enough to be quick, small enough that memory stays flat."""

Read = Callable[[int, int], bytes]


def ranged(size: int, read: Read, media_type: str) -> Response:
    """The answer to a GET or HEAD of `size` bytes, whole or the one range that was asked for.

    The first piece is read, and thereby verified, before any status is sent.
    """
    start, stop = _asked(size)
    first = read(start, min(PIECE, stop - start)) if request.method != "HEAD" else b""
    whole = stop - start <= PIECE
    response = Response(first if whole else _pieces(first, start, stop, read), mimetype=media_type)
    response.content_length = stop - start
    response.accept_ranges = "bytes"
    if (start, stop) != (0, size) or request.headers.get("Range"):
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response.content_range.set(start, stop, size, "bytes")
    return response


def _asked(size: int) -> tuple[int, int]:
    """The half-open range asked for: everything without one, or with several or with another unit."""
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        if "Range" in request.headers and wanted is None:
            raise RequestedRangeNotSatisfiable(length=size)
        return 0, size
    found = wanted.range_for_length(size)
    if found is None:
        raise RequestedRangeNotSatisfiable(length=size)
    return found


def _pieces(first: bytes, start: int, stop: int, read: Read) -> Iterator[bytes]:
    yield first
    start += len(first)
    while start < stop:
        piece = read(start, min(PIECE, stop - start))
        yield piece
        start += len(piece)
