"""When functions end: an employee's reports are gone (REP-5), a coach's pass on (REP-6), and draws stop."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from kcc import clock
from kcc.access.actor import Function, system
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.coaching import assessment, drawing, freezing, planning, reports, seed_chain, succession
from kcc.coaching.model import Report, SelectionDate
from kcc.errors import AccessDenied
from kcc.notices.model import Notice
from kcc.people import assignments, functions
from kcc.people.endings import CameBy
from kcc.people.model import CoachAssignment, FunctionPeriod, Team
from kcc.scheduler import following, runner
from kcc.scheduler.timetable import timetable
from kcc.stores import Stores
from kcc.timekeeping.guard import ClockUntrusted
from kcc.vault.keystore import KeyGone
from tests.access.world import COMPLETE
from tests.coaching.conftest import Month
from tests.timekeeping.wayward import Wayward

HOST, DAY = system("cli"), timedelta(days=1)


@pytest.fixture
def written(drawn: Month) -> Month:
    """The coach has finished a report about anna and begun another; two drawn calls wait."""
    first, second, *_ = drawn.samples(drawn.centre.anna)
    with drawn.stores.database.write() as session:
        keys, coach = drawn.stores.keys, drawn.coach
        report = assessment.open_report(session, keys, coach, first.id)
        assessment.save(session, keys, coach, report.id, 0, COMPLETE)
        assessment.finish(session, keys, coach, report.id, 1)
        assessment.open_report(session, keys, coach, second.id)
    return drawn


def period(stores: Stores, person: str) -> str:
    with stores.database.read() as session:
        return session.scalars(select(FunctionPeriod.id).where(FunctionPeriod.person_id == person)).one()


def end(stores: Stores, person: str, day: date, came_by: CameBy = CameBy.PERSON) -> str:
    with stores.database.write() as session:
        return functions.end(session, HOST, period(stores, person), day, came_by=came_by).id


def all_reports(stores: Stores) -> list[Report]:
    with stores.database.read() as session:
        return list(session.scalars(select(Report).order_by(Report.finished_at.is_(None), Report.id)))


def told(stores: Stores, person: str) -> list[str]:
    with stores.database.read() as session:
        words = session.scalars(select(Notice.word).where(Notice.person_id == person))
        return sorted(word for word in words if not word.startswith("selection."))


def lines(stores: Stores, step: str) -> int:
    with stores.database.read() as session:
        query = select(func.count()).where(AuditLine.body.contains(f'"step":"{step}"'))
        return session.scalar(query) or 0


@pytest.mark.rule("REP-5", "SAM-8")
def test_when_an_employee_leaves_the_reports_are_erased(written: Month) -> None:
    """Beforehand in counts, afterwards in fact: keys, rows, drafts, open calls, coming dates."""
    stores, anna = written.stores, written.centre.anna
    today, ids = clock.today(), [report.id for report in all_reports(stores)]
    with stores.database.write() as session:
        planning.propose(session, system("announce"), date(2026, 12, 8), stores.settings)
    with stores.database.read() as session:
        warned = succession.consequences(session, anna, Function.EMPLOYEE, today)
        assert not succession.consequences(session, anna, Function.COACH, today).any
    assert (warned.reports, warned.drafts, warned.open_calls, warned.dates) == (1, 1, 3, 1)
    end(stores, anna, today)
    done = following.follow(stores)
    assert (done.ended, done.erased, done.failed) == (1, 2, 0)
    assert all_reports(stores) == []
    for report_id in ids:
        with pytest.raises(KeyGone):
            stores.keys.get(report_id)
    left = written.samples(anna, live=False)
    assert [call.left_reason for call in left] == ["function"] * 4
    assert {call.freed_ordinal for call in left} == {None}
    assert drawing.refill_all(stores) == 0
    with stores.database.read() as session:
        states = select(SelectionDate.employee_id).where(SelectionDate.state == "lapsed")
        assert list(session.scalars(states)) == [anna]
        assert (
            session.scalar(select(CoachAssignment.ends).where(CoachAssignment.employee_id == anna)) == today
        )
    assert told(stores, anna) == ["function.ended", "reports.erased"]
    assert told(stores, written.centre.coach) == ["coach.employee_gone"]
    again = following.follow(stores)
    assert (again.ended, again.erased) == (0, 0)
    assert len(told(stores, anna)) == 2


@pytest.mark.rule("REP-5", "ACC-2")
def test_nobody_reaches_the_reports_of_who_left_before_they_are_erased(written: Month) -> None:
    """The coach neither, from the moment of the end on: not the report, not the drawn calls."""
    stores = written.stores
    report = all_reports(stores)[0]
    end(stores, written.centre.anna, clock.today())
    for actor in (written.coach, written.anna):
        with stores.database.write() as session, pytest.raises(AccessDenied):
            reports.read(session, stores.keys, actor, report.id)
    sample = written.samples(written.centre.anna)[2]
    with stores.database.write() as session, pytest.raises(AccessDenied):
        assessment.open_report(session, stores.keys, written.coach, sample.id)


@pytest.mark.rule("REP-5")
def test_a_day_that_has_not_come_erases_nothing(written: Month, now: Frozen) -> None:
    """Planned, undone, planned again: only the day itself does it, by the job alone."""
    stores, anna = written.stores, written.centre.anna
    ending = end(stores, anna, clock.today() + 2 * DAY)
    assert following.follow(stores).ended == 0
    with stores.database.write() as session:
        functions.withdraw_end(session, HOST, ending)
    now.move(3 * DAY)
    assert following.follow(stores).ended == 0
    end(stores, anna, clock.today() + DAY)
    now.move(DAY)
    (job,) = [job for job in timetable(stores.settings.scheduler) if job.name == "endings"]
    kept = runner.run(stores, job)
    assert kept
    assert (kept.outcome, kept.detail) == ("done", "1 ends followed, 2 reports erased, 0 successions")
    assert all_reports(stores) == []


@pytest.mark.rule("REP-5")
def test_another_team_or_an_added_task_erases_nothing(written: Month) -> None:
    """Still an employee; without customer calls the drawn calls leave, and the reports stay (SAM-8)."""
    stores, anna = written.stores, written.centre.anna
    with stores.database.write() as session:
        blue = session.scalars(select(Team.id).where(Team.code == "blue")).one()
        functions.begin(session, HOST, anna, Function.WORKS_COUNCIL, clock.today())
        periods = select(FunctionPeriod).where(FunctionPeriod.person_id == anna)
        before = session.scalars(periods.where(FunctionPeriod.function == "employee")).one()
        moved = functions.change(session, HOST, before.id, clock.today(), team_id=blue, customer_calls=True)
    done = following.follow(stores)
    assert (done.ended, done.erased) == (1, 0)
    assert len(written.samples(anna)) == 4
    with stores.database.write() as session:
        functions.change(session, HOST, moved.id, clock.today(), team_id=blue)
    assert following.follow(stores).ended == 1
    assert len(written.samples(anna)) == 1, "what was scored counts; the others left"
    assert [report.finished_at is not None for report in all_reports(stores)] == [True]
    with stores.database.write() as session:
        assert reports.read(session, stores.keys, written.coach, all_reports(stores)[0].id)


@pytest.mark.rule("REP-5")
def test_what_an_import_ended_waits_seven_days_at_most(written: Month, now: Frozen) -> None:
    """Access is over at once, nothing is erased, the administrator is asked; nobody answers: then it is."""
    stores, anna = written.stores, written.centre.anna
    end(stores, anna, clock.today(), CameBy.IMPORT)
    assert following.follow(stores).ended == 0
    assert "ending.waiting" in told(stores, written.centre.administrator)
    assert told(stores, anna) == ["reports.finished", "reports.waiting"]
    with stores.database.write() as session, pytest.raises(AccessDenied):
        reports.read(session, stores.keys, written.anna, all_reports(stores)[0].id)
    now.set(clock.start_of_day(clock.today() + 7 * DAY) - timedelta(seconds=1))
    assert following.follow(stores).erased == 0
    now.move(timedelta(seconds=1))
    assert following.follow(stores).erased == 2
    assert told(stores, written.centre.administrator).count("ending.waiting") == 1
    assert told(stores, anna) == ["reports.erased"], "what was told about reports went with them"


@pytest.mark.rule("REP-5")
def test_a_mistaken_import_is_as_if_it_had_not_been(written: Month) -> None:
    """The coach goes on with the same draft."""
    stores = written.stores
    ending = end(stores, written.centre.anna, clock.today(), CameBy.IMPORT)
    following.follow(stores)
    with stores.database.write() as session:
        functions.reopen(session, HOST, ending)
    following.follow(stores)
    assert len(all_reports(stores)) == 2
    with stores.database.write() as session:
        reports.read(session, stores.keys, written.anna, all_reports(stores)[0].id)
        assessment.save(session, stores.keys, written.coach, all_reports(stores)[1].id, 0, COMPLETE)


@pytest.mark.rule("REP-6", "REP-4")
def test_a_coachs_reports_wait_for_the_successor_and_pass_to_them(written: Month, now: Frozen) -> None:
    """Between the two only the employee reads them; the successor reads on and finishes the draft."""
    stores, centre = written.stores, written.centre
    today = clock.today()
    with stores.database.read() as session:
        warned = succession.consequences(session, centre.coach, Function.COACH, today)
    assert (warned.employees, warned.open_reports, warned.written_reports) == (2, 1, 1)
    end(stores, centre.coach, today)
    following.follow(stores)
    done, draft = all_reports(stores)
    assert told(stores, centre.anna) == ["coach.gone", "reports.finished"]
    assert "coach.successor_needed" in told(stores, centre.administrator)
    other = centre.actor(centre.other_coach)
    with stores.database.write() as session:
        assert reports.read(session, stores.keys, written.anna, done.id)
    for actor in (other, centre.actor(centre.coach)):
        with stores.database.write() as session, pytest.raises(AccessDenied):
            reports.read(session, stores.keys, actor, done.id)
    with stores.database.write() as session:
        assert assignments.name_successor(session, HOST, centre.coach, centre.other_coach, today + DAY) == 2
        assert assignments.needing_successor(session, centre.coach, today + DAY) == set()
    assert following.follow(stores).passed == 0
    now.move(DAY)
    assert following.follow(stores).passed == 2
    with stores.database.write() as session:
        assert reports.read(session, stores.keys, other, done.id)
        assessment.save(session, stores.keys, other, draft.id, 0, COMPLETE)
        assessment.finish(session, stores.keys, other, draft.id, 1)
    assert {report.written_by_id for report in all_reports(stores)} == {centre.coach}
    assert "reports.passed" in told(stores, centre.anna)
    assert "reports.passed" not in told(stores, centre.bob), "there were none of his"
    assert following.follow(stores).passed == 0
    assert lines(stores, "passed on") == 2


@pytest.mark.rule("REP-6")
def test_a_successor_can_be_named_for_some_and_beforehand(written: Month) -> None:
    """While the coach still is one: from that day on it is the other; wrong people are refused."""
    stores, centre, today = written.stores, written.centre, clock.today()
    with stores.database.write() as session:
        for successor, employees in (
            (centre.coach, None),
            (centre.anna, None),
            (centre.other_coach, [centre.carla]),
            (centre.other_coach, []),
        ):
            with pytest.raises(Exception, match=r"Choose|no coach|nobody"):
                assignments.name_successor(session, HOST, centre.coach, successor, today, employees)
        assignments.name_successor(session, HOST, centre.coach, centre.other_coach, today, [centre.anna])
    following.follow(stores)
    with stores.database.read() as session:
        found = session.execute(
            select(CoachAssignment.coach_id, CoachAssignment.ends).where(
                CoachAssignment.employee_id == centre.anna
            )
        )
        assert {tuple(row) for row in found} == {(centre.coach, today), (centre.other_coach, None)}
    assert {report.coach_id for report in all_reports(stores)} == {centre.other_coach}


@pytest.mark.rule("REP-6")
def test_a_coach_who_returns_does_not_reach_the_old_employees(written: Month, now: Frozen) -> None:
    """The assignments ended with the function."""
    stores, centre = written.stores, written.centre
    end(stores, centre.coach, clock.today())
    following.follow(stores)
    now.move(DAY)
    with stores.database.write() as session:
        functions.begin(session, HOST, centre.coach, Function.COACH, clock.today())
        with pytest.raises(AccessDenied):
            reports.read(session, stores.keys, written.coach, all_reports(stores)[0].id)


@pytest.mark.rule("SAM-8", "SAM-3")
def test_a_draw_that_was_begun_gives_no_calls_of_who_left(month: Month) -> None:
    """The pool was frozen, the process died, anna left: the secret is revealed, no call drawn."""
    stores, anna = month.stores, month.centre.anna
    month.announce()
    month.go_to(date(2026, 11, 16))
    month.add_calls(anna, 6)
    seed_chain.prepare(stores, 10)
    with stores.database.write() as session:
        assert freezing.freeze(session, system("draw"), stores.settings, clock.today(), 10) == 3
    end(stores, anna, clock.today())
    following.follow(stores)
    month.draw()
    assert month.samples(anna, live=False) == []
    assert all(draw.secret for draw in month.draws())
    with stores.database.read() as session:
        state = select(SelectionDate.state).where(SelectionDate.employee_id == anna)
        assert session.scalar(state) == "lapsed"


@pytest.mark.rule("SAM-8", "ANN-1")
@pytest.mark.parametrize("goes_on", [True, False])
def test_an_announced_date_that_lapses_leaves_the_calendar(month: Month, goes_on: bool) -> None:
    """Who goes on without calls gets the entry cancelled; who left is told nothing."""
    stores, anna = month.stores, month.centre.anna
    month.announce()
    end(stores, anna, clock.today())
    if goes_on:
        with stores.database.write() as session:
            session.add(FunctionPeriod(person_id=anna, function="coach", begins=clock.today()))
    for _ in range(2):  # what follows can be repeated, and tells once
        following.follow(stores)
    with stores.database.read() as session:
        mine = select(Notice.entry).where(Notice.person_id == anna, Notice.word == "selection.withdrawn")
        entries = list(session.scalars(mine))
    assert len(entries) == (1 if goes_on else 0)
    assert all("METHOD:CANCEL" in (entry or "") and "SEQUENCE:1" in (entry or "") for entry in entries)


@pytest.mark.rule("REP-5", "RET-7")
def test_a_clock_in_doubt_erases_no_report(written: Month) -> None:
    """A day that may not have come is none; once the clock is right again, it goes on."""
    stores = written.stores
    following.follow(stores)
    end(stores, written.centre.anna, clock.today() + DAY)
    wayward = Wayward(written.now.at)
    with clock.by(wayward):
        following.follow(stores)
        wayward.jump(3 * DAY)
        with pytest.raises(ClockUntrusted):
            following.follow(stores)
        assert len(all_reports(stores)) == 2
        wayward.jump(-3 * DAY)
        wayward.live(DAY)
        assert following.follow(stores).erased == 2


@pytest.mark.rule("REP-5", "REP-6")
def test_two_who_follow_at_once_do_it_once(written: Month) -> None:
    """A page and the job in the same moment: everything is erased and passed once, and told once."""
    stores, centre = written.stores, written.centre
    end(stores, centre.anna, clock.today())
    with stores.database.write() as session:
        assignments.name_successor(
            session, HOST, centre.coach, centre.other_coach, clock.today(), [centre.bob]
        )
    threads = [threading.Thread(target=following.follow, args=[stores]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all_reports(stores) == []
    assert told(stores, centre.anna) == ["function.ended", "reports.erased"]
    assert (lines(stores, "end followed"), lines(stores, "passed on")) == (1, 1)
    assert following.at_once(stores)
