"""The short way of a range of sound: asked for plainly, of a lease about which nothing needs to be asked now.

It answers before the framework does, whose work on a request takes longer than opening the sound. Everything
else, and every "no", takes the long way, through the route that it stands beside.
"""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask

from kcc.errors import KccError
from kcc.web import routes, security, sessions
from kcc.web.streaming import PIECE, Read, first_piece, pieces

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ENDPOINT, MEDIA_TYPE = "recordings.sound", "audio/wav"
Ready = Callable[[str, str], tuple[int, Read, int] | None]
"""Of a lease's id and the secret shown: the sound's size, bytes and border, or None for the long way."""

OWN = "same-origin"
_ADDRESS = re.compile(r"/listening/([0-9a-f]{32})/sound")
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")
_SECRET = re.compile(r"[A-Za-z0-9_-]{20,100}")


def install(app: Flask, ready: Ready, *, secure: bool) -> None:
    """Open the lane beside the route of sound; RuntimeError if that is not where it was, or declares another
    action than fetching by a lease (ACC-1).
    """
    found, _ = app.url_map.bind("localhost").match(f"/listening/{'0' * 32}/sound")
    if found != ENDPOINT or routes.declared(app)[ENDPOINT] not in routes.BY_LEASE:
        raise RuntimeError("the short way of sound stands beside no route of a lease")
    app.wsgi_app = SoundLane(app.wsgi_app, ready, secure=secure)  # type: ignore[assignment,method-assign]


class SoundLane:
    """The application, with the lane before it."""

    def __init__(self, long_way: "WSGIApplication", ready: Ready, *, secure: bool) -> None:
        self._long_way, self._ready = long_way, ready
        self._cookie = f"{sessions.name(secure=secure)}="
        said = security.headers(secure=secure) | {"Content-Security-Policy": security.policy()}
        self._headers = [*said.items(), ("Cache-Control", "no-store"), ("Vary", "Cookie")]
        self._headers += [("Content-Type", MEDIA_TYPE), ("Accept-Ranges", "bytes")]

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer, or hand on."""
        address = _ADDRESS.fullmatch(environ["PATH_INFO"])
        plain = environ["REQUEST_METHOD"] == "GET" and not environ.get("QUERY_STRING")
        # What another site asks for is refused on the long way (kcc.web.crossing).
        if address is not None and plain and environ.get("HTTP_SEC_FETCH_SITE", OWN) == OWN:
            answer = self._answer(address[1], environ, start)
            if answer is not None:
                return answer
        return self._long_way(environ, start)

    def _answer(
        self, lease_id: str, environ: "WSGIEnvironment", start: "StartResponse"
    ) -> Iterable[bytes] | None:
        secret = _one(environ.get("HTTP_COOKIE", ""), self._cookie)
        found = self._ready(lease_id, secret) if secret else None
        part = _part(environ.get("HTTP_RANGE"), found[0]) if found else None
        if found is None or part is None:
            return None
        (size, read, border), (first, stop) = found, part
        try:
            piece = read(first, first_piece(first, stop, border))
        except (KccError, EOFError, ValueError):
            # The long way meets the same, and says it properly; a lease that another request ended just now
            # has closed its sound (ValueError), and there is told to be over.
            return None
        headers = [*self._headers, ("Content-Length", str(stop - first))]
        if "HTTP_RANGE" in environ:
            start("206 PARTIAL CONTENT", [*headers, ("Content-Range", f"bytes {first}-{stop - 1}/{size}")])
        else:
            start("200 OK", headers)
        return [piece] if stop - first <= PIECE else pieces(piece, first, stop, read)


def _one(cookies: str, name: str) -> str | None:
    """The value of the cookie `name=`, if there is exactly one and it needs no unquoting."""
    values = [one[len(name) :] for one in map(str.strip, cookies.split(";")) if one.startswith(name)]
    return values[0] if len(values) == 1 and _SECRET.fullmatch(values[0]) else None


def _part(header: str | None, size: int) -> tuple[int, int] | None:
    """The half-open range plainly asked for, everything if none is; None for whatever is not plain."""
    if header is None:
        return (0, size) if size else None
    wanted = _RANGE.fullmatch(header)
    if wanted is None:
        return None
    first, stop = int(wanted[1]), min(int(wanted[2]) + 1, size) if wanted[2] else size
    return (first, stop) if first < stop else None
