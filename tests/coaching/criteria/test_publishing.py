"""A version is published by two persons, beforehand, and from then on stays as it is."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from kcc import clock
from kcc.coaching import assessment, quality_plan, reports, sheets
from kcc.coaching.calibration import queries as calibrations
from kcc.coaching.calibration.model import ItemInterpretation
from kcc.coaching.criteria import editing, publishing, queries
from kcc.coaching.quality_plan import annex
from kcc.errors import AccessDenied, Invalid, NotFound, Refused
from kcc.notices.model import Notice
from tests.coaching.conftest import Month
from tests.coaching.criteria.conftest import OWN, SOON, Team
from tests.coaching.test_draft import COMPLETE


@pytest.mark.rule("REP-2")
def test_two_persons_publish(team: Team) -> None:
    """Who puts it forward cannot publish it, nor can anybody who is no coach; another coach can."""
    team.begin()
    team.say(3, "Anders gezegd.")
    with pytest.raises(AccessDenied):
        team.confirm()
    team.propose()
    for name in ("coach", "anna", "administrator"):
        with pytest.raises(AccessDenied):
            team.confirm(by=team.centre.actor(getattr(team.centre, name)))
    assert team.confirm() == SOON
    with team.stores.database.read() as session:
        told = session.scalars(select(Notice.person_id).where(Notice.word == "criteria.published"))
        assert set(told) == {team.centre.anna, team.centre.bob, team.centre.carla}
        assert quality_plan.current(session) == 1
        assert quality_plan.current(session, SOON) == 2
        assert quality_plan.upcoming(session) == [(2, SOON)]
        assert quality_plan.form(session, 2).items[3].meaning.nl == "Anders gezegd."
    assert team.do(editing.read) is None


@pytest.mark.rule("REP-2")
def test_what_is_published_never_changes(team: Team) -> None:
    """No verb reaches it any more, and the database refuses whoever comes past the verbs."""
    team.publish()
    for verb, more in (
        (editing.add_item, ("closing", OWN)),
        (editing.arrange, (3, "24", "remove")),
        (publishing.propose, (3, SOON, 7)),
        (publishing.take_back, (3,)),
        (publishing.confirm, (3, 7)),
    ):
        with pytest.raises(Refused, match="published or discarded meanwhile"):
            team.do(verb, *more)
    for statement in ("UPDATE form_version SET starts_on = NULL", "DELETE FROM form_version"):
        with pytest.raises(DBAPIError, match="never"), team.stores.database.write() as session:
            session.execute(text(f"{statement} WHERE version = 2"))


@pytest.mark.rule("REP-2")
@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 3), "beforehand"),
        (date(2026, 11, 9), "beforehand"),
        (date(2020, 1, 1), "beforehand"),
        (date(2027, 11, 5), "within a year"),
    ],
)
def test_the_first_day_leaves_time_to_read(team: Team, day: date, said: str) -> None:
    """At least the days of the setting, at most a year."""
    team.begin()
    team.say(3, "Anders.")
    with pytest.raises(Invalid, match=said):
        team.propose(day)
    team.propose(date(2026, 11, 10))


def test_nothing_new_is_not_published(team: Team) -> None:
    """Nor an empty phase; twice is refused."""
    team.begin()
    with pytest.raises(Refused, match="nothing to publish"):
        team.propose()
    team.do(editing.add_phase, quality_plan.Wording("Leeg", "Empty"))
    with pytest.raises(Refused, match="no item"):
        team.propose()
    team.do(editing.add_item, "own-1", OWN)
    team.propose()
    with pytest.raises(Refused, match="already"):
        team.propose(by=team.two)


def test_what_is_put_forward_stays_still_until_it_is_taken_back(team: Team) -> None:
    """Nobody changes it under the second coach's eyes; any coach takes it back, and then it is a draft."""
    team.begin()
    team.say(3, "Anders.")
    read = team.draft().revision
    team.propose()
    with pytest.raises(Refused, match="Take it back"):
        team.say(4, "Ook anders.")
    team.do(publishing.take_back, read, by=team.two)
    team.do(publishing.take_back, read)
    assert team.draft().proposed_by is None
    team.say(4, "Ook anders.")
    team.propose(by=team.two)
    with pytest.raises(Refused, match="while you were at it"):
        team.do(publishing.confirm, read, 7)
    assert team.confirm(by=team.one) == SOON


