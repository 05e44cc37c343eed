"""Trying, before anything is decoded, that the child can reach nothing; decoding itself is decoder's, and off
without that proof.
"""

import json
import shutil
import socket
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog

from kcc.recordings.decoding.process import Child, ChildFault, Limits, bubblewrap
from kcc.sections import Decoding

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether decoding is on, and what confines it: "bubblewrap", "namespaces+landlock", "landlock", …

    `reason` says why it is off: "settings", or what was possible that must not be.
    """

    on: bool
    confined_by: str = ""
    reason: str = ""
    wrapper: tuple[str, ...] = ()


_known: dict[Decoding, Proof] = {}
_lock = threading.Lock()


def proof(settings: Decoding) -> Proof:
    """What was found once in this process; the first to ask waits for it (about half a second)."""
    with _lock:
        if settings not in _known:
            _known[settings] = _prove(settings)
        return _known[settings]


def _prove(settings: Decoding) -> Proof:
    if not settings.enabled:
        return Proof(on=False, reason="settings")
    wrapped = shutil.which("bwrap")
    found = _tried(settings, tuple(bubblewrap(wrapped)), "bubblewrap") if wrapped else None
    if found is None or not found.on:
        found = _tried(settings, ())
    if not found.on:
        log.warning("sound is not decoded: its confinement does not hold", reason=found.reason)
    return found


def _tried(settings: Decoding, wrapper: tuple[str, ...], named: str = "") -> Proof:
    limits = Limits(settings.memory_mb, settings.cpu_seconds)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        Path(folder).chmod(0o777)  # it would be let, were it not confined
        (Path(folder) / "bait").touch()
        task = {"attempt": True, "folder": folder, "port": listener.getsockname()[1]}
        task |= {"memory_mb": limits.memory_mb, "cpu_seconds": limits.cpu_seconds}
        try:
            with Child(limits, wrapper) as child:
                said = {kind: json.loads(body) for kind, body in child.messages(task)}
            granted, possible = said[b"C"]["granted"], said[b"E"]["possible"]
        except (ChildFault, OSError, ValueError, KeyError) as fault:
            return Proof(on=False, reason=f"{type(fault).__name__} {fault}")
        survived = [name for name in ("bait",) if not (Path(folder) / name).exists()]
    if possible or survived:
        return Proof(on=False, reason=", ".join([*possible, *(f"{name} removed" for name in survived)]))
    return Proof(True, named or "+".join(granted) or "limits", wrapper=wrapper)
