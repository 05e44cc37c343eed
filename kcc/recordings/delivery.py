"""Taking files from folders: which are calls, what each is answered, when its source may go; what is done
with a call is intake's.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from kcc.access.actor import Actor
from kcc.errors import N_, Invalid, KccError
from kcc.recordings import intake
from kcc.recordings.answers import SENTENCES
from kcc.recordings.intake import Answer, Desk, Receipt
from kcc.recordings.source_files import SIDECAR_SUFFIX, SOUND_SUFFIXES, Source, SourceFault, found_in
from kcc.recordings.sources import sidecar
from kcc.recordings.sources.metadata import CallMetadata, MetadataInvalid
from kcc.stores import Stores

log = structlog.get_logger(__name__)

WORKERS = 4
"""In flight at once: while one waits for the disk the others work (performance.md, "intake")."""


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What became of one file. `removed`: neither the sound nor its sidecar is left in the folder."""

    path: Path
    answer: Answer
    code: str
    receipt: str | None = None
    rule: str | None = None
    message: str = ""
    removed: bool = False


def deliver(
    stores: Stores,
    actor: Actor,
    paths: Iterable[Path],
    *,
    progress: Callable[[int], None] | None = None,
    workers: int = WORKERS,
) -> Iterator[FileAnswer]:
    """Take in every call in these files and folders; one answer a file, as each is done.

    A source is removed once its row is committed, that of a private call at once (PUR-4); all others stay. No
    file stops the rest, but a disk that is full for `workers` files in a row ends the run. Memory does not
    grow with the number of files. `progress` is told how many have been answered.
    """
    desk, files, answered, full = Desk(stores), found_in(paths), 0, 0
    with ThreadPoolExecutor(workers, "delivery") as pool:
        running: set[Future[FileAnswer]] = set()
        while True:
            while full < workers and len(running) < 2 * workers and (path := next(files, None)) is not None:
                running.add(pool.submit(_one, desk, actor, path))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for answer in (future.result() for future in done):
                answered += 1
                full = full + 1 if answer.code == "disk_full" else 0
                if progress:
                    progress(answered)
                yield answer


class NoSidecar(Invalid):
    """A sound that nothing is told about."""

    code = "metadata_missing"


def _one(desk: Desk, actor: Actor, path: Path) -> FileAnswer:
    try:
        return _taken(desk, actor, path)
    except KccError as fault:
        return _refused(path, fault)
    except Exception as fault:
        log.exception("unexpected", error=type(fault).__name__)
        sentence = N_("Something went wrong on our side. It has been noted; try again later.")
        return FileAnswer(path, Answer.REFUSED, "error", message=sentence)


def _taken(desk: Desk, actor: Actor, path: Path) -> FileAnswer:
    take = _TAKERS.get(path.suffix.lower(), _other)
    try:
        return take(desk, actor, path)
    except (MetadataInvalid, NoSidecar) as fault:
        intake.note_refusal(desk.stores, actor, fault.code)
        raise


def _sound(desk: Desk, actor: Actor, path: Path) -> FileAnswer:
    with Source(path) as sound, _sidecar_of(path) as described:
        recorder, call = _described(described)
        receipt = intake.take_in_at(desk, actor, recorder, call, sound.pieces())
        return _let_go(_answer(path, receipt), receipt, [sound, described])


def _sidecar_of(path: Path) -> Source:
    place = sidecar.path_for(path)
    try:
        return Source(place)
    except SourceFault as fault:
        if fault.code != "file_vanished":
            raise
        sentence = N_("There is no sidecar beside this sound: %(name)s is missing.")
        raise NoSidecar("metadata", sentence, name=place.name) from fault


def _described(source: Source) -> tuple[str, CallMetadata]:
    """The call that a sidecar describes, and its recorder, which no token names here."""
    call = sidecar.parse(source.read(sidecar.FILE_BYTES))
    if call.recorder is None:
        missing = Invalid(
            "recorder", N_("The key %(key)s is missing."), code="metadata_missing", key="recorder"
        )
        raise MetadataInvalid((missing,))
    return call.recorder, call


def _left_over(desk: Desk, _actor: Actor, path: Path) -> FileAnswer:
    """A sidecar without its sound: of a removal that was broken off, or before its sound has come."""
    with Source(path) as described:
        recorder, call = _described(described)
        with desk.stores.database.read() as session:
            settled = intake.was_taken_in(session, recorder, call)
        if settled:
            receipt = Receipt(Answer.KNOWN, "known")
            return _let_go(_answer(path, receipt), receipt, [described])
    missing = N_("There is no sound beside this sidecar.")
    return FileAnswer(path, Answer.REFUSED, "sound_missing", message=missing)


def _other(_desk: Desk, _actor: Actor, path: Path) -> FileAnswer:
    with Source(path):
        pass
    message = N_("This is no call: a call is a sound, such as .wav or .mp3, with a .json sidecar.")
    return FileAnswer(path, Answer.REFUSED, "file_other", message=message)


_TAKERS = dict.fromkeys(SOUND_SUFFIXES, _sound) | {SIDECAR_SUFFIX: _left_over}


def _answer(path: Path, receipt: Receipt) -> FileAnswer:
    return FileAnswer(
        path, receipt.answer, receipt.code, receipt.receipt, receipt.rule, SENTENCES[receipt.code]
    )


def _refused(path: Path, fault: KccError) -> FileAnswer:
    return FileAnswer(path, Answer.REFUSED, fault.code, rule=fault.rule, message=str(fault))


def _let_go(answer: FileAnswer, receipt: Receipt, sources: list[Source]) -> FileAnswer:
    """Remove the sources of a call that is done, the sound first: a sidecar alone is found again, a sound
    alone would be refused.
    """
    if not receipt.done:
        return answer
    try:
        for source in sources:
            source.remove(changed_too=receipt.destroy_source)
    except SourceFault as fault:
        log.warning("source not removed", code=fault.code, answer=answer.code)
        return replace(answer, message=f"{answer.message} {fault}")
    return replace(answer, removed=True)
