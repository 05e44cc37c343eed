"""Every job of kcc on one page: what runs, when, and by which verb; how runs are kept is in runner."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from kcc import clock
from kcc.access.actor import system
from kcc.coaching import drawing, planning
from kcc.coaching.consents import ending as consents
from kcc.coaching.draws import term
from kcc.coaching.opinions import ending as opinions
from kcc.coaching.progress import centre
from kcc.coaching.summaries import erasure as summaries
from kcc.errors import N_
from kcc.insight import watch
from kcc.investigation import erasure as cases
from kcc.recordings import erasure, extent, reconcile
from kcc.recordings.drop import refused
from kcc.recordings.drop.rounds import Watcher
from kcc.scheduler import auditing, following, notifying, watch_letters
from kcc.sections import Scheduler
from kcc.stores import Stores
from kcc.threat import erasure as threats
from kcc.threat.joint_listening import ending as joint_sessions
from kcc.timekeeping import guard
from kcc.web import budgets, reports

TIDY_EVERY_MINUTES = 60


class JobFailed(Exception):
    """A job did not reach its end; the message names no person and no call."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job: its name, what it is for, when it runs, and the work, which answers with a short account of
    itself.
    """

    name: str
    purpose: str
    trigger: BaseTrigger
    work: Callable[[Stores], str]
    kept: timedelta = timedelta(days=90)
    """For how long its runs are kept."""


def timetable(settings: Scheduler, *, dropping: bool = False) -> tuple[Job, ...]:
    """All jobs, in the order in which they catch up at start; `dropping` with those of the drop folders."""

    def daily(at: object) -> CronTrigger:
        return CronTrigger(hour=at.hour, minute=at.minute, timezone=clock.LOCAL)  # type: ignore[attr-defined]

    def every(minutes: int) -> IntervalTrigger:
        return IntervalTrigger(minutes=minutes, timezone=clock.LOCAL)

    return (
        Job("erase", N_("Erase what is due"), every(settings.erase_every_minutes), _erase),
        Job("refill", N_("Replace calls that left a sample"), every(settings.refill_every_minutes), _refill),
        Job(
            "endings",
            N_("Do what follows when functions end"),
            every(settings.endings_every_minutes),
            _endings,
        ),
        *_over(every(settings.endings_every_minutes)),
        Job("announce", N_("Propose and announce selection dates"), daily(settings.announce_at), _announce),
        Job("draw", N_("Draw the samples of today"), daily(settings.draw_at), _draw),
        *_summing(daily(settings.summaries_at), daily(settings.centre_at)),
        Job("reconcile", N_("Look for lost sound and keys"), daily(settings.reconcile_at), _reconcile),
        Job("rotate", N_("Renew the root key"), daily(settings.rotate_at), _rotate),
        *(_dropping(every(1), every(settings.erase_every_minutes)) if dropping else ()),
        Job(
            "notify",
            N_("Write to people that there is something for them"),
            every(settings.notify_every_minutes),
            _notify,
            kept=timedelta(days=7),
        ),
        Job(
            "forget", N_("Empty the log's lines that are past their term"), daily(settings.forget_at), _forget
        ),
        Job(
            "checkpoint",
            N_("Number and sign the log's newest lines"),
            every(settings.checkpoint_every_minutes),
            _checkpoint,
        ),
        Job("heard", N_("Write down how much of each call was played"), every(10), _heard),
        Job("watch", N_("Look for unusual reading"), every(settings.watch_every_minutes), _watch),
        Job("audit", N_("Check that nobody changed the log"), daily(settings.audit_at), _audit),
        Job("tidy", N_("Forget who asked often, and old counts"), every(TIDY_EVERY_MINUTES), _tidy),
    )


def _over(often: BaseTrigger) -> tuple[Job, ...]:
    """What ends by itself when its time is over."""
    return (
        Job(
            "opinions",
            N_("End second opinions whose time is over"),
            often,
            _opinions,
            kept=timedelta(days=7),
        ),
        Job(
            "consents",
            N_("End calibration sessions and trainings that are over"),
            often,
            _consents,
        ),
        Job(
            "threats",
            N_("Remind of threats that are kept, and of what waits for a team lead"),
            often,
            _threats,
            kept=timedelta(days=7),
        ),
        Job(
            "cases",
            N_("End cases on their last day, and tell employees of them"),
            often,
            _cases,
        ),
    )


def _summing(passing: BaseTrigger, counting: BaseTrigger) -> tuple[Job, ...]:
    """What becomes of summaries, and the centre's figures."""
    words = N_("Pass on and erase summaries for the appraisal cycle")
    return (
        Job("summaries", words, passing, _summaries),
        Job("centre", N_("Count once how the centre did in a closed quarter"), counting, _centre),
    )


