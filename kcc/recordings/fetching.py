"""Fetching a sound over https from an address that was allowed beforehand: no redirect, no proxy, no cookie;
what may be asked is decided elsewhere.
"""

import http.client
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from kcc.errors import N_, Unavailable

SECONDS = 30
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
        yield from _whole(connection.getresponse())
    except (OSError, http.client.HTTPException) as fault:
        raise _away() from fault
    finally:
        connection.close()


def _whole(response: http.client.HTTPResponse) -> Iterator[bytes]:
    if response.status != HTTPStatus.OK:
        raise _away()
    came = 0
    while piece := response.read(PIECE):
        came += len(piece)
        if came > LARGEST:
            raise _away()
        yield piece


def _away() -> Unavailable:
    return Unavailable(
        N_("The vCon's sound could not be fetched from its address."), code="content_unavailable"
    )
