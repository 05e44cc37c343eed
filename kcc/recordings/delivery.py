"""Taking files from folders: which are calls, what each is answered, when its source may go; what is done
with a call is intake's.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from kcc.access.actor import Actor
from kcc.errors import N_, Invalid, KccError
from kcc.recordings import beside, intake, transfers, vcons
from kcc.recordings.answers import SENTENCES
from kcc.recordings.intake import Answer, Desk, Receipt
from kcc.recordings.source_files import SOUND_SUFFIXES, Source, SourceFault, found_in
from kcc.recordings.sources import cdr, sidecar
from kcc.recordings.sources.content import Content
from kcc.recordings.sources.metadata import MetadataInvalid
from kcc.stores import Stores

log = structlog.get_logger(__name__)

WORKERS = 4
"""In flight at once: while one waits for the disk the others work (docs/architecture.md, "Measured")."""


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
    size: int = 0
    """Bytes of the sound, or of the vCon, that was taken in."""
    fault: KccError | None = field(default=None, repr=False, compare=False)
    """What `message` was made of: to say it in another language, and whether it may heal."""


def deliver(
    stores: Stores,
    actor: Actor,
    paths: Iterable[Path],
    *,
    progress: Callable[[int], None] | None = None,
    workers: int = WORKERS,
    recorder: str = "",
    records: beside.CallRecords | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[FileAnswer]:
    """Take in every call in these files and folders; one answer a file, as each is done.

    A source is removed once its row is committed, that of a private call at once (PUR-4); all others stay. No
    file stops the rest, but a disk that is full for `workers` files in a row ends the run. Memory does not
    grow with the number of files. `progress` is told how many have been answered. `recorder` is whose folders
    they are, where one recorder has them for itself; `records` are call records found elsewhere than beside
    the sounds, or kept from one run to the next; once `stop` says so, no file is begun any more.
    """
    run = _Run(Desk(stores), records or beside.CallRecords(stores.settings), recorder)
    files, answered, full = found_in(paths), 0, 0
    with ThreadPoolExecutor(workers, "delivery") as pool:
        running: set[Future[FileAnswer]] = set()
        while True:
            while _goes_on(stop, full, workers, len(running)) and (path := next(files, None)) is not None:
                running.add(pool.submit(_one, run, actor, path))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for answer in (future.result() for future in done):
                answered += 1
                full = full + 1 if answer.code == "disk_full" else 0
                if progress:
                    progress(answered)
                yield answer


def _goes_on(stop: Callable[[], bool], full: int, workers: int, running: int) -> bool:
    return not stop() and full < workers and running < 2 * workers


class NoSidecar(Invalid):
    """A sound that nothing is told about."""

    code = "metadata_missing"


@dataclass(frozen=True, slots=True)
class _Run:
    """What the files of one run share."""

    desk: Desk
    records: beside.CallRecords
    recorder: str


def _one(run: _Run, actor: Actor, path: Path) -> FileAnswer:
    try:
        return _taken(run, actor, path)
    except KccError as fault:
        return _refused(path, fault)
    except Exception as fault:
        log.exception("unexpected", error=type(fault).__name__)
        sentence = N_("Something went wrong on our side. It has been noted; try again later.")
        return FileAnswer(path, Answer.REFUSED, "error", message=sentence)


def _taken(run: _Run, actor: Actor, path: Path) -> FileAnswer:
    take = _call_records if path.name == cdr.FILE_NAME else _TAKERS.get(path.suffix.lower(), _other)
    try:
        return take(run, actor, path)
    except (MetadataInvalid, NoSidecar) as fault:
        intake.note_refusal(run.desk.stores, actor, fault.code)
        raise


def _sound(run: _Run, actor: Actor, path: Path) -> FileAnswer:
    with ExitStack() as open_files:
        sound = open_files.enter_context(Source(path))
        beside_it = beside.find(path)
        if beside_it is None:
            described, content = run.records.describe(path), Content()
        else:
            described, content = beside.describe(
                open_files.enter_context(beside_it), run.desk.stores.settings, run.recorder
            )
        if described is None:
            sentence = N_("There is no sidecar beside this sound: %(name)s is missing.")
            raise NoSidecar("metadata", sentence, name=sidecar.path_for(path).name)
        receipts = transfers.take_in(run.desk, actor, described, lambda: content.checked(sound.pieces()))
        receipt = transfers.decisive(receipts)
        return _let_go(
            _answer(path, receipt, sound.size), receipt, [sound, *([beside_it] if beside_it else [])]
        )


def _left_over(run: _Run, actor: Actor, path: Path) -> FileAnswer:
    """What describes a sound, without it: of a removal that was broken off, before its sound has come, or a
    vCon with its sound inside.
    """
    with Source(path) as source:
        if beside.is_vcon(source.read(sidecar.FILE_BYTES)):
            return _vcon(run, actor, path, source)
        described, _ = beside.describe(source, run.desk.stores.settings, run.recorder)
        with run.desk.stores.database.read() as session:
            settled = all(
                intake.was_taken_in(session, run.desk.stores.keys, described.recorder, one.call)
                for one in described.parts
            )
        if settled:
            receipt = Receipt(Answer.KNOWN, "known")
            return _let_go(_answer(path, receipt), receipt, [source])
    missing = N_("There is no sound beside this sidecar.")
    return FileAnswer(path, Answer.REFUSED, "sound_missing", message=missing)


def _vcon(run: _Run, actor: Actor, path: Path, source: Source) -> FileAnswer:
    data = source.read(run.desk.stores.settings.vcons.max_mb * 1024 * 1024)
    receipt = transfers.decisive(vcons.take_in(run.desk, actor, data))
    return _let_go(_answer(path, receipt, source.size), receipt, [source])


def _call_records(run: _Run, _actor: Actor, path: Path) -> FileAnswer:
    """The exchange's own file, which stays; how much of it was left out."""
    settings = run.desk.stores.settings.cdr
    found = beside.read_records(path, settings.max_mb, None, settings)
    told = N_(
        "Call records: %(calls)s answered calls, %(unanswered)s unanswered and %(malformed)s odd left out."
    )
    counts = {"calls": found.calls, "unanswered": found.unanswered, "malformed": found.malformed}
    return FileAnswer(path, Answer.KNOWN, "call_records", message=told % counts)


def _other(_run: _Run, _actor: Actor, path: Path) -> FileAnswer:
    with Source(path):
        pass
    message = N_("This is no call: a call is a sound, such as .wav or .mp3, with a .json sidecar.")
    return FileAnswer(path, Answer.REFUSED, "file_other", message=message)


_TAKERS = dict.fromkeys(SOUND_SUFFIXES, _sound) | dict.fromkeys((".json", ".xml", ".vcon"), _left_over)


def _answer(path: Path, receipt: Receipt, size: int = 0) -> FileAnswer:
    told = SENTENCES[receipt.code]
    size = 0 if receipt.answer is Answer.REFUSED else size
    return FileAnswer(path, receipt.answer, receipt.code, receipt.receipt, receipt.rule, told, size=size)


def _refused(path: Path, fault: KccError) -> FileAnswer:
    return FileAnswer(path, Answer.REFUSED, fault.code, rule=fault.rule, message=str(fault), fault=fault)


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
