"""Comparing rows, files and keys in every direction; finds and changes nothing, clearing is reconcile's."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.recordings import callers, marks, reconcile, volume
from kcc.recordings.derivative import recording_of
from kcc.recordings.intake import SOUNDING
from kcc.recordings.model import Recording
from kcc.stores import Stores

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Owner:
    """A package that keeps keys: which of some ids are its own, and which ids must have a key."""

    known: Callable[[Session, Collection[str]], set[str]]
    expected: Callable[[Session], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Findings:
    """Ids, sorted: what has lost its counterpart. Nothing in them is personal."""

    files_without_rows: list[str]
    rows_without_files: list[str]
    keys_without_rows: list[str]
    rows_without_keys: list[str]

    @property
    def clean(self) -> bool:
        """Whether everything has its counterpart."""
        return not (
            self.files_without_rows
            or self.rows_without_files
            or self.keys_without_rows
            or self.rows_without_keys
        )


_OWN = (Owner(callers.known, callers.expected), Owner(marks.known, marks.expected))


def find(stores: Stores, others: Sequence[Owner]) -> Findings:
    """Compare everything; `others` are the packages above that keep keys in the same store.

    What arrives, is erased or is written meanwhile is looked at twice and is no finding. An unmounted or
    foreign volume is Unavailable, never a list of everything.
    """
    volume.check(stores)
    owners = (Owner(_known, _expected), *_OWN, *others)
    arriving = stores.blobs.arriving()
    keys = set(_keys_without_rows(stores, owners)) - arriving
    found = Findings(
        files_without_rows=sorted(set(_files_without_rows(stores)) - arriving),
        rows_without_files=sorted(i for i in reconcile.missing(stores) if not stores.blobs.present(i)),
        keys_without_rows=sorted(keys - stores.blobs.arriving()),
        rows_without_keys=sorted(_rows_without_keys(stores, owners)),
    )
    volume.check(stores)  # one that went away meanwhile has said nothing
    return found


def _files_without_rows(stores: Stores) -> Iterator[str]:
    for page in _pages(stores.blobs.names()):
        for _look in range(2):  # a row may come, or the erasure end, in between
            with stores.database.read() as session:
                known = _known(session, {recording_of(name) for name in page})
                page = [name for name in page if recording_of(name) not in known]
            page = [i for i in page if stores.blobs.present(i)]
        yield from page


def _keys_without_rows(stores: Stores, owners: Sequence[Owner]) -> Iterator[str]:
    for page in _pages(stores.keys.ids()):
        left = set(page)
        for _look in range(2):
            with stores.database.read() as session:
                for owner in owners:
                    left -= owner.known(session, left)
            left = stores.keys.holds(left)
        yield from left


def _rows_without_keys(stores: Stores, owners: Sequence[Owner]) -> Iterator[str]:
    for owner in owners:
        with stores.database.read() as session:
            expected = list(owner.expected(session))
        lost = set(expected) - stores.keys.holds(expected)
        with stores.database.read() as session:
            yield from lost & set(owner.expected(session)) if lost else ()


def _known(session: Session, ids: Collection[str]) -> set[str]:
    return set(session.scalars(select(Recording.id).where(Recording.id.in_(ids))))


def _expected(session: Session) -> Iterable[str]:
    states = [state.value for state in SOUNDING]
    return session.scalars(select(Recording.id).where(Recording.state.in_(states)))


def _pages(ids: Iterable[str]) -> Iterator[list[str]]:
    ids = iter(ids)
    while page := list(islice(ids, _PAGE)):
        yield page
