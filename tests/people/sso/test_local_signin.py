"""What remains of signing in at kcc itself beside single sign-on: an account whose every use is noticed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import AccessDenied
from kcc.people import local_signin
from kcc.people.model import SigninSession
from kcc.people.queries import actor_of
from kcc.people.signin import Known
from kcc.scheduler import alarms
from kcc.scheduler.model import Alarm
from kcc.stores import Stores
from tests.people.centre import PASSWORD, Centre
from tests.people.sso.conftest import Traveller

pytestmark = pytest.mark.parametrize("sso", [{"local_signin": False, "break_glass": "9001"}])


@pytest.fixture
def browser(traveller: Traveller, centre: Centre, sso: dict[str, Any]) -> Any:
    """A browser; both the emergency account and Anna have a password."""
    assert centre.stores.settings.sso.break_glass == sso["break_glass"]
    for number in ("1001", "9001"):
        centre.give_password(number)
    return traveller.browser


def standing(stores: Stores) -> list[tuple[str, int]]:
    """The alarms about the emergency account."""
    with stores.database.read() as session:
        found = alarms.standing(session)
    return [(alarm.name, alarm.count) for alarm in found if alarm.name == "break_glass"]


@pytest.mark.rule("SEC-1")
def test_passwords_open_nothing_but_the_emergency_account(browser: Any, stores: Stores, now: Frozen) -> None:
    """The right one of another is answered as a wrong one; each use of the account is an alarm for a day."""
    page = browser.get("/signin").text
    assert "Noodaccount" in page
    assert "behalve voor het noodaccount" in page
    refused = browser.post("/signin", {"number": "1001", "password": PASSWORD})
    assert refused.status_code == 422
    assert "horen niet bij elkaar" in refused.text
    assert standing(stores) == []
    for uses in (1, 2):
        assert browser.post("/signin", {"number": "9001", "password": PASSWORD}).location == "/"
        now.move(timedelta(minutes=5))
        assert standing(stores) == [("break_glass", uses)]
    assert "Het noodaccount is de laatste 24 uur 2 keer gebruikt." in browser.get("/status").text
    now.move(timedelta(days=1))
    assert standing(stores) == []


def test_each_use_is_told_anew(browser: Any, stores: Stores, now: Frozen) -> None:
    """Other alarms are told once a day; this one whenever it happens again."""
    told = []
    for _ in range(2):
        browser.post("/signin", {"number": "9001", "password": PASSWORD})
        for _ in range(3):
            now.move(timedelta(minutes=1))
            alarms.check(stores)
            with stores.database.read() as session:
                query = select(Alarm.mailed_at).where(Alarm.name == "break_glass")
                told.append(session.scalars(query).one() == now.at)
    assert told == [True, False, False] * 2


def test_its_use_stands_in_the_audit_and_in_the_session(browser: Any, stores: Stores) -> None:
    """With what it is."""
    browser.post("/signin", {"number": "9001", "password": PASSWORD})
    with stores.database.read() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.action == "signin:start")).one()
        assert session.scalars(select(SigninSession.way)).one() == "break_glass"
    assert '"factors":["break_glass","password"]' in str(line.body)


@pytest.mark.rule("SEC-1")
def test_no_other_way_of_ones_own_begins_a_session(browser: Any, stores: Stores, centre: Centre) -> None:
    """Whatever somebody proved at kcc itself, such as a passkey: the door behind all of them is shut, too."""
    assert browser.get("/account").status_code == 302
    settings = stores.settings.sso
    with stores.database.read() as session:
        anna = actor_of(session, centre.id("1001"), clock.today())
        with pytest.raises(AccessDenied):
            local_signin.admitted(session, Known(anna, frozenset({"passkey"})), settings)
        came = Known(anna, frozenset({"sso"}))
        assert local_signin.admitted(session, came, settings) is came


def test_ones_own_password_is_no_longer_offered(traveller: Traveller, browser: Any) -> None:
    """It would open nothing."""
    traveller.travel()
    assert "Wijzig je wachtwoord" not in browser.get("/account").text
    browser.post("/signout")
    browser.post("/signin", {"number": "9001", "password": PASSWORD})
    assert "Huidig wachtwoord" in browser.get("/account").text


@pytest.mark.rule("SEC-1")
def test_ones_own_password_is_no_proof_either(traveller: Traveller, browser: Any, now: Frozen) -> None:
    """Asked once more who they are, people go to the issuer again; the emergency account has its password."""
    traveller.travel()
    now.move(timedelta(minutes=6))
    page = browser.get("/signin/again").text
    assert "Opnieuw inloggen" in page
    assert 'name="password"' not in page
    assert browser.post("/signin/again", {"password": PASSWORD}).status_code == 422
    browser.post("/signout")
    browser.post("/signin", {"number": "9001", "password": PASSWORD})
    now.move(timedelta(minutes=6))
    assert 'name="password"' in browser.get("/signin/again").text
    assert browser.post("/signin/again", {"password": PASSWORD}).status_code == 303
