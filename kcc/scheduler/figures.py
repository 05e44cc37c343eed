"""What the status page says of jobs and stores, figures with a judgement; gathering them is kcc.status's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kcc import clock
from kcc.errors import N_
from kcc.scheduler import words
from kcc.scheduler.timetable import Job

LATE_AFTER = timedelta(minutes=15)
"""A job that should have begun this long ago is late."""
GIGABYTE = 1_000_000_000
LOW_DISK, SCANT_DISK = 20 * GIGABYTE, 2 * GIGABYTE


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as the page shows it: `outcome` is a key of words.OUTCOMES, or None when it never ran."""

    name: str
    purpose: str
    last_run: datetime | None
    outcome: str | None
    next_run: datetime | None
    late: bool

    @property
    def well(self) -> bool:
        """Whether nobody needs to look at it."""
        return not self.late and self.outcome != "failed"

    @property
    def outcome_word(self) -> str:
        """The outcome, as a sentence to translate."""
        return words.OUTCOMES[self.outcome][0] if self.outcome else ""

    @property
    def outcome_kind(self) -> str:
        """The kind of mark for the outcome."""
        return words.OUTCOMES[self.outcome][1] if self.outcome else ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the figures on top, with the word that says how it stands; all sentences still to translate."""

    value: float
    label: str
    note: str | None
    kind: str | None
    word: str
    unit: str = ""
    at: datetime | None = None
    """The moment that the note speaks of."""


def jobs(found: list[dict[str, Any]], timetable: Iterable[Job]) -> list[JobLine]:
    """Each job with its last run, and whether the next one is late."""
    now = clock.now()
    triggers = {job.name: job.trigger for job in timetable}
    lines = []
    for job in found:
        last = datetime.fromisoformat(job["last_run"]) if job["last_run"] else None
        # Counted from the last run: an interval has no clock times of its own.
        due = triggers[job["name"]].get_next_fire_time(last, last) if last else None
        late = due is None or due + LATE_AFTER <= now
        lines.append(JobLine(job["name"], job["purpose"], last, job["outcome"], None if late else due, late))
    return lines


def top(found: dict[str, Any], jobs: list[JobLine]) -> list[Figure]:
    """The four figures, of what kcc.status gathered."""
    unwell = sum(not job.well for job in jobs)
    quarantined = found["recordings"]["quarantined"]
    return [
        _overdue(found["recordings"]["overdue"], next(job for job in jobs if job.name == "erase")),
        Figure(
            quarantined,
            N_("In quarantine"),
            N_("calls whose employee is not known"),
            "warn" if quarantined else None,
            N_("look into this") if quarantined else N_("in order"),
        ),
        Figure(
            unwell,
            N_("Jobs late or failed"),
            None,
            "bad" if unwell else None,
            N_("look into this") if unwell else N_("in order"),
        ),
        *([] if found["free_bytes"] is None else [_disk(found["free_bytes"])]),
    ]


def _overdue(overdue: int, erase: JobLine) -> Figure:
    """Between two runs calls come due, which nobody can hear (RET-7); it is bad when no run will come."""
    label = N_("Past their erasure date")
    if not overdue:
        return Figure(0, label, N_("must be 0"), None, N_("in order"))
    if erase.well and erase.next_run:
        note = N_("nobody can hear them; the next run erases them, %(moment)s")
        return Figure(overdue, label, note, "warn", N_("waiting"), at=erase.next_run)
    return Figure(overdue, label, N_("must be 0; nobody can hear them"), "bad", N_("act now"))


def _disk(free_bytes: int) -> Figure:
    free = round(free_bytes / GIGABYTE, 1 if free_bytes < 10 * GIGABYTE else None)
    label, note = N_("Free disk"), N_("for the sound of recordings")
    if free_bytes < SCANT_DISK:
        return Figure(free, label, note, "bad", N_("act now"), "GB")
    if free_bytes < LOW_DISK:
        return Figure(free, label, note, "warn", N_("getting low"), "GB")
    return Figure(free, label, note, None, N_("in order"), "GB")
