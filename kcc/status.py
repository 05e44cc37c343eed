"""How the installation is doing, in figures about nobody: for the command line and the administrator's
page.
"""

from datetime import timedelta
from typing import Any

from kcc import clock
from kcc.coaching import queries as coaching
from kcc.notices import letters
from kcc.recordings import queries as recordings
from kcc.recordings.decoding.proof import proof
from kcc.recordings.drop import figures
from kcc.scheduler import alarms, runner
from kcc.scheduler.timetable import timetable
from kcc.stores import Stores
from kcc.timekeeping import guard
from kcc.web import reports

REFUSALS_SHOWN = timedelta(days=7)


def gather(stores: Stores) -> dict[str, Any]:
    """Counts of recordings, draws and reports; refusals of the last week; each job's last run; free disk
    in bytes, None where sound lies in a bucket.
    """
    now = clock.now()
    jobs = timetable(stores.settings.scheduler, dropping=bool(stores.settings.drops))
    decoding = proof(stores.settings.decoding)
    with stores.database.read() as session:
        runs, clocks = runner.latest(session), guard.look(session)
        return {
            "at": now.isoformat(),
            "recordings": recordings.counts(session, now) | _missing(runs.get("reconcile")),
            "quarantine": recordings.quarantine_by_reason(session),
            "refused": recordings.refusals(session, clock.local_day(now - REFUSALS_SHOWN)),
            **coaching.counts(session),
            "letters": letters.counts(session),
            "jobs": [_job(job, runs.get(job.name)) for job in jobs],
            "drops": _drops(runner.ended(session, "drop")) if stores.settings.drops else {},
            "free_bytes": stores.blobs.free_bytes(),
            "alarms": [alarm.as_dict() for alarm in alarms.standing(session)],
            "clock": {"doubt": clocks.doubt, "confirmable": clocks.confirmable},
            "browser_reports": reports.counted(session),
            "decoding": {"on": decoding.on, "by": decoding.confined_by, "reason": decoding.reason},
        }


def _missing(run: Any) -> dict[str, int]:
    """What the last daily look found to be gone: to look at each file now would take too long."""
    number, _, word = (run.detail if run and run.detail else "").partition(" ")
    return {"missing": int(number)} if word == "missing" else {}


def _drops(run: Any) -> dict[str, int]:
    """What the last look at the drop folders left there; the page itself never waits for a file server."""
    found = figures.parse(run.detail or "") if run else {}
    return {name: found[name] for name in ("waiting", "kept", "rising") if name in found}


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


def lines(found: dict[str, Any]) -> list[str]:
    """What was gathered, for the command line."""
    told = [f"ALARM {alarm['name']}: {alarm['count']}, since {alarm['since']}" for alarm in found["alarms"]]
    counted = (
        "recordings",
        "quarantine",
        "refused",
        "drops",
        "draws",
        "reports",
        "letters",
        "browser_reports",
    )
    told += [f"{name}: {words(found.get(name))}" for name in counted]
    if found["free_bytes"] is not None:  # a bucket does not say
        told.append(f"free bytes: {found['free_bytes']}")
    decoding = found["decoding"]
    told.append(f"decoding: {decoding['by'] if decoding['on'] else 'off, ' + decoding['reason']}")
    for job in found["jobs"]:
        how = f"{job['outcome'] or 'never ran'} {job['last_run'] or ''} {job['detail'] or ''}"
        told.append(f"job {job['name']}: {how}")
    return told


def words(found: Any) -> str:
    """Counts by name, in one line."""
    if isinstance(found, dict):
        return ", ".join(f"{name} {words(value)}" for name, value in found.items()) or "none"
    return str(found)
