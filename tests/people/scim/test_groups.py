"""Groups over SCIM: what they give begins and ends on the day, as the rules allow, for one or a thousand."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from kcc.clock import Frozen
from kcc.notices.model import Notice
from kcc.people.model import FunctionPeriod, Person
from kcc.people.scim.model import ScimMember
from tests.people.centre import Centre
from tests.people.scim.conftest import GROUP, PATCH, Provider

TODAY, TOMORROW = "2026-11-03", "2026-11-04"


def test_membership_gives_a_function_from_today_until_they_leave(idp: Provider, now: Frozen) -> None:
    """Dated, with its team and calls; who comes back begins anew; they are told."""
    person = idp.user("1002")
    group = idp.group("Team Red")
    assert idp.add(group, person).status_code == 204
    with idp.stores.database.read() as session:
        period = session.scalars(select(FunctionPeriod).where(FunctionPeriod.person_id == person)).one()
        assert (period.customer_calls, period.team_id is None) == (True, False)
        words = session.scalars(select(Notice.word).where(Notice.person_id == person))
        assert list(words) == ["function.begun"]
    now.move(timedelta(days=1))
    assert idp.take(group, person).status_code == 204
    now.move(timedelta(days=1))
    assert idp.add(group, person).status_code == 204
    assert idp.held(person) == [("employee", TODAY, TOMORROW), ("employee", "2026-11-05", None)]


def test_a_group_that_the_settings_do_not_name_gives_nothing(idp: Provider) -> None:
    """It is kept with its members, as the provider expects."""
    person = idp.user("1002")
    group = idp.group("Everybody", person)
    assert idp.held(person) == []
    shown = idp.ask("GET", f"/Groups/{group}").json
    assert [member["value"] for member in shown["members"]] == [person]  # type: ignore[index]
    assert idp.ask("GET", f"/Users/{person}").json["groups"][0]["display"] == "Everybody"  # type: ignore[index]


def test_a_group_may_be_named_by_its_external_id(idp: Provider, now: Frozen) -> None:
    person = idp.user("3009")
    group = idp.group("Whatever they call it", person, externalId="leads-of-red")
    assert idp.held(person) == [("team_lead", TODAY, None)]
    now.move(timedelta(days=1))
    idp.patch(f"/Groups/{group}", {"op": "replace", "path": "externalId", "value": "other"})
    assert idp.held(person) == [("team_lead", TODAY, TOMORROW)], "another name, another meaning"


def test_what_two_groups_give_ends_with_the_second(idp: Provider, now: Frozen) -> None:
    """By name and by external id the same; the function is begun once and ends once."""
    person = idp.user("3009")
    one = idp.group("One", person, externalId="leads-of-red")
    two = idp.group("leads-of-red", person)
    now.move(timedelta(days=1))
    idp.take(one, person)
    assert idp.held(person) == [("team_lead", TODAY, None)]
    assert idp.ask("DELETE", f"/Groups/{two}").status_code == 204
    assert idp.held(person) == [("team_lead", TODAY, TOMORROW)]
    assert idp.ask("GET", f"/Groups/{two}").status_code == 404


@pytest.mark.rule("ACC-1")
def test_an_employee_in_two_teams_at_once_is_refused_with_the_rule(idp: Provider, now: Frozen) -> None:
    """Out of the old one first; who was refused stays where they were."""
    person, other = idp.user("1002"), idp.user("1003")
    red, blue = idp.group("Team Red", person), idp.group("Team Blue")
    refused = idp.add(blue, other, person)
    assert refused.status_code == 409
    assert refused.json == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "409",
        "detail": "1002: nobody is an employee in two teams on the same day. Nothing was changed. (ACC-1)",
    }
    assert idp.held(other) == []
    assert idp.ask("GET", f"/Groups/{blue}").json.get("members") is None  # type: ignore[union-attr]
    now.move(timedelta(days=1))
    assert idp.take(red, person).status_code == 204
    assert idp.add(blue, other, person).status_code == 204
    assert idp.held(person) == [("employee", TODAY, TOMORROW), ("employee", TOMORROW, None)]


@pytest.mark.rule("ACC-3")
def test_a_coach_does_not_become_the_lead_of_somebody_they_coach(idp: Provider, centre: Centre) -> None:
    """Coen coaches Anna of team red; and the other way: nobody comes under a lead who coaches them."""
    coach = centre.id("2001")
    lead = idp.ask(
        "POST",
        "/Groups",
        {"schemas": [GROUP], "displayName": "leads-of-red", "members": [{"value": coach}]},
    )
    assert lead.status_code == 409
    assert "(ACC-3)" in lead.json["detail"]  # type: ignore[index]
    assert idp.held(coach) == [("coach", "2026-01-01", None)]
    new = idp.user("1002")
    centre.add(
        f'[[coach_assignments]]\ncoach = "3001"\nemployee = "1002"\nbegins = {TODAY}\n'
        '[[people]]\nnumber = "3001"\nname = "Lia"\n[[people.functions]]\nfunction = "coach"\n'
        f"begins = {TODAY}\n"
    )
    red = idp.group("Team Red")
    under = idp.add(red, new)
    assert (under.status_code, "(ACC-3)" in under.json["detail"]) == (409, True)  # type: ignore[index]


@pytest.mark.rule("ACC-6")
def test_an_administrator_does_not_also_hear_or_read(idp: Provider, centre: Centre) -> None:
    anna = centre.id("1001")
    group = idp.group("Admins")
    refused = idp.add(group, anna)
    assert (refused.status_code, "(ACC-6)" in refused.json["detail"]) == (409, True)  # type: ignore[index]
    ada = centre.id("9001")
    refused = idp.add(idp.group("Coaches"), ada)
    assert (refused.status_code, "(ACC-6)" in refused.json["detail"]) == (409, True)  # type: ignore[index]


def test_what_an_import_began_the_group_goes_on_with_and_ends(
    idp: Provider, centre: Centre, now: Frozen
) -> None:
    """Anna is of team red already: nothing begins; out of the group it ends."""
    anna = centre.id("1001")
    group = idp.group("Team Red", anna)
    assert idp.held(anna) == [("employee", "2026-01-01", None)]
    now.move(timedelta(days=1))
    idp.take(group, anna)
    assert idp.held(anna) == [("employee", "2026-01-01", TOMORROW)]


def test_the_same_again_changes_nothing(idp: Provider, centre: Centre) -> None:
    """Adding who is in it, taking out who is not: no period, no other version."""
    anna, person = centre.id("1001"), idp.user("1002")
    group = idp.group("Team Red", anna)
    version = idp.ask("GET", f"/Groups/{group}").headers["ETag"]
    assert idp.add(group, anna).status_code == 204
    assert idp.take(group, person).status_code == 204
    assert idp.ask("GET", f"/Groups/{group}").headers["ETag"] == version
    assert idp.held(anna) == [("employee", "2026-01-01", None)]


def test_strangers_are_no_members_and_a_name_is_one_groups(idp: Provider) -> None:
    person = idp.user("1002")
    group = idp.group("Team Red", person)
    idp.ask("DELETE", f"/Users/{person}")
    for stranger in (person, "0" * 32, "x\x00", group):
        refused = idp.add(group, stranger)
        assert (refused.status_code, refused.json["scimType"]) == (400, "invalidValue")  # type: ignore[index]
    twice = idp.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": "Team Red"})
    assert (twice.status_code, twice.json["scimType"]) == (409, "uniqueness")  # type: ignore[index]


def test_a_team_that_is_not_known_is_named(idp: Provider) -> None:
    """The settings speak of team "nowhere": said to the provider, in whose log somebody will look."""
    refused = idp.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": "Mistaken"})
    assert refused.status_code == 409
    assert "nowhere" in refused.json["detail"]  # type: ignore[index]


def test_entra_may_say_in_its_own_way_who_goes(idp: Provider) -> None:
    """A remove with a value, which the standard does not know, takes out that member alone."""
    one, two = idp.user("1002"), idp.user("1003")
    group = idp.group("Team Red", one, two)
    answer = idp.patch(f"/Groups/{group}", {"op": "Remove", "path": "members", "value": [{"value": one}]})
    assert answer.status_code == 204
    assert (idp.held(one), len(idp.held(two))) == ([], 1)


def many(centre: Centre, count: int) -> list[str]:
    """The ids of so many new people."""
    numbers = [str(number) for number in range(50_000, 50_000 + count)]
    centre.add("".join(f'[[people]]\nnumber = "{number}"\nname = "Naam {number}"\n' for number in numbers))
    with centre.stores.database.read() as session:
        return list(session.scalars(select(Person.id).where(Person.number.in_(numbers))))


def test_a_large_group_is_one_request_and_few_statements(idp: Provider, centre: Centre, now: Frozen) -> None:
    """It comes, is read, and goes again, in as many statements as a group of ten thousand would take."""
    people = many(centre, 300)
    group = idp.group("Team Blue")
    statements: list[str] = []
    event.listen(
        idp.stores.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2])
    )
    assert idp.add(group, *people).status_code == 204
    assert len(statements) < 60
    with idp.stores.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ScimMember)) == 300
        employees = select(func.count()).where(FunctionPeriod.begins == now.at.date())
        assert session.scalar(employees.select_from(FunctionPeriod)) == 300
    assert len(idp.ask("GET", f"/Groups/{group}").json["members"]) == 300  # type: ignore[index]
    statements.clear()
    body = {"schemas": [PATCH], "Operations": [{"op": "remove", "path": "members"}]}
    assert idp.ask("PATCH", f"/Groups/{group}", body).status_code == 204
    assert len(statements) < 60
    with idp.stores.database.read() as session:
        assert session.scalar(employees.select_from(FunctionPeriod)) == 0