def _dropping(minutely: BaseTrigger, hourly: BaseTrigger) -> tuple[Job, ...]:
    """A watcher remembers what it saw a minute ago: there is one as long as this timetable is in use."""
    watcher = Watcher()

    def take(stores: Stores) -> str:
        found = watcher.look(stores)
        if found.faults:
            raise JobFailed(str(found))
        return str(found)

    return (
        Job("purge", N_("Remove refused calls from drop folders"), hourly, _purge),
        Job("drop", N_("Take calls from drop folders"), minutely, take, kept=timedelta(days=1)),
    )


def _purge(stores: Stores) -> str:
    purged, failed = 0, 0
    for drop in stores.settings.drops:
        try:
            purged += refused.purge(stores, drop).purged
        except OSError:  # this folder is away: the others' turn comes all the same
            failed += 1
    if failed:
        raise JobFailed(f"{failed} drop folders could not be looked at")
    return f"{purged} files removed"


def _erase(stores: Stores) -> str:
    _cases(stores)  # first: what a case that is over kept goes in this run
    done = erasure.erase_due(stores, system("erase"))
    auditing.after_erasure(stores, done.erased)
    strays = reconcile.clear_strays(stores)
    if done.failed:
        raise JobFailed(f"{done.failed} of {done.due} could not be erased")
    return f"{done.erased} erased; strays: {strays.blobs} blobs, {strays.drafts} drafts, {strays.keys} keys"


def _refill(stores: Stores) -> str:
    replaced = drawing.refill_all(stores)
    auditing.after_erasure(stores, replaced)  # what left a sample took its unfinished report along
    return f"{replaced} replaced"


def _endings(stores: Stores) -> str:
    done = following.follow(stores)
    if done.failed:
        raise JobFailed(f"{done.failed} ends could not be followed")
    return str(done)


def _opinions(stores: Stores) -> str:
    return f"{opinions.end_due(stores)} ended"


def _consents(stores: Stores) -> str:
    return str(consents.sweep(stores))


def _threats(stores: Stores) -> str:
    # Or a review is announced, or keeping ended, because of a day that may not have come.
    guard.trusted(stores)
    return str(threats.sweep(stores))


def _cases(stores: Stores) -> str:
    # Or an employee is told, or a case's words and calls go, on a day that may not have come.
    guard.trusted(stores)
    return cases.sweep(stores)


def _announce(stores: Stores) -> str:
    with stores.database.write() as session:
        made = planning.propose(session, system("announce"), clock.today(), stores.settings)
    return f"{made} announced"


def _draw(stores: Stores) -> str:
    done = drawing.run(stores, clock.today())
    return f"{done} draws"


def _summaries(stores: Stores) -> str:
    guard.trusted(stores)  # or nothing is passed on or erased because of a day that may not have come
    passed, erased = summaries.settle(stores)
    auditing.after_erasure(stores, erased)
    return f"{passed} passed on, {erased} erased"


def _centre(stores: Stores) -> str:
    return f"{centre.count_closed(stores, system('centre'), clock.today())} quarters counted"


def _reconcile(stores: Stores) -> str:
    missing = sum(1 for _ in reconcile.missing(stores))
    if missing:
        raise JobFailed(f"{missing} missing")
    return "0 missing"


def _rotate(stores: Stores) -> str:
    return f"{stores.keys.rotate(clock.now())} keys wrapped anew"


def _notify(stores: Stores) -> str:
    done = notifying.write_letters(stores)
    if done.refused or done.waiting:
        raise JobFailed(f"{done.refused} letters refused, {done.waiting} wait for a mail server")
    return f"{done.sent} sent"


def _forget(stores: Stores) -> str:
    draws = term.forget(stores, guard.trusted(stores))
    return f"{auditing.forget(stores)} lines, {notifying.forget(stores)} notices, {draws} proofs forgotten"


def _checkpoint(stores: Stores) -> str:
    return auditing.checkpoint(stores)


def _heard(stores: Stores) -> str:
    summed = 0
    while True:
        with stores.database.write() as session:
            found = extent.sum_up(session)
        summed += found
        if found < extent.BATCH:
            together = joint_sessions.sweep(stores)
            return f"{summed} summed up, {together} joint sessions"


def _watch(stores: Stores) -> str:
    found = watch.look(stores, system("watch"))
    told = watch_letters.send(stores)
    return f"{found} noticed, {told} told"


def _tidy(stores: Stores) -> str:
    with stores.database.write() as session:
        return f"{budgets.forget(session)} budgets, {reports.forget(session)} counts forgotten"


def _audit(stores: Stores) -> str:
    wrong = auditing.check(stores)
    if wrong:
        raise JobFailed(", ".join(f"{number} {kind}" for kind, number in sorted(wrong.items())))
    return "unchanged"
