"""Sending checkpoints away from the database: to each place in order, again until it takes them; a folder is
one place, letters and buckets are made where the application is put together.
"""

import errno
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import select

from kcc import clock
from kcc.audit.model import AuditCheckpoint, AuditPlace
from kcc.audit.notes import with_proof, without_proof
from kcc.db import Database
from kcc.errors import N_, Refused, Unavailable
from kcc.failpoints import durable

log = structlog.get_logger(__name__)

ENDING = ".checkpoint"
_DRAFT = ".draft"
_LEFT = timedelta(hours=1)
"""A draft as old as this is a killed writer's."""
BATCH = 200
"""Checkpoints that one place gets in one run, when it was away for long."""


class PlaceAway(Unavailable):
    """The place takes nothing now."""

    code = "place_away"


class PlaceDiffers(Refused):
    """The place holds another checkpoint of that number: one of the two was not signed by this log."""

    code = "place_differs"


class Place(Protocol):
    """Somewhere outside the database that keeps checkpoints for good."""

    @property
    def name(self) -> str:
        """A word for it, in the status and in alarms."""

    @property
    def every(self) -> timedelta:
        """It gets all of them when this is nothing, else the newest one, this far apart."""

    def take(self, number: int, text: str) -> None:
        """Keep a checkpoint; the same again is fine. PlaceAway, PlaceDiffers."""

    def newest(self, near: int) -> str | None:
        """The newest checkpoint that it holds from number `near` on; None where it cannot tell. PlaceAway."""


class Folder:
    """A folder on another disk or machine: one file a checkpoint, none is ever replaced."""

    name, every = "folder", timedelta(0)

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self, number: int, text: str) -> None:
        """Keep it, whole and durable; the folder itself is never made, so that a missing mount is noticed."""
        draft = self._path / f".{secrets.token_hex(4)}{_DRAFT}"
        place = self._path / f"{number:08}{ENDING}"
        try:
            self._clear()
            with durable("place.write"), draft.open("x") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError), durable("place.link"):
                os.link(draft, place)
            with durable("place.remove"):
                draft.unlink()
            with durable("place.sync"):
                _sync_folder(self._path)
            if place.read_text() != text:
                raise PlaceDiffers(N_("The folder of checkpoints holds another one of this number."))
        except OSError as fault:
            raise PlaceAway(N_("The folder of checkpoints cannot be written to.")) from fault

    def _clear(self) -> None:
        before = clock.now() - _LEFT
        for path in self._path.glob(f".*{_DRAFT}"):
            with suppress(OSError):  # a place may keep everything
                if datetime.fromtimestamp(path.lstat().st_mtime).astimezone() < before:
                    with durable("place.clear"):
                        path.unlink(missing_ok=True)

    def newest(self, near: int) -> str | None:  # noqa: ARG002 - a folder lists fast enough
        """By its number."""
        try:
            names = [path.name for path in self._path.iterdir() if path.name.endswith(ENDING)]
            if not names:
                return None
            return without_proof((self._path / max(names, key=_number)).read_text())[0]
        except (OSError, ValueError) as fault:
            raise PlaceAway(N_("The folder of checkpoints cannot be read.")) from fault


def _sync_folder(folder: Path) -> None:
    """Have the folder's names on the disk, where its file system can be asked for that."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as fault:
        if fault.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _number(name: str) -> int:
    stem = name.removesuffix(ENDING)
    return int(stem) if stem.isascii() and stem.isdigit() else -1


def held(database: Database, places: Sequence[Place]) -> list[str]:
    """The newest checkpoint of each place that can be asked now."""
    with database.read() as session:
        sent = {kept.name: kept.sent for kept in session.scalars(select(AuditPlace))}
    found = []
    for place in places:
        try:
            found.append(place.newest(sent.get(place.name, 1)))
        except PlaceAway as fault:
            log.warning("place of checkpoints not read", place=place.name, code=fault.code)
    return [text for text in found if text]


def deliver(database: Database, places: Sequence[Place]) -> int:
    """Send each place what it has not got; how many were sent. One that fails never stops the others."""
    sent = 0
    for place in places:
        with database.read() as session:
            kept = session.get(AuditPlace, place.name)
            after, since = (kept.sent, kept.sent_at) if kept else (0, None)
        sent += _send(database, place, _waiting(database, place, after, since))
    return sent


def _waiting(database: Database, place: Place, after: int, since: datetime | None) -> list[tuple[int, str]]:
    query = select(AuditCheckpoint.number, AuditCheckpoint.note, AuditCheckpoint.proof)
    query = query.where(AuditCheckpoint.number > after)
    if place.every:
        if since is not None and clock.now() < since + place.every:
            return []
        query = query.order_by(AuditCheckpoint.number.desc()).limit(1)
    else:
        query = query.order_by(AuditCheckpoint.number).limit(BATCH)
    with database.read() as session:
        return [
            (number, with_proof(note, [bytes.fromhex(line) for line in proof.split()]))
            for number, note, proof in session.execute(query)
        ]


def _send(database: Database, place: Place, waiting: Sequence[tuple[int, str]]) -> int:
    taken, fault = 0, None
    try:
        for number, text in waiting:
            place.take(number, text)
            taken = number
    except (PlaceAway, PlaceDiffers) as met:
        fault = met.code
        log.warning("checkpoint not taken", place=place.name, code=met.code)
    if not waiting:
        return 0
    with database.write() as session:
        kept = session.get(AuditPlace, place.name)
        if kept is None:
            kept = AuditPlace(name=place.name, sent=0)
            session.add(kept)
        if taken:
            kept.sent, kept.sent_at = taken, clock.now()
        kept.fault = fault
        kept.failing_since = (kept.failing_since or clock.now()) if fault else None
    return sum(number <= taken for number, _ in waiting)
