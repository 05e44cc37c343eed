"""kcc.scheduler.runner: every run is kept, two runners never do one run twice, what was missed is caught
up.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import func, select

from kcc import clock
from kcc.clock import Frozen
from kcc.recordings.model import Recording, Tombstone
from kcc.scheduler import runner
from kcc.scheduler.leader import Leadership
from kcc.scheduler.model import JobRun
from kcc.scheduler.timetable import Job, timetable
from kcc.stores import Stores
from tests.centre import Centre


def job(work: Callable[[Stores], str]) -> Job:
    """A job of the test's own."""
    return Job("test", "A test", IntervalTrigger(minutes=5, timezone=clock.LOCAL), work)


def runs(stores: Stores) -> list[JobRun]:
    """All kept runs, oldest first."""
    with stores.database.read() as session:
        return list(session.scalars(select(JobRun).order_by(JobRun.started_at)))


def test_a_run_is_kept_with_its_account(stores: Stores) -> None:
    """When it began and ended, how, and what it did."""
    runner.run(stores, job(lambda _: "3 erased"))
    (kept,) = runs(stores)
    assert (kept.job, kept.outcome, kept.detail) == ("test", "done", "3 erased")
    assert kept.started_at == kept.ended_at == clock.now()


def test_a_failing_job_is_kept_without_what_the_fault_says(stores: Stores) -> None:
    """What a fault says may hold what people wrote."""

    def fail(_: Stores) -> str:
        raise ValueError("Anna de Vries")

    runner.run(stores, job(fail))
    (kept,) = runs(stores)
    assert (kept.outcome, kept.detail) == ("failed", "ValueError")


def test_two_runners_share_one_run(stores: Stores) -> None:
    """The same job in the same minute is claimed once."""
    done: list[int] = []

    def work(_: Stores) -> str:
        done.append(1)
        return ""

    threads = [threading.Thread(target=runner.run, args=(stores, job(work))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1


def test_old_runs_are_forgotten(stores: Stores, now: Frozen) -> None:
    """After 90 days."""
    runner.run(stores, job(lambda _: ""))
    now.move(timedelta(days=91))
    runner.run(stores, job(lambda _: ""))
    assert len(runs(stores)) == 1


@pytest.mark.rule("RET-1")
def test_what_fell_due_while_nothing_ran_goes_at_the_start(centre: Centre, now: Frozen) -> None:
    """A machine that was off for a month erases before anything else."""
    centre.call()
    now.move(timedelta(days=40))
    first = runner.catch_up(centre.stores)[0]
    assert (first.job, first.outcome) == ("erase", "done")
    with centre.stores.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Recording)) == 0
        assert session.scalar(select(func.count()).select_from(Tombstone)) == 1


@pytest.mark.rule("RET-1")
def test_a_crash_in_the_same_minute_delays_nothing(centre: Centre, now: Frozen) -> None:
    """What a dead leader had claimed is closed as broken off, and the next leader runs it at once."""
    stores = centre.stores
    centre.call()
    now.move(timedelta(days=40))
    with stores.database.write() as session:
        for job_ in timetable(stores.settings.scheduler):
            session.add(JobRun(job=job_.name, due_at=now().replace(second=0), started_at=now()))
    done = runner.catch_up(stores, leading=True)
    assert {kept.outcome for kept in done} == {"done"}
    broken = [kept for kept in runs(stores) if kept.detail == "broken off"]
    assert [kept.outcome for kept in broken] == ["failed"] * len(done)
    with stores.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Recording)) == 0


def test_every_job_of_the_timetable_runs_on_an_empty_house(stores: Stores) -> None:
    """None needs anything to be there."""
    outcomes = {kept.job: kept.outcome for kept in runner.catch_up(stores)}
    assert outcomes == {entry.name: "done" for entry in timetable(stores.settings.scheduler)}


def test_one_leads_and_another_takes_over(stores: Stores) -> None:
    """At most one process at a time; when it lets go, or is gone, the next may."""
    with Leadership(stores.database) as first, Leadership(stores.database) as second:
        assert first.take()
        assert not second.take()
        first.release()
        assert second.take()
        assert not first.held()


def test_a_started_runner_catches_up_by_itself(stores: Stores) -> None:
    """Without anybody asking."""
    working = runner.Runner(stores)
    working.start()
    try:
        deadline = time.monotonic() + 30
        while len(runs(stores)) < 5 or any(kept.outcome is None for kept in runs(stores)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        working.stop()
