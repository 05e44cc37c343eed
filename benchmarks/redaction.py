"""A redacted copy of an hour of call with a marked span each minute: its seconds and its memory against their
limits.
"""

import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.house import house
from benchmarks.memory import Watch, alaw, opened, resident, taken
from benchmarks.ratio import report
from kcc.recordings.redaction import copying
from kcc.recordings.redaction.spans import Form, Marks, Span
from kcc.recordings.sounding import Sounding
from kcc.vault.sealing import SealedReader
from tests.centre import Centre

SECONDS, LIMIT_MB, ROUNDS = 2.0, 100, 3
SPANS = tuple(Span(minute * 60_000 + 5_000, minute * 60_000 + 7_500, minute % 2) for minute in range(60))


def main() -> bool:
    """Each form in a process of its own, so that its memory is its own; whether the limits are kept."""
    if len(sys.argv) > 1:
        work(Form(sys.argv[1]))
        return True
    kept = True
    for form in Form:
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.redaction", form.value],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        seconds, bare, memory = (float(word) for word in told.split())
        detail = f"{seconds:.2f} s; the same form with nothing covered {bare:.2f} s"
        kept &= report(f"redacting 1 hour to {form}", seconds / SECONDS, 1.0, at_least=False, detail=detail)
        kept &= report(
            f"the same, MB of {LIMIT_MB}",
            memory / LIMIT_MB,
            1.0,
            at_least=False,
            detail=f"{memory:.0f} MB above idle",
        )
    return kept


def work(form: Form) -> None:
    """One form: a minute first, so that everything is loaded, then the hour; prints seconds and MB."""
    with house() as (centre, _):
        taken(centre.stores, alaw(1 / 60), "short")
        spend(copied(centre, opened(centre), form, SPANS[:1]))
        taken(centre.stores, alaw(1), "long")
        hour = opened(centre)
        idle, best, bare = resident(), float("inf"), float("inf")
        with Watch() as watch:
            for _ in range(ROUNDS if form is Form.WAV else 1):
                best = min(best, seconds_of(copied(centre, hour, form, SPANS)))
                bare = min(bare, seconds_of(copied(centre, hour, form, ())))
        print(best, bare, watch.peak - idle)


def copied(centre: Centre, sounding: Sounding, form: Form, spans: tuple[Span, ...]) -> Iterator[bytes]:
    """The copy as its download makes it, from the sealed blob."""
    stores, id_ = centre.stores, sounding.lease.recording_id
    with stores.blobs.open(id_) as blob:
        reader = SealedReader(stores.keys.get(id_), id_.encode(), blob.read_at, blob.size)
        yield from copying.copy(stores.settings.decoding, sounding.sound, reader, Marks(spans), form)[1]


def spend(pieces: Iterator[bytes]) -> None:
    """Make all of it, and keep none."""
    for _ in pieces:
        pass


def seconds_of(pieces: Iterator[bytes]) -> float:
    """How long all of it takes."""
    begin = time.perf_counter()
    spend(pieces)
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
