"""Drop folders in the timetable: looked at each minute, purged, shown, counted and alarmed about."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kcc import clock, status
from kcc.app import create_app
from kcc.clock import Frozen
from kcc.recordings.drop import figures
from kcc.recordings.drop.rounds import prepare
from kcc.scheduler import alarms, metrics, runner
from kcc.scheduler.model import JobRun
from kcc.scheduler.timetable import Job, timetable
from kcc.sections import Drop
from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client
from tests.recordings import traces
from tests.recordings.inbox import left, put
from tests.sounds import wav

MINUTE = timedelta(minutes=1)


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    """A drop folder that tells of the second refusal in a day."""
    drop = Drop(folder=tmp_path / "drop", alarm_refused=2)
    drop.folder.mkdir()
    prepare(drop)
    return drop


@pytest.fixture
def house(stores: Stores, drop: Drop) -> Stores:
    """The installation with that folder."""
    return replace(stores, settings=stores.settings.model_copy(update={"drops": (drop,)}))


@pytest.fixture
def jobs(house: Stores) -> dict[str, Job]:
    """Its jobs."""
    return {job.name: job for job in timetable(house.settings.scheduler, dropping=True)}


def each_minute(house: Stores, job: Job, now: Frozen, times: int) -> JobRun:
    """The job's last run of so many."""
    for _ in range(times):
        now.move(MINUTE)
        done = runner.run(house, job)
    assert done
    return done


def test_without_a_drop_folder_there_is_no_such_job(stores: Stores) -> None:
    assert "drop" not in {job.name for job in timetable(stores.settings.scheduler)}
    assert status.gather(stores)["drops"] == {}


@pytest.mark.usefixtures("centre")
def test_calls_are_taken_and_refused_ones_purged_by_the_jobs(
    house: Stores, drop: Drop, jobs: dict[str, Job], now: Frozen
) -> None:
    put(drop.folder, "a.wav")
    put(drop.folder, "b.wav", wav(2.0), line="silent")
    done = each_minute(house, jobs["drop"], now, 2)
    assert (done.outcome, done.detail) == (
        "done",
        "1 taken, 1 refused, 0 put off, 0 waiting, 1 kept, 0 rising",
    )
    assert traces.amounts(house) == (1, 1, 1)
    now.move(timedelta(days=7))
    done_ = runner.run(house, jobs["purge"])
    assert done_
    assert (done_.outcome, done_.detail) == ("done", "2 files removed")
    assert not {name for name in left(drop.folder) if not name.startswith(".kcc")}


@pytest.mark.usefixtures("centre")
def test_a_started_runner_takes_what_lies_there(house: Stores, drop: Drop, now: Frozen) -> None:
    put(drop.folder, "a.wav")
    names = {run.job for run in runner.catch_up(house, leading=True)}
    assert {"drop", "purge"} <= names
    assert left(drop.folder) >= {"a.wav"}  # seen once: it may still be being written
    assert now.at


def test_runs_of_each_minute_are_kept_for_a_day(house: Stores, jobs: dict[str, Job], now: Frozen) -> None:
    each_minute(house, jobs["drop"], now, 3)
    runner.run(house, jobs["purge"])
    now.move(timedelta(days=1))
    each_minute(house, jobs["drop"], now, 1)
    with house.database.read() as session:
        found = session.execute(select(JobRun.job, func.count()).group_by(JobRun.job)).all()
    counted = {row[0]: row[1] for row in found}
    assert counted == {"drop": 1, "purge": 1}


def test_a_folder_that_stays_away_is_an_alarm_after_a_quarter_of_an_hour(
    house: Stores, drop: Drop, jobs: dict[str, Job], now: Frozen
) -> None:
    each_minute(house, jobs["drop"], now, 1)
    drop.folder.rename(drop.folder.with_name("away"))
    failed = each_minute(house, jobs["drop"], now, 13)
    assert failed.outcome == "failed"
    assert "drop_away" in (failed.detail or "")
    assert str(drop.folder) not in (failed.detail or "")
    assert alarms.check(house) == []
    each_minute(house, jobs["drop"], now, 3)
    (alarm,) = alarms.check(house)
    assert alarm.name == "drop_failing"
    assert "15" in alarms.sentence(alarm, "nl")
    purge = runner.run(house, jobs["purge"])
    assert purge
    assert purge.outcome == "failed"
    drop.folder.with_name("away").rename(drop.folder)
    each_minute(house, jobs["drop"], now, 1)
    assert alarms.check(house) == []


def test_the_first_look_after_a_pause_is_no_alarm_while_it_lasts(
    house: Stores, jobs: dict[str, Job], now: Frozen
) -> None:
    """Who starts kcc again after a night gets no letter because its first look is not over yet."""
    each_minute(house, jobs["drop"], now, 2)
    for pause in (timedelta(hours=9), timedelta(days=2)):
        now.move(pause)
        alarmed: list[list[alarms.Standing]] = []

        def look(stores: Stores, seen: list[list[alarms.Standing]] = alarmed) -> str:
            seen.append(alarms.check(stores))
            return "done"

        done = runner.run(house, replace(jobs["drop"], work=look))
        assert (done and done.outcome, alarmed) == ("done", [[]])


def test_a_look_that_never_ends_is_an_alarm(house: Stores, jobs: dict[str, Job], now: Frozen) -> None:
    each_minute(house, jobs["drop"], now, 1)
    with house.database.write() as session:
        session.add(JobRun(job="drop", due_at=now.at + MINUTE, started_at=now.at))
    now.move(timedelta(minutes=14))
    assert alarms.check(house) == []
    now.move(timedelta(minutes=2))
    assert [alarm.name for alarm in alarms.check(house)] == ["drop_failing"]


def test_many_refusals_are_an_alarm_a_figure_and_a_line_on_the_page(
    centre: Centre, house: Stores, drop: Drop, jobs: dict[str, Job], now: Frozen
) -> None:
    for number in range(2):
        put(drop.folder, f"{number}.wav", wav(1.0 + number), line="silent")
    (drop.folder / "later.wav").write_bytes(wav(1.0))
    each_minute(house, jobs["drop"], now, 3)
    found = status.gather(house)
    assert found["drops"] == {"waiting": 1, "kept": 2, "rising": 2}
    assert {alarm["name"]: alarm["count"] for alarm in found["alarms"]} == {"drop_refused": 2}
    told = metrics.text(found).decode()
    assert 'kcc_drops{what="kept"} 2.0' in told
    assert 'kcc_alarm{alarm="drop_refused"} 2.0' in told
    assert 'kcc_alarm{alarm="drop_failing"} 0.0' in told
    page = Client(create_app(house), house).sign_in(centre.administrator).get("/status").text
    assert "Aflevermappen" in page
    assert "2 gesprekken uit aflevermappen zijn in de laatste 24 uur geweigerd" in page
    assert "Gesprekken uit aflevermappen innemen" in page
    now.move(timedelta(days=1))
    each_minute(house, jobs["drop"], now, 1)
    assert alarms.check(house) == []
    assert clock.now() == now.at


def test_figures_are_read_as_they_are_written() -> None:
    told = figures.Figures(1, 2, 3, 4, 5, 6, ["database", "drop_away"])
    assert str(told).endswith("; database drop_away")
    assert figures.parse(str(told)) == {
        "taken": 1,
        "refused": 2,
        "put_off": 3,
        "waiting": 4,
        "kept": 5,
        "rising": 6,
    }
    assert figures.parse("OSError") == figures.parse("") == {}
