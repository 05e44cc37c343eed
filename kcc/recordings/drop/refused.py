"""Refused calls in a drop folder: kept in refused/ with a reason beside each, and removed in time; what may
not be kept is destroyed at once. Why a call is refused, intake says.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import select

from kcc import clock
from kcc.errors import N_, Unavailable
from kcc.failpoints import durable
from kcc.recordings import registration
from kcc.recordings.delivery import FileAnswer
from kcc.recordings.drop import reasons
from kcc.recordings.drop.claims import Claim, destroy
from kcc.recordings.drop.looking import REASON, REFUSED
from kcc.recordings.drop.reasons import Reason
from kcc.recordings.model import Line
from kcc.recordings.rules import LineKind
from kcc.recordings.source_files import COMPANIONS, SOUND_SUFFIXES
from kcc.sections import Drop
from kcc.stores import Stores
from kcc.timekeeping import guard

log = structlog.get_logger(__name__)

FRESH = timedelta(hours=24)
GONE = frozenset({"past_term", "erased"})
"""Calls that may exist nowhere any more (RET-1, RET-8)."""


@dataclass(slots=True)
class Kept:
    """How many refused calls lie in refused/, how many of them since a day, how many files were removed."""

    calls: int = 0
    fresh: int = 0
    purged: int = 0


def settle(stores: Stores, drop: Drop, claim: Claim, answer: FileAnswer) -> None:
    """Keep the claimed files of a refused call; destroy what may not be kept (PUR-4, RET-1, RET-8).

    ClockUntrusted when they would have to go because of a time that is in doubt: then they stay claimed.
    """
    destroy(claim.place, [name for name in claim.left() if name.endswith(REASON)])  # of a refusal before
    names, now = claim.left(), clock.now()
    if not names:
        return
    if _private(stores, claim, names):
        destroy(claim.place, names)
        with stores.database.write() as session:
            registration.count(session, now, "private_line")
        return
    until = reasons.purged_at(claim.place, names, now, stores.settings, drop.recorder)
    if answer.code in GONE or until <= now:
        guard.trusted(stores)
        destroy(claim.place, names)
        log.info("refused call removed", code=answer.code)
        return
    _keep(drop.folder / REFUSED / claim.folder, claim, answer, now, until)


def _private(stores: Stores, claim: Claim, names: Sequence[str]) -> bool:
    """Whether metadata that cannot be used still say that the call is private."""
    lines = reasons.line_of(claim.place, names)
    if not lines:
        return False
    query = select(Line.code).where(Line.code.in_(lines), Line.kind == LineKind.PRIVATE)
    with stores.database.read() as session:
        return session.scalar(query) is not None


def _keep(place: Path, claim: Claim, answer: FileAnswer, now: datetime, until: datetime) -> None:
    """The reason first: a file without one would be nobody's."""
    with durable("refused.folder"):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem, names = _free(place, claim.left())
    code, rule = answer.code, answer.rule
    told = (reasons.sentence(answer, "nl"), reasons.sentence(answer, "en"))
    reason = Reason(code, rule, *told, now, until, tuple(names.values()))
    draft = place / f".{claim.id}"
    with durable("refused.write"):
        draft.write_text(reason.text())
    with durable("refused.reason"):
        os.replace(draft, place / f"{stem}{REASON}")  # noqa: PTH105 - beside os.rename
    claim.refuse(names)
    bring(place, claim, names)
    log.info("refused call kept", code=code, until=until.isoformat())


def bring(place: Path, claim: Claim, names: Mapping[str, str]) -> None:
    """Move the files of a refused call to where they are kept; those that are there already stay."""
    for name in claim.left():
        if name in names:
            with durable("refused.keep"):
                os.rename(claim.place / name, place / names[name])  # noqa: PTH104


def goes_on(drop: Drop, claim: Claim) -> bool:
    """Bring to its end what was refused before a crash; whether that can be: without the reason, which may
    have been removed in its time meanwhile, the call has to be judged again.
    """
    place = drop.folder / REFUSED / claim.folder
    files = set(claim.moves.values())
    found = (reasons.read(one) for one in place.glob(f"*{REASON}"))
    if not any(reason is not None and files <= set(reason.files) for reason in found):
        return False
    bring(place, claim, claim.moves)
    return not claim.left()


def _free(place: Path, names: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Names that nothing there has yet, all with the same stem, so that they still belong together."""
    stem = _stem(names)
    for number in range(1, 100_000):
        new = stem if number == 1 else f"{stem}-{number}"
        named = {name: new + name[len(stem) :] if name.startswith(stem) else name for name in names}
        taken = (place / f"{new}{REASON}", *(place / kept for kept in named.values()))
        if not any(os.path.lexists(one) for one in taken):
            return new, named
    raise Unavailable(N_("There are too many refused calls of one name."), code="refused_full")


def _stem(names: Sequence[str]) -> str:
    first = min(names, key=lambda name: (not name.lower().endswith(SOUND_SUFFIXES), len(name)))
    ending = next((one for one in COMPANIONS if first.endswith(one)), "")
    return first.removesuffix(ending) if ending else Path(first).stem


def purge(stores: Stores, drop: Drop) -> Kept:
    """Remove what has been kept long enough, and count the rest; ClockUntrusted while the time is in doubt.

    A file that nobody refused goes 7 days after it came there. OSError when the folder cannot be read.
    """
    return _swept(drop, guard.trusted(stores), remove=True)


def count(drop: Drop, now: datetime) -> Kept:
    """Count what is kept; removes nothing."""
    return _swept(drop, now, remove=False)


def _swept(drop: Drop, now: datetime, *, remove: bool) -> Kept:
    kept = Kept()
    for place, names in _places(drop.folder / REFUSED):
        explained: set[str] = set()
        for name in (one for one in names if one.endswith(REASON)):
            reason = reasons.read(place / name)
            if reason is None:
                continue
            there = [one for one in reason.files if one in names]
            explained |= {name, *there}
            abandoned = (
                not there and reason.refused_at <= now - FRESH
            )  # younger: its files may just be coming
            if remove and (reason.purged_at <= now or abandoned):
                _remove(place, [*there, name])
                kept.purged += len(there)
            elif there:
                kept.calls += 1
                kept.fresh += reason.refused_at > now - FRESH
        if remove:
            old = [one for one in names - explained if _old(place / one, now)]
            _remove(place, old)
            kept.purged += len(old)
            if place != drop.folder / REFUSED:
                with suppress(OSError), durable("refused.empty"):  # not empty
                    place.rmdir()
    return kept


def _remove(place: Path, names: Sequence[str]) -> None:
    for name in names:
        with durable("refused.remove"):
            (place / name).unlink(missing_ok=True)


def _places(folder: Path) -> Iterator[tuple[Path, set[str]]]:
    def fault(found: OSError) -> None:
        raise found

    for place, _, names in os.walk(folder, topdown=False, onerror=fault):
        yield Path(place), set(names)


def _old(path: Path, now: datetime) -> bool:
    try:
        came = datetime.fromtimestamp(path.lstat().st_ctime).astimezone()
    except OSError:
        return False
    return came + reasons.KEPT <= now
