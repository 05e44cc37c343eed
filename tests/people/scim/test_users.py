"""Users over SCIM: who comes, changes, is made inactive and goes; nothing is overwritten, nobody deleted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kcc.clock import Frozen
from kcc.people.model import AgentId, FunctionEnding, Person
from kcc.people.scim.model import ScimAccount
from kcc.stores import Stores
from tests.conftest import Client
from tests.people.centre import Centre
from tests.people.scim.conftest import AGENT, USER, Provider

TODAY, TOMORROW = "2026-11-03", "2026-11-04"


def agents(stores: Stores, person_id: str) -> list[tuple[str, str, str | None]]:
    """The agent ids somebody had and has."""
    query = select(AgentId).where(AgentId.person_id == person_id).order_by(AgentId.begins, AgentId.agent_id)
    with stores.database.read() as session:
        return [(r.agent_id, str(r.begins), r.ends and str(r.ends)) for r in session.scalars(query)]


def test_a_user_is_a_person_with_what_we_need_and_nothing_else(idp: Provider) -> None:
    """Names, address, language, agent id; what kcc does not know is dropped, whatever it is."""
    said = {
        "name": {"givenName": "Bob", "familyName": "Jansen", "honorificPrefix": "drs."},
        "emails": [{"value": "bob@example.org", "type": "work", "primary": True}],
        "preferredLanguage": "en-GB",
        "title": "Baas",
        "password": "geheim",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7"},
        AGENT: {"agentId": "4102"},
        "schemas": [USER, AGENT, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    }
    person_id = idp.user("1002", **said)
    person = idp.person(person_id)
    assert (person.number, person.name, person.email) == ("1002", "Bob Jansen", "bob@example.org")
    assert person.language == "en"
    with idp.stores.database.read() as session:
        assert session.scalar(select(Person.password_hash).where(Person.id == person_id)) is None
    assert agents(idp.stores, person_id) == [("4102", TODAY, None)]
    shown = idp.ask("GET", f"/Users/{person_id}").json
    assert shown[AGENT] == {"agentId": "4102"}  # type: ignore[index]
    assert not {"title", "password"} & set(shown or {})
    assert idp.held(person_id) == []


def test_the_same_user_twice_is_a_conflict_also_when_an_import_brought_them(idp: Provider) -> None:
    """A provider looks first and finds them; one that does not is told."""
    idp.user("1002")
    for number in ("1002", "1001"):
        answer = idp.ask("POST", "/Users", {"schemas": [USER], "userName": number})
        assert answer.status_code == 409
        assert answer.json["scimType"] == "uniqueness"  # type: ignore[index]
        assert idp.found("Users", f'userName eq "{number}"') == [number]


def test_a_number_changes_with_the_person_and_not_to_a_taken_one(idp: Provider, centre: Centre) -> None:
    anna = centre.id("1001")
    changed = idp.patch(f"/Users/{anna}", {"op": "replace", "path": "userName", "value": "1009"})
    assert changed.status_code == 204
    assert (idp.person(anna).number, idp.person(anna).name) == ("1009", "Anna de Vries")
    taken = idp.patch(f"/Users/{anna}", {"op": "replace", "path": "userName", "value": "2001"})
    assert taken.status_code == 409
    assert idp.person(anna).number == "1009"


def test_a_name_follows_its_parts_where_nothing_else_is_said(idp: Provider) -> None:
    person = idp.user("1002", name={"givenName": "Bob", "familyName": "Jansen"})
    idp.patch(f"/Users/{person}", {"op": "replace", "path": "name.familyName", "value": "de Groot"})
    assert idp.person(person).name == "Bob de Groot"
    idp.patch(f"/Users/{person}", {"op": "add", "path": "displayName", "value": "Bobby"})
    assert idp.person(person).name == "Bobby"
    idp.patch(f"/Users/{person}", {"op": "remove", "path": "displayName"})
    assert idp.person(person).name == "Bob de Groot"


def test_a_language_said_again_undoes_nobodys_own_choice(idp: Provider) -> None:
    """Dutch was said, the person chose English, the nightly PUT says Dutch again."""
    person = idp.user("1002", preferredLanguage="nl-NL")
    with idp.stores.database.write() as session:
        session.merge(idp.person(person)).language = "en"
    again = {"schemas": [USER], "userName": "1002", "preferredLanguage": "nl-NL", "displayName": "Bob"}
    assert idp.ask("PUT", f"/Users/{person}", again).status_code == 200
    assert (idp.person(person).language, idp.person(person).name) == ("en", "Bob")
    assert idp.ask("PUT", f"/Users/{person}", again | {"preferredLanguage": "en"}).status_code == 200
    assert idp.person(person).language == "en"


@pytest.mark.rule("ACC-1", "REP-5")
def test_who_is_made_inactive_is_out_at_the_next_request(
    idp: Provider, centre: Centre, browser_as: Callable[[str], Client], now: Frozen
) -> None:
    """Signed in and listening; what follows waits for a person, as it came by SCIM."""
    anna = centre.id("1001")
    browser = browser_as(anna)
    assert browser.get("/calls").status_code == 200
    off = idp.patch(f"/Users/{anna}", {"op": "replace", "path": "active", "value": False})
    assert off.status_code == 204
    assert browser.get("/calls").status_code == 302
    assert idp.held(anna) == [("employee", "2026-01-01", TODAY)]
    with idp.stores.database.read() as session:
        (ending,) = session.scalars(select(FunctionEnding).where(FunctionEnding.person_id == anna))
        assert (ending.came_by, ending.confirmed_at, str(ending.ends)) == ("scim", None, TODAY)
    now.move(timedelta(days=1))
    assert idp.patch(f"/Users/{anna}", {"op": "replace", "path": "active", "value": True}).status_code == 204
    assert idp.held(anna) == [("employee", "2026-01-01", TODAY)], "no group gives it"


def test_who_is_active_again_gets_what_their_groups_give_from_that_day(idp: Provider, now: Frozen) -> None:
    person = idp.user("1002")
    idp.group("Team Blue", person)
    now.move(timedelta(days=1))
    # As Microsoft Entra writes it: a word for the value, and the operation with a capital.
    assert idp.patch(
        f"/Users/{person}", {"op": "Replace", "path": "active", "value": "False"}
    ).status_code in (
        204,
        400,
    )
    idp.patch(f"/Users/{person}", {"op": "replace", "value": {"active": False}})
    now.move(timedelta(days=1))
    idp.patch(f"/Users/{person}", {"op": "replace", "value": {"active": True}})
    assert idp.held(person) == [("employee", TODAY, TOMORROW), ("employee", "2026-11-05", None)]


def test_what_began_and_ended_on_one_day_is_gone_and_was_written_down(idp: Provider) -> None:
    """The period covered no day; the audit and the note of its end say that it was there."""
    person = idp.user("1002")
    idp.group("Team Blue", person)
    idp.patch(f"/Users/{person}", {"op": "replace", "value": {"active": False}})
    assert idp.held(person) == []
    said = [word for line in idp.lines() for word in line["detail"].get("changes", [])]
    assert said == [
        "taken in",
        f"employee begins {TODAY}",
        "made inactive",
        f"employee ends {TODAY}",
    ]


def test_whatever_changes_of_a_user_is_written_down(idp: Provider) -> None:
    """Also a part of a name by which nobody is called, and that somebody is active again."""
    parts = {"givenName": "Bob", "familyName": "Jansen"}
    person = idp.user("1002", displayName="Bobby", name=parts)
    idp.patch(f"/Users/{person}", {"op": "replace", "path": "name.givenName", "value": "Robert"})
    for active in (False, True, True):
        idp.patch(f"/Users/{person}", {"op": "replace", "path": "active", "value": active})
    idp.patch(f"/Users/{person}", {"op": "replace", "path": "displayName", "value": "Bobby"})
    said = [line["detail"]["changes"] for line in idp.lines() if "changes" in line["detail"]]
    assert said == [["taken in"], ["name"], ["name"], ["made inactive"], ["made active"]]


@pytest.mark.rule("ACC-5")
def test_who_is_deleted_is_unknown_to_scim_and_stays_a_person(idp: Provider, centre: Centre) -> None:
    """404 from then on, also in lists; coming again with the number they are the same person."""
    anna = centre.id("1001")
    assert idp.ask("DELETE", f"/Users/{anna}").status_code == 204
    assert idp.held(anna) == [("employee", "2026-01-01", TODAY)]
    assert agents(idp.stores, anna) == [("4101", "2026-01-01", TODAY)]
    for method in ("GET", "DELETE"):
        assert idp.ask(method, f"/Users/{anna}").status_code == 404
    assert idp.found("Users", 'userName eq "1001"') == []
    assert idp.person(anna).name == "Anna de Vries"
    with idp.stores.database.read() as session:
        assert session.get_one(ScimAccount, anna).display_name is None, "what it said of them goes"
    assert idp.user("1001", displayName="Anna Smit") == anna
    assert idp.held(anna) == [("employee", "2026-01-01", TODAY)], "nothing comes back by itself"


def test_an_agent_id_is_dated_and_nobody_elses(idp: Provider, centre: Centre, now: Frozen) -> None:
    anna, other = centre.id("1001"), idp.user("1002")
    taken = idp.patch(f"/Users/{other}", {"op": "add", "path": f"{AGENT}:agentId", "value": "4101"})
    assert (taken.status_code, "agent id" in taken.json["detail"]) == (409, True)  # type: ignore[index]
    now.move(timedelta(days=1))
    idp.patch(f"/Users/{anna}", {"op": "replace", "path": f"{AGENT}:agentId", "value": "4199"})
    assert agents(idp.stores, anna) == [("4101", "2026-01-01", TOMORROW), ("4199", TOMORROW, None)]
    idp.patch(f"/Users/{other}", {"op": "add", "path": f"{AGENT}:agentId", "value": "4101"})
    assert agents(idp.stores, other) == [("4101", TOMORROW, None)]


def test_an_update_of_something_else_leaves_the_agent_id_alone(idp: Provider, centre: Centre) -> None:
    anna = centre.id("1001")
    idp.patch(f"/Users/{anna}", {"op": "replace", "path": "displayName", "value": "Anna"})
    assert agents(idp.stores, anna) == [("4101", "2026-01-01", None)]


def test_a_version_protects_what_somebody_else_changed(idp: Provider, centre: Centre) -> None:
    """Also when an import changed it: 412, and 304 for who has it already."""
    anna = centre.id("1001")
    version = idp.ask("GET", f"/Users/{anna}").headers["ETag"]
    assert idp.ask("GET", f"/Users/{anna}", If_None_Match=version).status_code == 304
    centre.add('[[people]]\nnumber = "1001"\nname = "Anna Smit"\n')
    late = idp.patch(
        f"/Users/{anna}", {"op": "replace", "path": "displayName", "value": "X"}, If_Match=version
    )
    assert late.status_code == 412
    assert idp.person(anna).name == "Anna Smit"
    assert idp.ask("GET", f"/Users/{anna}").json["displayName"] == "Anna Smit"  # type: ignore[index]
    assert idp.ask("DELETE", f"/Users/{anna}", If_Match=version).status_code == 412


IMPOSSIBLE: list[dict[str, Any]] = [
    {"userName": ""},
    {"userName": " "},
    {"userName": "a\x00b"},
    {"userName": "x" * 65},
    {"displayName": "x" * 201},
    {"displayName": "a\nb"},
    {"emails": [{"value": "no address"}]},
    {"externalId": "\x00"},
    {"active": "perhaps"},
    {AGENT: {"agentId": "x" * 65}},
    {"name": "Bob"},
]


def test_what_cannot_be_is_refused_and_nothing_is_left_of_it(idp: Provider) -> None:
    for said in IMPOSSIBLE:
        answer = idp.ask("POST", "/Users", {"schemas": [USER], "userName": "1002"} | said)
        assert answer.status_code == 400, (said, answer.text)
        assert (answer.json or {})["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert idp.found("Users", 'userName sw "1002"') == []
