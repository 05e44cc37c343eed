"""Which requests may come at all: to one of our own names, and not sent by another website; who makes them is
identity's.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, request

from kcc.access.actions import Action
from kcc.errors import N_, KccError
from kcc.sections import Server

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset({"same-origin", "none"})
"""Sent by our own page; or by nobody's, when somebody types an address or opens a bookmark."""
DOORS = frozenset(
    {Action.RECORDING_INTAKE, Action.VCON_DELIVER, Action.METRICS_READ, Action.PEOPLE_PROVISION}
)
"""Machines prove themselves in each request and carry no cookie that somebody else could use; they call kcc
by whatever name their network has for it.
"""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")


class ElsewhereAddressed(KccError):
    """The request names a host that is none of ours."""

    status = 400
    code = "host_unknown"


class SentByAnother(KccError):
    """Another website made the browser send this."""

    status = 403
    code = "cross_site"


def install(app: Flask, actions: Mapping[str, Action], server: Server) -> None:
    """Refuse before anything else is done: before the form's token is looked for, and before any redirect."""
    ours = names(server)

    def admit() -> None:
        if actions.get(request.endpoint or "") in DOORS:
            return
        if _name(request.environ.get("HTTP_HOST", "")) not in ours:
            raise ElsewhereAddressed(N_("kcc is not known by this address. Use the one that you were given."))
        if not _own():
            raise SentByAnother(
                N_("Another website asked for this. Open kcc itself, and do there what you wanted to do.")
            )

    app.before_request_funcs.setdefault(None, []).insert(0, admit)


def names(server: Server) -> frozenset[str]:
    """The names by which browsers may call us; where that is this machine itself, each of its names."""
    public = _name(urlsplit(server.public_url).netloc)
    return frozenset({public, *server.hosts, *(LOOPBACK if public in LOOPBACK else ())}) - {""}


def _name(host: str) -> str:
    """The host without its port, in lower case; empty when it is none. Ports are the proxy's affair."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


def _own() -> bool:
    """What the browser says of who sends this; where it says nothing, what a form says of its page.

    Reading may follow a link from anywhere, as a page of its own and not as a part of somebody else's.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OWN or (request.method in SAFE and _opened_as_a_page())
    if request.method in SAFE:
        return True
    said = request.headers.get("Origin") or request.headers.get("Referer")
    return said is None or _same_host(said)


def _opened_as_a_page() -> bool:
    mode, dest = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")
    return mode == "navigate" and dest == "document"


def _same_host(address: str) -> bool:
    try:
        return urlsplit(address).netloc.lower() == str(request.environ.get("HTTP_HOST", "")).lower()
    except ValueError:
        return False
