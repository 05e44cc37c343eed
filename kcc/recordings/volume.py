"""Which volume of sealed sound belongs to this database: bound once, and looked at before anything on it is
taken for a stray or a loss.
"""

from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kcc import clock
from kcc.errors import N_, Unavailable
from kcc.recordings.model import Recording, Tombstone, VolumeSeen
from kcc.stores import Stores

_ONLY = 1
LOOK_AGAIN = 60.0
"""Seconds for which a volume that was ours is taken to be ours still."""


class ForeignVolume(Unavailable):
    """The volume is there, and is another installation's."""

    code = "volume_foreign"


def check(stores: Stores) -> None:
    """ForeignVolume unless the volume is the one bound to this database; Unavailable when none is mounted.

    The first volume seen is bound; one full of sound that an empty database knows nothing of is not.
    """
    identity = stores.blobs.identity()
    with stores.database.read() as session:
        seen = session.get(VolumeSeen, _ONLY)
        empty = _empty(session) if seen is None else False
    if seen is None:
        strange = empty and next(stores.blobs.names(), None) is not None
        seen = _bound_meanwhile(stores) if strange else _bound(stores, identity)
    if seen is None or seen.identity != identity:
        raise ForeignVolume(N_("The volume that is mounted belongs to another installation of kcc."))


def _bound(stores: Stores, identity: str) -> VolumeSeen:
    """What is bound now: by this process, or by another that was first."""
    with suppress(IntegrityError), stores.database.write() as session:
        if session.get(VolumeSeen, _ONLY) is None:
            session.add(VolumeSeen(id=_ONLY, identity=identity))
    with stores.database.read() as session:
        return session.get_one(VolumeSeen, _ONLY)


def _bound_meanwhile(stores: Stores) -> VolumeSeen | None:
    """What another process bound since we looked: the sound that is there may be its first."""
    with stores.database.read() as session:
        return session.get(VolumeSeen, _ONLY)


class Watch:
    """The same question for whoever writes all day: asked of the stores at most once a minute."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._looked: float | None = None

    def ours(self) -> None:
        """As check, with an answer that may be a minute old."""
        now = clock.ticking()
        if self._looked is None or now - self._looked >= LOOK_AGAIN:
            check(self._stores)
            self._looked = now


def _empty(session: Session) -> bool:
    """Whether this database has never known a call."""
    return not any(session.execute(select(model).limit(1)).first() for model in (Recording, Tombstone))
