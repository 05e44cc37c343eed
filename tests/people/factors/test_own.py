"""One's own second factors on their pages, and the administrator's reset."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from kcc.clock import Frozen
from kcc.errors import AccessDenied, Invalid, NotFound, Refused
from kcc.people.factors import queries, removing
from kcc.stores import Stores
from tests.conftest import Client
from tests.people.centre import Centre

from .browsing import Browser, codes_on, enrol, field, secret_on
from .hands import actor, add_app, code_of, recovery_codes, told

OWN = "/account/second-factor"


def held(stores: Stores, person_id: str) -> list[queries.Held]:
    with stores.database.read() as session:
        return queries.held(session, person_id)


@pytest.fixture
def anna(client: Client, centre: Centre) -> Browser:
    """Anna, signed in with an app."""
    assert centre.id("1001")
    enrol(client)
    return client


def test_a_second_app_is_added_and_the_first_removed(
    anna: Browser, stores: Stores, centre: Centre, now: Frozen
) -> None:
    now.move(timedelta(minutes=1))
    page = anna.get(f"{OWN}/app").text
    form = {"ticket": field(page, "ticket"), "code": code_of(secret_on(page)), "name": "Tablet"}
    assert anna.post(f"{OWN}/app", form).location == OWN
    first, second = held(stores, centre.id("1001"))
    assert (first.name, second.name) == ("Telefoon", "Tablet")
    page = anna.get(OWN).text
    assert "Telefoon" in page
    assert "“Tablet” verwijderen" in page
    assert anna.post(f"{OWN}/{first.id}/remove").location == OWN
    assert "“Telefoon” werkt niet meer" in anna.get(OWN).text
    assert [one.name for one in held(stores, centre.id("1001"))] == ["Tablet"]


@pytest.mark.rule("SEC-1")
def test_the_last_one_stays_where_one_is_required(anna: Browser, stores: Stores, centre: Centre) -> None:
    """There is no button, and who sends the form all the same is told why."""
    page = anna.get(OWN).text
    assert "de laatste blijft" in page
    assert "/remove" not in page
    (only,) = held(stores, centre.id("1001"))
    anna.post(f"{OWN}/{only.id}/remove")
    assert "Dit is je laatste manier" in anna.get(OWN).text
    assert len(held(stores, centre.id("1001"))) == 1


@pytest.mark.rule("SEC-1")
def test_of_the_last_two_removed_at_once_one_stays(stores: Stores, centre: Centre) -> None:
    person_id = centre.id("1001")
    for name in ("Telefoon", "Tablet"):
        add_app(stores, person_id, name)
    anna = actor(stores, person_id)

    def remove(factor_id: str) -> str:
        try:
            with stores.database.write() as session:
                return removing.remove(session, stores.settings.signin, anna, factor_id)
        except Refused:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(remove, [one.id for one in held(stores, person_id)]))
    assert done.count("refused") == 1
    assert len(held(stores, person_id)) == 1


def test_where_it_is_optional_the_last_goes_with_the_codes(stores: Stores, centre: Centre) -> None:
    person_id = centre.id("1001")
    add_app(stores, person_id)
    recovery_codes(stores, person_id)
    limits = stores.settings.signin.model_copy(update={"second_factor": "optional"})
    with stores.database.write() as session:
        (only,) = queries.held(session, person_id)
        removing.remove(session, limits, actor(stores, person_id), only.id)
    with stores.database.read() as session:
        assert (queries.held(session, person_id), queries.codes_left(session, person_id)) == ([], 0)


@pytest.mark.rule("ACC-1")
def test_another_s_factor_is_not_there(anna: Browser, stores: Stores, centre: Centre) -> None:
    add_app(stores, centre.id("2001"))
    (coens,) = held(stores, centre.id("2001"))
    assert anna.post(f"{OWN}/{coens.id}/remove").status_code == 404
    assert len(held(stores, centre.id("2001"))) == 1


def test_new_recovery_codes_are_shown_once(anna: Browser) -> None:
    shown = anna.post(f"{OWN}/recovery-codes")
    assert len(codes_on(shown.text)) == 10
    assert codes_on(anna.get(OWN).text) == []
    assert anna.get(f"{OWN}/recovery-codes").location == OWN
    assert "10 ongebruikte codes" in anna.get(OWN).text


@pytest.fixture
def ada(app: Flask, stores: Stores, centre: Centre) -> Browser:
    """Ada the administrator, signed in with an app."""
    browser = Client(app, stores)
    assert centre.id("9001")
    enrol(browser, "9001")
    return browser


@pytest.mark.rule("SEC-1", "ACC-5")
def test_the_administrator_resets_with_a_reason(
    anna: Browser, ada: Browser, stores: Stores, centre: Centre
) -> None:
    """Every factor, code and session of the person goes; they enrol anew; the log keeps the reason."""
    person_id = centre.id("1001")
    address = f"/people/{person_id}/second-factor/reset"
    assert "Anna de Vries heeft 1 manier" in ada.get(address).text
    empty = ada.post(address, {"reason": " "})
    assert empty.status_code == 422
    assert empty.text.count("Vul in waarom") == 2
    assert ada.post(address, {"reason": "x" * 501}).status_code == 422
    assert len(held(stores, person_id)) == 1
    assert f'href="{address}"' in ada.get(f"/people/{person_id}").text
    done = ada.post(address, {"reason": "telefoon kwijt, aan de balie gezien"})
    assert (done.status_code, done.location) == (303, f"/people/{person_id}")
    assert held(stores, person_id) == []
    assert anna.get("/account").status_code == 302
    (line,) = [line for line in told(stores) if line["action"] == "second_factor:reset" and line["allowed"]]
    assert line["detail"] == {"reason": "telefoon kwijt, aan de balie gezien"}
    assert (line["subject"], line["about"]) == (f"person:{person_id}", person_id)
    enrol(anna)
    notices = anna.get("/notices").text
    assert "Je tweede factor is gewist: “telefoon kwijt, aan de balie gezien”." in notices
    assert "“Telefoon” is toegevoegd als manier" in notices


@pytest.mark.rule("SEC-1", "ACC-6")
def test_nobody_resets_their_own(ada: Browser, stores: Stores, centre: Centre) -> None:
    """A stolen session would be enough; the log keeps that somebody tried."""
    address = f"/people/{centre.id('9001')}/second-factor/reset"
    assert ada.get(address).status_code == 404
    assert ada.post(address, {"reason": "verloren"}).status_code == 404
    assert [line["rule"] for line in told(stores) if not line["allowed"]] == ["ACC-6"] * 2
    assert len(held(stores, centre.id("9001"))) == 1


@pytest.mark.rule("ACC-1", "ACC-6")
def test_only_the_administrator_resets(anna: Browser, ada: Browser, stores: Stores, centre: Centre) -> None:
    """For others the page does not exist; nor does a stranger's for the administrator."""
    address = f"/people/{centre.id('9001')}/second-factor/reset"
    assert anna.get(address).status_code == 404
    assert anna.post(address, {"reason": "zomaar"}).status_code == 404
    for method in (ada.get, ada.post):
        assert method(f"/people/{'0' * 32}/second-factor/reset").status_code == 404
    coen = actor(stores, centre.id("2001"))
    with stores.database.write() as session, pytest.raises(AccessDenied):
        removing.reset(session, coen, centre.id("1001"), "zomaar")


def test_a_reset_of_nobody(stores: Stores, centre: Centre) -> None:
    ada = actor(stores, centre.id("9001"))
    for person_id, reason, fault in (("0" * 32, "x", NotFound), (centre.id("1001"), "", Invalid)):
        with stores.database.write() as session, pytest.raises(fault):
            removing.reset(session, ada, person_id, reason)


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("address", [f"{OWN}/app", f"{OWN}/passkey"])
def test_changing_them_asks_for_a_fresh_proof(anna: Browser, now: Frozen, address: str) -> None:
    """A browser left alone gives nobody a factor of their own."""
    assert anna.get(address).status_code == 200
    now.move(timedelta(minutes=5))
    assert anna.get(address).location == f"/signin/again?next={address}"
    assert anna.get(OWN).status_code == 200
