"""What happened in the demo centre: a year of reports whose calls are erased, and a month in full swing."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from kcc import clock, config, migrating
from kcc.access.actor import system
from kcc.coaching import planning
from kcc.coaching.calibration import listing
from kcc.coaching.calibration import reading as calibrations
from kcc.coaching.consents import queries as consents
from kcc.coaching.conversation import queries as talks
from kcc.coaching.conversation.rules import Side, Standing
from kcc.coaching.draws import overview
from kcc.coaching.draws.overview import Verdict
from kcc.coaching.model import Report
from kcc.coaching.opinions import taking
from kcc.coaching.progress import centre as figures
from kcc.coaching.progress import own
from kcc.coaching.progress.rules import quarter_of
from kcc.coaching.summaries import passing
from kcc.demo import dialogues, history, month, run, story
from kcc.demo.acting import signed_in
from kcc.demo.centre import Centre
from kcc.demo.office_hours import Diary
from kcc.demo.speech import Bank
from kcc.investigation.model import Case
from kcc.recordings import delivery
from kcc.recordings.model import Recording, Tombstone
from kcc.recordings.redaction.model import DisclosureEntry
from kcc.stores import Stores
from kcc.threat.deciding import reading as deciding
from kcc.threat.model import Incident
from kcc.vault.folder import Folder
from tests.demo.conftest import NOW, SEED

TODAY = NOW.date()
RECENT = (month.SHOWN, month.TEAMMATE, month.DOUBTING, month.WAITING)
OFFICER, COUNCIL, LEAD = "5001", "7001", "3001"


@pytest.fixture(scope="module")
def told(house: Centre, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """A centre with its year before and this month's story, on few calls of the shortest kind."""
    folder = tmp_path_factory.mktemp("story")
    (folder / "kcc.toml").write_text(run.SETTINGS.format(day=TODAY.day))
    settings = config.load(folder / "kcc.toml")
    Folder.create(settings.blobs.folder)
    stores = Stores.open(settings)
    (folder / "demo").mkdir()
    quick = [script for script in dialogues.scripts(SEED) if script.manner == "quick"]
    bank = Bank.build(SEED, scripts=quick, workers=1)
    with clock.frozen(NOW):
        migrating.upgrade(stores.database)
        run._register(stores, folder / "demo", house, SEED)
        for _ in history.tell(stores, house, bank, folder / "calls", history.rounds(TODAY, TODAY)):
            pass
        diary = Diary(random.Random("story"))
        for number in RECENT:
            history.record(house, bank, folder / "calls", diary, number, TODAY)
        list(delivery.deliver(stores, run.DEMO, [folder / "calls"]))
        story.tell(stores, house, TODAY, NOW)
        yield stores
    stores.close()


def test_earlier_dates_lie_in_months_of_their_own_and_one_in_the_last_closed_quarter() -> None:
    day = date(2026, 1, 1)
    while day < date(2027, 1, 1):
        found = history.rounds(run.draw_day(day), day)
        months = [(one.day.year, one.day.month) for one in found]
        target = run.draw_day(day)
        assert len({*months, (target.year, target.month)}) == history.ROUNDS + 1
        assert all(one.day.weekday() < 5 for one in found)
        (crowded,) = [one.day for one in found if len(one.calls) >= 5]
        assert quarter_of(crowded) < quarter_of(day) <= quarter_of(crowded + timedelta(days=92))
        day += timedelta(days=1)


def test_the_calls_of_the_year_before_were_erased_in_their_time(told: Stores) -> None:
    with told.database.read() as session:
        tombstones = list(session.scalars(select(Tombstone)))
        old = select(func.count()).where(Recording.started_at < NOW - timedelta(days=28))
        assert session.scalar(old) == 0
        assert len(tombstones) > history.POOL * history.ROUNDS
        assert all(one.erased_at <= one.due_at + timedelta(days=28) for one in tombstones)
        assert (session.scalar(select(func.count()).select_from(Report)) or 0) > 20


def test_the_employee_sees_days_draws_talks_and_a_development(told: Stores) -> None:
    anna, today = signed_in(told, month.SHOWN), clock.today()
    with told.database.write() as session:
        days = [one.day for one in planning.announcements(session, anna, today, told.settings)]
        assert len([day for day in days if day > today]) == 2
        _, draws, _ = overview.own(session, session, told.keys, anna, None)
        assert [one.verdict for one in draws] == [Verdict.FAIR] * (history.ROUNDS + 1)
        found = own.read(session, told.keys, anna, anna.person_id)
        assert found.calls >= 5
        assert len(found.forms[0].phases[0].points) >= 3
        assert len(consents.unanswered(session, anna.person_id, clock.now())) == 1
        reports = select(Report.id).where(Report.employee_id == anna.person_id)
        standings = talks.standings(session, list(session.scalars(reports)), clock.now()).values()
        assert {Standing.PROPOSED, Standing.SIGNED} <= set(standings)
        assert talks.waiting(session, anna.person_id, Side.EMPLOYEE, clock.now())
        (mine,) = passing.lists(session, anna).about_me or []
        assert passing.read(session, told.keys, anna, mine.id, 14).text


def test_the_coach_sees_second_opinions_a_session_and_an_agreement(told: Stores) -> None:
    coach = signed_in(told, month.COACH)
    with told.database.write() as session:
        opinions = taking.look(session, coach)
        assert len(opinions.waiting) == len(opinions.mine) == 1
        listed = listing.read(session, coach)
        assert sorted(one.state for one in listed.lines) == ["asked", "compared"]
        assert set(listed.agreed) == {5}
        held = next(one.id for one in listed.lines if one.state == "compared")
        compared = calibrations.read(session, told.keys, coach, held).compared
        assert compared is not None
        assert compared.agreement.alpha is not None
        assert len(consents.offered(session, coach.person_id, clock.now())) == 0


def test_the_team_lead_reads_a_summary_and_the_works_council_the_centre(told: Stores) -> None:
    assert figures.count_closed(told, system("centre"), TODAY) == figures.BACK
    lead, council = signed_in(told, LEAD), signed_in(told, COUNCIL)
    with told.database.write() as session:
        assert len(passing.lists(session, lead).of_my_team or []) == 1
        standing = figures.read(session, council, 5)
        assert standing.figures


def test_everybody_of_a_round_has_a_coach_then(house: Centre) -> None:
    for one in history.rounds(TODAY, TODAY):
        for number in one.calls:
            assert house.people[history.coach_of(house, number, one.day)].current.begins <= one.day


def test_a_threat_has_measures_and_a_case_about_a_colleague_is_open(told: Stores) -> None:
    lead, manager = signed_in(told, LEAD), signed_in(told, "4001")
    with told.database.write() as session:
        (incident,) = session.scalars(select(Incident))
        found = deciding.seen(told, session, lead, incident.id)
        assert sorted((step.measure.kind, step.measure.agreed_at is None) for step in found.steps) == [
            ("aftercare", True),
            ("talk", False),
        ]
        (case,) = session.scalars(select(Case))
        assert (case.listener_id, case.ended_at) == (manager.person_id, None)
        assert case.opened_at is not None
        assert case.told_at is not None
        assert session.scalars(select(DisclosureEntry)).one().taken_at is None
