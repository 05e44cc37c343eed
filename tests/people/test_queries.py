"""Who holds what on a day, at both edges of a period; whose agent id it is; who coaches whom."""

from datetime import date, datetime, timedelta

import pytest

from kcc import clock
from kcc.access.actor import Function, Post
from kcc.errors import NotFound
from kcc.people import queries
from kcc.people.model import AgentId, Person
from tests.people.centre import Centre

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
TODAY = date(2026, 11, 3)
DAY = timedelta(days=1)


def test_an_actor_has_the_posts_of_the_day(centre: Centre) -> None:
    """None the day before the period begins, the post with its team from then on."""
    with centre.stores.database.read() as session:
        lead = centre.id("3001")
        assert queries.actor_of(session, lead, JAN - DAY).posts == frozenset()
        actor = queries.actor_of(session, lead, JAN)
        (post,) = actor.posts
        assert (actor.name, post.function) == ("Lia Mulder", Function.TEAM_LEAD)
        assert actor.teams_led == {post.team_id}
        assert queries.places(session)[str(post.team_id)] == "Team Rood"
        assert post == Post(Function.TEAM_LEAD, post.team_id)
        with pytest.raises(NotFound):
            queries.actor_of(session, "nobody", TODAY)


def test_an_agent_id_is_somebodys_on_the_local_day_of_the_call(centre: Centre) -> None:
    """Midnight is that of Amsterdam: 23:00 UTC in winter is tomorrow's call."""
    anna = [centre.id("1001")]
    midnight = datetime(2026, 1, 1, tzinfo=clock.LOCAL)
    with centre.stores.database.read() as session:
        assert queries.person_at(session, "4101", midnight) == anna
        assert queries.person_at(session, "4101", midnight - timedelta(seconds=1)) == []
        assert queries.person_at(session, "9999", midnight) == []
        assert queries.person_at(session, "", midnight) == []


def test_two_holders_of_an_agent_id_are_both_named(centre: Centre) -> None:
    """The import refuses it; were it in the database all the same, nobody guesses."""
    centre.add(
        '[[people]]\nnumber = "1002"\nname = "Bo"\n[[people.functions]]\nfunction = "employee"\n'
        'team = "red"\ncustomer_calls = true\nbegins = 2026-01-01\n'
    )
    with centre.stores.database.write() as session:
        session.add(AgentId(person_id=centre.id("1002"), agent_id="4101", begins=JAN))
    with centre.stores.database.read() as session:
        both = queries.person_at(session, "4101", clock.start_of_day(TODAY))
    assert both == sorted([centre.id("1001"), centre.id("1002")])


@pytest.mark.rule("SAM-8")
def test_only_a_function_with_customer_calls_counts(centre: Centre) -> None:
    """An employee without customer calls is not drawn for, and a call under their agent id is nobody's."""
    centre.add(
        '[[people]]\nnumber = "1002"\nname = "Bo"\n'
        '[[people.functions]]\nfunction = "employee"\nteam = "red"\nbegins = 2026-01-01\nends = 2026-11-01\n'
        '[[people.functions]]\nfunction = "employee"\nteam = "red"\ncustomer_calls = true\n'
        "begins = 2026-11-01\n"
        '[[people.agent_ids]]\nagent_id = "4102"\nbegins = 2026-01-01\n'
        '[[people]]\nnumber = "2002"\nname = "Coach"\n'
        '[[people.functions]]\nfunction = "coach"\nbegins = 2026-01-01\n'
        '[[people.agent_ids]]\nagent_id = "4103"\nbegins = 2026-01-01\n'
    )
    anna, bo = centre.id("1001"), centre.id("1002")
    before, after = date(2026, 10, 31), date(2026, 11, 1)
    with centre.stores.database.read() as session:
        assert queries.employees_with_calls(session, before) == [anna]
        assert queries.employees_with_calls(session, after) == sorted([anna, bo])
        for day, holders in ((before, []), (after, [bo])):
            noon = clock.start_of_day(day) + timedelta(hours=12)
            assert queries.person_at(session, "4102", noon) == holders
            assert queries.person_at(session, "4103", noon) == []


@pytest.mark.rule("ACC-2")
def test_a_coach_is_assigned_and_a_coach_that_day(centre: Centre) -> None:
    """The assignment alone is not enough, nor the function alone; both lists agree on every day."""
    centre.add(
        '[[people]]\nnumber = "2001"\nname = "Coen Bakker"\nlanguage = "en"\n'
        '[[people.functions]]\nfunction = "coach"\ndepartment = "permits"\n'
        "begins = 2026-01-01\nends = 2026-10-01\n"
        '[[people.functions]]\nfunction = "works_council"\nbegins = 2026-01-01\n'
    )
    coach, anna = centre.id("2001"), centre.id("1001")
    with centre.stores.database.read() as session:
        for day, coached in (
            (FEB - DAY, False),
            (FEB, True),
            (date(2026, 9, 30), True),
            (date(2026, 10, 1), False),
        ):
            assert queries.coaches_of(session, anna, day) == (frozenset({coach}) if coached else frozenset())
            assert queries.employees_of(session, coach, day) == (
                frozenset({anna}) if coached else frozenset()
            )
        assert queries.coaches_of(session, coach, FEB) == frozenset()


def test_members_names_holdings_and_counts(centre: Centre) -> None:
    """What pages and the status ask for."""
    with centre.stores.database.read() as session:
        (post,) = queries.actor_of(session, centre.id("1001"), TODAY).posts
        red = str(post.team_id)
        assert queries.team_members(session, red, TODAY) == {centre.id("1001")}
        assert queries.team_members(session, red, JAN - DAY) == frozenset()
        wanted = [centre.id("1001"), centre.id("2001"), "nobody"]
        assert sorted(queries.names(session, wanted).values()) == ["Anna de Vries", "Coen Bakker"]
        assert queries.names(session, []) == {}
        (held,) = queries.holdings(session, centre.id("1001"), TODAY)
        assert (held.function, held.place, held.customer_calls) == (Function.EMPLOYEE, "Team Rood", True)
        assert (held.begins, held.ends) == (JAN, None)
        assert queries.number_of(session, centre.id("1001")) == "1001"
        with pytest.raises(NotFound):
            queries.number_of(session, "nobody")
        assert queries.counts(session, TODAY)[Function.EMPLOYEE] == 1
        assert queries.counts(session, JAN - DAY) == {}


def test_names_of_more_people_than_a_query_takes(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids go in batches."""
    monkeypatch.setattr(queries, "AT_ONCE", 2)
    with centre.stores.database.write() as session:
        people = [Person(number=f"n{n}", name=f"N{n}") for n in range(5)]
        session.add_all(people)
        session.flush()
        assert len(queries.names(session, [person.id for person in people])) == 5
