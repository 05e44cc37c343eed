"""One look after another at a drop folder: what has come to rest is claimed, handed to the delivery, and let
go, put off or refused by its answer.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from kcc import clock
from kcc.access.actor import system
from kcc.errors import N_, KccError, Unavailable
from kcc.failpoints import durable
from kcc.recordings import beside, intake
from kcc.recordings.delivery import FileAnswer, deliver
from kcc.recordings.drop import claims, looking, refused
from kcc.recordings.drop.claims import Claim
from kcc.recordings.drop.figures import Figures
from kcc.recordings.drop.looking import ABANDONED, CALL_RECORDS, REFUSED, WORK, Bundle, Memory
from kcc.recordings.intake import Answer
from kcc.recordings.openapi import HEALS
from kcc.recordings.source_files import COMPANIONS, SOUND_SUFFIXES, Source, SourceFault
from kcc.sections import Drop
from kcc.stores import Stores

log = structlog.get_logger(__name__)

ACTOR = system("drop")
LONGEST = timedelta(seconds=45)
"""No call is begun later than this in a round: the next one goes on, and a stop need not wait long."""
TROUBLES = 4
"""So many calls that our own stores could not take in a row end a round."""
_HEAD = 65_536
_ODD = {
    "file_irregular": N_("This is no ordinary file."),
    "file_linked": N_("This file has another name elsewhere (a hard link): removing it would not remove it."),
    "file_other": N_("This is no call: a call is a sound, such as .wav or .mp3, with a .json sidecar."),
}


def prepare(drop: Drop) -> None:
    """Make a folder a drop folder, once it is there: its inner folders tell it from a mount that is away."""
    if not drop.folder.is_dir():
        raise Unavailable(
            N_("The drop folder %(folder)s is not there."), code="drop_away", folder=str(drop.folder)
        )
    for name in (WORK, REFUSED):
        with durable("drop.make"):
            (drop.folder / name).mkdir(mode=0o700, exist_ok=True)


class Watcher:
    """Looks at the drop folders of an installation, and remembers between two looks what it saw."""

    def __init__(self) -> None:
        self._memories: dict[Path, Memory] = {}

    def look(self, stores: Stores) -> Figures:
        """One round over all folders; a fault in one of them stops no other."""
        found = Figures()
        for drop in stores.settings.drops:
            memory = self._memories.setdefault(drop.folder, Memory())
            figures = Figures()
            try:
                with _alone(drop):
                    _Round(stores, drop, figures).run(memory)
            except KccError as fault:
                figures.faults.append(fault.code)
            except OSError as fault:
                log.warning("drop folder fails", error=type(fault).__name__, errno=fault.errno)
                figures.faults.append(_reason(fault))
            found.add(figures)
        return found


def _reason(fault: OSError) -> str:
    return f"drop_{(os.strerror(fault.errno) if fault.errno else 'fault').lower().replace(' ', '_')}"


@contextmanager
def _alone(drop: Drop) -> Iterator[None]:
    """Keep every other process out, on other machines too where the file system has locks."""
    try:
        lock = os.open(drop.folder / WORK / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError as fault:
        raise Unavailable(
            N_("The drop folder %(folder)s is not there."), code="drop_away", folder=str(drop.folder)
        ) from fault
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise Unavailable(N_("Another process is busy in this drop folder."), code="drop_busy") from None
    except OSError:
        log.info("no locks in this drop folder")  # claims by renaming must do: nothing is taken twice
    try:
        yield
    finally:
        os.close(lock)


class _Round:
    """One look at one folder."""

    def __init__(self, stores: Stores, drop: Drop, figures: Figures) -> None:
        self._stores, self._drop, self._figures = _named(stores, drop), drop, figures
        self._began, self._troubles = clock.now(), 0
        self._open: dict[Path, Claim] = {}
        self._asked: dict[Path, int] = {}
        self._answers: dict[Path, list[FileAnswer]] = {}
        self._bare: dict[str, frozenset[str]] = {}

    def run(self, memory: Memory) -> None:
        """Go on with what was claimed before, then take what has come to rest."""
        bundles, unreadable = looking.look(self._drop)
        rested = memory.rested(bundles, self._began)
        ready = [(bundle, rest) for bundle, rest in rested if self._ready(bundle, rest)]
        self._note_bare([bundle for bundle, _ in ready])
        files = self._claimed(ready)
        records = beside.CallRecords(self._stores.settings, self._near)
        delivery = deliver(self._stores, ACTOR, files, recorder=self._drop.recorder, records=records)
        for answer in delivery:
            self._settle(self._open[answer.path.parent], answer)
        left = refused.count(self._drop, clock.now())
        self._figures.kept = left.calls
        self._figures.rising = left.fresh if left.fresh >= self._drop.alarm_refused else 0
        self._figures.waiting = len(looking.look(self._drop)[0]) + claims.waiting(self._drop.folder)
        if unreadable:
            self._figures.faults.append("folder_unreadable")

    def _ready(self, bundle: Bundle, rest: timedelta) -> bool:
        """Whether all of it is there, or it has waited long enough for the rest."""
        drop = self._drop
        if rest < timedelta(seconds=drop.stable_seconds):
            return False
        if bundle.unfinished:
            return rest >= ABANDONED
        if rest >= timedelta(minutes=drop.patience_minutes):
            return True
        if bundle.odd or (drop.done_mark and not any(name.endswith(drop.done_mark) for name in bundle.marks)):
            return False
        place = drop.folder / bundle.folder
        if bundle.sounds:
            return bool(bundle.companions) or (place / CALL_RECORDS).is_file()
        return any(_is_vcon(place / name) for name in bundle.companions)

    def _note_bare(self, ready: list[Bundle]) -> None:
        """Which sounds of each folder the call records are read for."""
        found: dict[str, set[str]] = {}
        for bundle in ready:
            if not bundle.companions:
                found.setdefault(bundle.folder, set()).update(Path(name).stem for name in bundle.sounds)
        self._bare = {folder: frozenset(stems) for folder, stems in found.items()}

    def _near(self, sound: Path) -> tuple[Path, Callable[[], frozenset[str]]]:
        folder = self._open[sound.parent].folder
        stems = self._bare.get(folder, frozenset())
        return self._drop.folder / folder / CALL_RECORDS, lambda: stems | {sound.stem}

    def _claimed(self, ready: list[tuple[Bundle, timedelta]]) -> Iterator[Path]:
        """The files to deliver, each claimed only when its turn has come."""
        for claim in claims.kept(self._drop.folder, self._began):
            if self._ends():
                return
            yield from self._begin(claim)
        for bundle, rest in ready:
            if self._ends():
                return
            taken = claims.take(self._drop.folder, bundle, self._began - rest)
            if taken is not None:
                yield from self._begin(taken)

    def _ends(self) -> bool:
        return self._troubles >= TROUBLES or clock.now() >= self._began + LONGEST

    def _begin(self, claim: Claim) -> Iterator[Path]:
        """What of a claim is delivered: its sounds, or what describes one that is not there."""
        if claim.moves:  # refused, and broken off in the midst of it
            try:
                done = refused.goes_on(self._drop, claim)
            except OSError as fault:  # this one waits, and no other for it
                log.warning("refused call stays claimed", code=_reason(fault))
                self._put_off(claim, clock.now(), _reason(fault))
                return
            if done:
                claim.end()
                return
            claim = replace(claim, moves={})
        names = claim.left()
        files = [name for name in names if _is_sound(name)]
        files = files or [name for name in names if _is_companion(name)][:1]
        odd = looking.oddity(claim.place, names)
        if odd or (not files and not all(self._is_mark(name) for name in names)):
            self._refuse_odd(claim, odd or "file_other")
        elif not files:
            claims.destroy(claim.place, names)
            claim.end()
        self._open[claim.place], self._asked[claim.place] = claim, len(files)
        yield from (claim.place / name for name in files if not odd)

    def _is_mark(self, name: str) -> bool:
        return name.endswith(looking.REASON) or bool(
            self._drop.done_mark and name.endswith(self._drop.done_mark)
        )

    def _refuse_odd(self, claim: Claim, code: str) -> None:
        """What is no file of a call: it is never opened."""
        intake.note_refusal(self._stores, ACTOR, code)
        fault = SourceFault(_ODD[code], code=code)
        answer = FileAnswer(claim.place, Answer.REFUSED, code, message=str(fault), fault=fault)
        self._refuse(claim, answer, clock.now())

    def _settle(self, claim: Claim, answer: FileAnswer) -> None:
        """Let go, put off or refuse, as the answers say, once there is one for each sound of the claim."""
        answers = self._answers.setdefault(claim.place, [])
        answers.append(answer)
        self._figures.taken += answer.answer is not Answer.REFUSED
        if len(answers) < self._asked[claim.place]:
            return
        now, patience = clock.now(), timedelta(minutes=self._drop.patience_minutes)
        heals = next((one for one in answers if _may_heal(claim, one, now, patience)), None)
        refusal = next((one for one in answers if one.answer is Answer.REFUSED and not one.removed), None)
        if heals is not None:
            ours = isinstance(heals.fault, Unavailable) or heals.code == "error"
            self._troubles += ours
            told = heals.code if heals.answer is Answer.REFUSED else "not_removed"
            known = ours or told in ("not_removed", "decoding_off") or told[:5] == "file_"
            self._put_off(claim, now, told if known else None)
        elif refusal is not None:
            self._refuse(claim, refusal, now)
        else:
            self._troubles = 0
            claims.destroy(claim.place, [name for name in claim.left() if not _is_sound(name)])
            claim.end()

    def _put_off(self, claim: Claim, now: datetime, fault: str | None) -> None:
        self._open[claim.place] = claim.put_off(now)
        self._figures.put_off += 1
        if fault and fault not in self._figures.faults:
            self._figures.faults.append(fault)

    def _refuse(self, claim: Claim, answer: FileAnswer, now: datetime) -> None:
        try:
            refused.settle(self._stores, self._drop, claim, answer)
        except (KccError, OSError) as fault:
            code = fault.code if isinstance(fault, KccError) else _reason(fault)
            log.warning("refused call stays claimed", code=code)
            self._put_off(claims.noted(claim), now, code)
            return
        self._figures.refused += 1
        claim.end()


def _may_heal(claim: Claim, answer: FileAnswer, now: datetime, patience: timedelta) -> bool:
    """Whether to try again later: our own trouble always, an unfinished call for a while."""
    if answer.answer is not Answer.REFUSED:
        return not answer.removed and answer.path.exists()  # taken in, and could not be removed yet
    if isinstance(answer.fault, Unavailable) or answer.code in ("error", "decoding_off"):
        return True  # a refused call is purged within days: nothing of ours may bring one there
    if isinstance(answer.fault, SourceFault):
        return answer.code in ("file_unreadable", "file_changing")
    told_later = answer.code == "metadata_invalid" and not any(_is_companion(name) for name in claim.left())
    return (answer.code in HEALS or told_later) and now < claim.since + patience


def _named(stores: Stores, drop: Drop) -> Stores:
    """The stores, with the folder's recorder in place of those that other metadata are known under."""
    if not drop.recorder:
        return stores
    known = {"recorder": drop.recorder}
    settings = stores.settings
    formats = {name: getattr(settings, name).model_copy(update=known) for name in ("cdr", "siprec", "vcons")}
    return replace(stores, settings=settings.model_copy(update=formats))


def _is_companion(name: str) -> bool:
    return not name.endswith(looking.REASON) and name.endswith(COMPANIONS)


def _is_sound(name: str) -> bool:
    return name.lower().endswith(SOUND_SUFFIXES)


def _is_vcon(path: Path) -> bool:
    try:
        with Source(path) as source:
            return beside.is_vcon(source.read(_HEAD))
    except SourceFault:
        return False