def test_a_first_day_that_came_too_near_is_not_published(team: Team) -> None:
    """The second coach waited too long: employees would have had less time to read."""
    team.begin()
    team.say(3, "Anders.")
    team.propose()
    with clock.frozen(clock.start_of_day(SOON - timedelta(days=6))), pytest.raises(Refused, match="too near"):
        team.confirm()
    with clock.frozen(clock.start_of_day(SOON - timedelta(days=7))):
        assert team.confirm() == SOON


@pytest.mark.rule("REP-2")
def test_a_version_that_another_overtakes_never_comes_into_force(team: Team) -> None:
    """Published later with the same first day; never one that begins before the version it follows."""
    team.publish()
    team.begin()
    team.say(3, "Nog anders.")
    with pytest.raises(Invalid, match="at the earliest"):
        team.propose(SOON - timedelta(days=1))
    team.propose(SOON)
    team.confirm()
    with team.stores.database.read() as session:
        assert quality_plan.upcoming(session) == [(3, SOON)]
        assert quality_plan.current(session, SOON) == 3
        found = [(v.number, v.until, v.now, v.overtaken) for v in queries.published(session)]
    assert found == [
        (3, None, False, False),
        (2, SOON - timedelta(days=1), False, True),
        (1, SOON - timedelta(days=1), True, False),
    ]


@pytest.mark.rule("CAL-3")
def test_what_coaches_agreed_stays_with_an_item_that_is_left_as_it_was(team: Team) -> None:
    said = {"form_version": 1, "nl": "Twee open vragen.", "en": "", "agreed_at": clock.now()}
    with team.stores.database.write() as session:
        session.add_all([ItemInterpretation(item=item, **said) for item in (3, 5)])
    team.publish()
    with team.stores.database.read() as session:
        assert set(calibrations.agreed(session, 1)) == {3, 5}
        assert set(calibrations.agreed(session, 2)) == {5}


@pytest.mark.rule("REP-2")
def test_a_report_keeps_its_version(drawn: Month) -> None:
    """One begun before the first day is finished on the old criteria; the next call gets the new ones."""
    team = Team(drawn.stores, drawn.centre)
    first, second = drawn.samples(drawn.centre.anna)[:2]
    day = clock.today() + timedelta(days=7)
    with drawn.stores.database.write() as session:
        begun = assessment.open_report(session, drawn.stores.keys, drawn.coach, first.id)
        quality_plan.form(session, quality_plan.current(session))
    team.publish(day)
    drawn.go_to(day - timedelta(days=1), 23)
    with drawn.stores.database.write() as session:
        keys = drawn.stores.keys
        assert sheets.read(session, keys, drawn.coach, second.id).form == annex()
        assessment.save(session, keys, drawn.coach, begun.id, 0, {"answer-3": "yes"})
    drawn.go_to(day, 0)
    with drawn.stores.database.write() as session:
        new = sheets.read(session, keys, drawn.coach, second.id).form
        assert (new.version, 24 in new.items) == (2, True)
        assert sheets.read(session, keys, drawn.coach, first.id).form == annex()
        with pytest.raises(Invalid):
            assessment.save(session, keys, drawn.coach, begun.id, 1, {"answer-24": "yes"})
        assessment.save(session, keys, drawn.coach, begun.id, 1, COMPLETE)
        assessment.finish(session, keys, drawn.coach, begun.id, 2)
        later = assessment.open_report(session, keys, drawn.coach, second.id)
        assert later.form_version == 2
        assessment.save(session, keys, drawn.coach, later.id, 0, COMPLETE | {"answer-24": "na"})
        assessment.finish(session, keys, drawn.coach, later.id, 1)
    anna = drawn.centre.actor(drawn.centre.anna)
    with drawn.stores.database.write() as session:
        assert reports.read(session, keys, anna, begun.id).form == annex()
        assert 24 in reports.read(session, keys, anna, later.id).form.items


def test_a_publication_that_is_rolled_back_was_never_there(team: Team) -> None:
    """Also not in this process's memory: only versions that have begun are remembered."""
    team.begin()
    team.say(3, "Anders.")
    team.propose()

    def fail() -> None:
        with team.stores.database.write() as session:
            publishing.confirm(session, team.two, team.draft().revision, 7)
            assert quality_plan.form(session, 2).items[3].meaning.nl == "Anders."
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with pytest.raises(NotFound), team.stores.database.read() as session:
        quality_plan.form(session, 2)
