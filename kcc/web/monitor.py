"""Who may read the metrics: a program on this machine, or one that shows the monitoring token."""

import secrets

from flask import request

from kcc.errors import NotFound
from kcc.web.identity import stores

LOOPBACK = frozenset({"127.0.0.1", "::1"})
LOOPBACK_NAMES = frozenset({"localhost", *LOOPBACK, "[::1]"})
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
"""What a proxy adds: behind one everybody comes from the loopback."""


def authenticate() -> None:
    """Let pass whoever may read the metrics; for anybody else there are none (NotFound)."""
    if not (_shows_token() or _from_here()):
        raise NotFound


def _from_here() -> bool:
    """Without TLS there is no proxy; with it a token is needed, also from this machine."""
    if stores().settings.server.secure or any(name in request.headers for name in FORWARDED):
        return False
    host = request.host.rpartition(":")[0] if request.host[-1:].isdigit() and ":" in request.host else ""
    named = {request.host, host} & LOOPBACK_NAMES
    return bool(named) and request.remote_addr in LOOPBACK


def _shows_token() -> bool:
    file = stores().settings.server.metrics_token_file
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not file.exists():
        return False
    wanted = file.read_text().strip()
    return bool(wanted) and secrets.compare_digest(token.strip().encode(), wanted.encode())
