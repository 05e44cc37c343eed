"""How the installation is doing, in figures about nobody: for the command line and the administrator's
page.
"""

from datetime import timedelta
from typing import Any

from kcc import clock
from kcc.coaching import queries as coaching
from kcc.recordings import queries as recordings
from kcc.recordings.decoding.proof import proof
from kcc.scheduler import runner
from kcc.scheduler.timetable import timetable
from kcc.stores import Stores

REFUSALS_SHOWN = timedelta(days=7)


def gather(stores: Stores) -> dict[str, Any]:
    """Counts of recordings, draws and reports; refusals of the last week; each job's last run; free disk
    in bytes.
    """
    now = clock.now()
    decoding = proof(stores.settings.decoding)
    with stores.database.read() as session:
        runs = runner.latest(session)
        return {
            "at": now.isoformat(),
            "recordings": recordings.counts(session, now),
            "quarantine": recordings.quarantine_by_reason(session),
            "refused": recordings.refusals(session, clock.local_day(now - REFUSALS_SHOWN)),
            **coaching.counts(session),
            "jobs": [_job(job, runs.get(job.name)) for job in timetable(stores.settings.scheduler)],
            "free_bytes": stores.blobs.free_bytes(),
            "decoding": {"on": decoding.on, "by": decoding.confined_by, "reason": decoding.reason},
        }


def _job(job: Any, run: Any) -> dict[str, Any]:
    last = run.started_at if run else None
    following = job.trigger.get_next_fire_time(last, last or clock.now())
    return {
        "name": job.name,
        "purpose": job.purpose,
        "last_run": run.started_at.isoformat() if run else None,
        "outcome": (run.outcome or "running") if run else None,
        "detail": run.detail if run else None,
        "next_run": following.isoformat() if following else None,
    }
