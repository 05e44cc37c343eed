"""Fetching a sound over https from an address that was allowed beforehand: no redirect, no proxy, no cookie;
what may be asked is decided elsewhere.
"""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from urllib.parse import urlsplit

from kcc import clock
from kcc.errors import N_, Unavailable

SECONDS = 30
"""How long one answer of the network may take."""
WHOLE_SECONDS = 15 * 60
"""How long all of it may take: who sends a byte now and then keeps nobody waiting for ever."""
PIECE = 262_144
LARGEST = 512 * 1024 * 1024


def fetch(url: str) -> Iterator[bytes]:
    """The bytes at an https address by the piece, at most 512 MiB; Unavailable unless they come whole."""
    parts = urlsplit(url)
    target = parts.path or "/"
    target = f"{target}?{parts.query}" if parts.query else target
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port or 443, timeout=SECONDS, context=ssl.create_default_context()
    )
    try:
        connection.request("GET", target, headers={"Accept": "audio/*", "Accept-Encoding": "identity"})
        with closing(connection.getresponse()) as response:  # it may have taken the connection over
            yield from _whole(response)
    except (OSError, http.client.HTTPException) as fault:
        raise _away() from fault
    finally:
        connection.close()


def _whole(response: http.client.HTTPResponse) -> Iterator[bytes]:
    if response.status != HTTPStatus.OK:
        raise _away()
    came, until = 0, clock.ticking() + WHOLE_SECONDS
    while piece := response.read1(PIECE):
        came += len(piece)
        if came > LARGEST or clock.ticking() > until:
            raise _away()
        yield piece
    if response.length:  # what was promised and did not come: http.client says nothing
        raise _away()


def _away() -> Unavailable:
    return Unavailable(
        N_("The vCon's sound could not be fetched from its address."), code="content_unavailable"
    )
