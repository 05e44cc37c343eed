"""Finding what a killed intake left behind, drafts, blobs and keys without a row, and rows that lost theirs;
erasing by deadline lives in erasure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import select

from kcc.recordings import volume
from kcc.recordings.derivative import recording_of
from kcc.recordings.intake import SOUNDING
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.timekeeping import guard

GRACE = timedelta(hours=1)
"""A blob younger than this may belong to an intake that has yet to register it."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Strays:
    """What was cleared away: drafts and blobs without a row, and the keys to them."""

    drafts: int
    blobs: int
    keys: int


def clear_strays(stores: Stores, grace: timedelta = GRACE) -> Strays:
    """Remove what no row knows; what a living intake is at work on stays. Nothing goes while the clock is in
    doubt (ClockUntrusted), or from a volume that is not ours (Unavailable).

    Only a draft or a blob leads to a key: other packages keep keys in the same store, so that one without a
    recording says nothing. An intake makes its draft before its key, and destroys the key before the draft.
    """
    volume.check(stores)
    before = guard.trusted(stores) - grace  # by a clock that jumped, what just came would be old
    abandoned = set(_without_row(stores, stores.blobs.abandoned(before)))
    old = (name for name in _without_row(stores, stores.blobs.names()) if stores.blobs.older(name, before))
    blobs = set(old)
    keys = stores.keys.holds({recording_of(name) for name in abandoned | blobs})
    stores.keys.destroy(sorted(keys))
    drafts = stores.blobs.sweep(before)
    stores.blobs.delete(sorted(blobs))
    return Strays(drafts, len(blobs), len(keys))


def missing(stores: Stores) -> Iterator[str]:
    """The ids of recordings whose sound or key is not there, though nothing erased it: they cannot be played.

    An absent volume or key store is Unavailable, never a list of everything.
    """
    volume.check(stores)
    after = ""
    while page := _sounding(stores, after):
        after = page[-1]
        held = stores.keys.holds(page)
        lost = [id_ for id_ in page if id_ not in held or not stores.blobs.present(id_)]
        yield from lost and _sounding(stores, "", lost)  # those that were not erased meanwhile


def _sounding(stores: Stores, after: str, among: list[str] | None = None) -> list[str]:
    query = select(Recording.id).where(
        Recording.state.in_([state.value for state in SOUNDING]), Recording.id > after
    )
    if among is not None:
        query = query.where(Recording.id.in_(among))
    with stores.database.read() as session:
        return list(session.scalars(query.order_by(Recording.id).limit(_PAGE)))


def _without_row(stores: Stores, names: Iterable[str]) -> Iterator[str]:
    """Those blobs whose recording has no row, whether they are its sound or a piece of what it decodes to."""
    names = iter(names)
    while page := list(islice(names, _PAGE)):
        ids = {recording_of(name) for name in page}
        with stores.database.read() as session:
            known = set(session.scalars(select(Recording.id).where(Recording.id.in_(ids))))
        yield from (name for name in page if recording_of(name) not in known)
