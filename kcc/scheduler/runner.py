"""Running the timetable: one claim per job and due time, each run kept, missed runs caught up at start;
what runs stands in timetable.
"""

from datetime import datetime, timedelta
from threading import Event, Thread

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kcc import clock
from kcc.errors import KccError
from kcc.scheduler.leader import Leadership
from kcc.scheduler.model import JobRun
from kcc.scheduler.timetable import Job, JobFailed, timetable
from kcc.stores import Stores

log = structlog.get_logger(__name__)

GRACE_SECONDS = 3600
"""A run that comes this much too late still runs: the library's own default of one second drops it."""
LOOK_EVERY_SECONDS = 2.0
"""How soon another process takes over when the leading one is gone."""
DETAIL = 400


class Runner:
    """The jobs of one process: it waits until no other process leads, catches up, and runs the timetable."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._stop = Event()
        self._scheduler = BackgroundScheduler(
            timezone=clock.LOCAL,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_SECONDS},
        )
        for job in timetable(stores.settings.scheduler, dropping=bool(stores.settings.drops)):
            self._scheduler.add_job(run, job.trigger, args=[stores, job], id=job.name, name=job.purpose)
        self._thread = Thread(target=self._lead, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin, in threads of this process."""
        self._scheduler.start(paused=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, after the jobs that are running."""
        self._stop.set()
        self._thread.join()
        self._scheduler.shutdown(wait=True)

    def _lead(self) -> None:
        with Leadership(self._stores.database) as leadership:
            leading = False
            while not self._stop.is_set():
                leads = leadership.take()
                if leads and not leading:
                    catch_up(self._stores, leading=True)
                    self._scheduler.resume()
                elif leading and not leads:
                    self._scheduler.pause()
                leading = leads
                self._stop.wait(LOOK_EVERY_SECONDS)


def catch_up(stores: Stores, *, leading: bool = False) -> list[JobRun]:
    """Run every job once, in the timetable's order: what was missed while nothing ran is done before
    anything else. Whoever leads first closes the runs that a leader left unfinished when it died.
    """
    if leading:
        _close_broken(stores)
    return [
        done
        for job in timetable(stores.settings.scheduler, dropping=bool(stores.settings.drops))
        if (done := run(stores, job))
    ]


def run(stores: Stores, job: Job) -> JobRun | None:
    """Run a job now and keep how it went; None when another runner has this minute's run."""
    claimed = _claim(stores, job, clock.now())
    if claimed is None:
        return None
    try:
        outcome, detail = "done", job.work(stores)
    except JobFailed as fault:
        outcome, detail = "failed", str(fault)
    except Exception as fault:  # a job may fail in any way: it is kept, shown and tried again
        log.exception("job failed", job=job.name)
        # Only the kind: what a fault says may hold what people wrote.
        outcome, detail = "failed", fault.code if isinstance(fault, KccError) else type(fault).__name__
    with stores.database.write() as session:
        kept = session.get_one(JobRun, claimed)
        kept.ended_at, kept.outcome, kept.detail = clock.now(), outcome, detail[:DETAIL]
        _forget(session, job)
        return kept


def _claim(stores: Stores, job: Job, now: datetime) -> str | None:
    minute = now.replace(second=0, microsecond=0)
    try:
        with stores.database.write() as session:
            claim = JobRun(job=job.name, due_at=minute, started_at=now)
            session.add(claim)
            session.flush()
            return claim.id
    except IntegrityError:
        return None


def _close_broken(stores: Stores) -> None:
    """Runs without an end belong to a process that is gone: they are kept as failed, their minute is free."""
    with stores.database.write() as session:
        for number, broken in enumerate(session.scalars(select(JobRun).where(JobRun.ended_at.is_(None)))):
            broken.ended_at, broken.outcome, broken.detail = clock.now(), "failed", "broken off"
            broken.due_at = broken.due_at - timedelta(microseconds=1 + number)


def _forget(session: Session, job: Job) -> None:
    past = JobRun.started_at < clock.now() - job.kept
    for old in session.scalars(select(JobRun).where(JobRun.job == job.name, past)):
        session.delete(old)


def latest(session: Session) -> dict[str, JobRun]:
    """The last run of each job."""
    newest = select(JobRun.job, func.max(JobRun.started_at).label("at")).group_by(JobRun.job).subquery()
    query = select(JobRun).join(newest, (JobRun.job == newest.c.job) & (JobRun.started_at == newest.c.at))
    return {found.job: found for found in session.scalars(query)}


def ended(session: Session, job: str) -> JobRun | None:
    """The last run of a job that came to an end."""
    query = select(JobRun).where(JobRun.job == job, JobRun.ended_at.is_not(None))
    return session.scalar(query.order_by(JobRun.started_at.desc()).limit(1))
