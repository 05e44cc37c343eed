"""Proving oneself again before what weighs most: when it is asked, and that nothing typed is lost."""

import html
import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from kcc.access.actions import Action
from kcc.clock import Frozen
from kcc.people.model import Person, SigninSession
from kcc.recordings.model import Line
from kcc.stores import Stores
from kcc.web import routes, stepping
from tests.conftest import Client
from tests.people.centre import PASSWORD, Centre

from .browsing import Browser, enrol
from .hands import code_of, recovery_codes, told

# The pages; what they do in the database is tried on both engines beside this, and in tests/access.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MINUTE = timedelta(minutes=1)
NEW_LINE = {
    "code": "second",
    "name": "Tweede <lijn> & “zo”",
    "kind": "recorded",
    "welcome_text_since": "2026-11-01",
    "reason": "Zo is het besloten.\nOp dinsdag.",
}


@pytest.fixture
def ada(client: Client, centre: Centre) -> Browser:
    """Ada the administrator, who has just signed in with an app; its secret is `secret`."""
    assert centre.id("9001")
    client.secret, _ = enrol(client, "9001")  # type: ignore[attr-defined]
    return client


def lines(stores: Stores) -> list[str]:
    with stores.database.read() as session:
        return list(session.scalars(select(Line.code)))


def confirmed(ada: Browser, **form: str) -> object:
    return ada.post("/signin/again", {"code": code_of(ada.secret), **form})


@pytest.mark.rule("SEC-1")
def test_five_minutes_after_the_proof_a_page_asks_again(ada: Browser, now: Frozen) -> None:
    """Up to then it opens; afterwards the code is asked, and one goes on to the page one wanted."""
    now.move(4 * MINUTE + timedelta(seconds=59))
    assert ada.get("/lines/new").status_code == 200
    now.move(timedelta(seconds=1))
    asked = ada.get("/lines/new?x=1")
    assert asked.location == "/signin/again?next=/lines/new?x%3D1"
    assert "Ben jij het nog?" in ada.get(asked.location).text
    assert ada.get("/lines").status_code == 200
    done = ada.post("/signin/again", {"code": code_of(ada.secret), "next": "/lines/new?x=1"})
    assert (done.status_code, done.location) == (303, "/lines/new?x=1")
    assert ada.get("/lines/new").status_code == 200


@pytest.mark.rule("SEC-1")
def test_a_wrong_proof_does_not_count_and_is_told(ada: Browser, stores: Stores, now: Frozen) -> None:
    now.move(6 * MINUTE)
    for form in ({"code": "000000"}, {"code": ""}, {"password": PASSWORD}, {"credential": "{}"}):
        refused = ada.post("/signin/again", {**form, "next": "/lines/new"})
        assert refused.status_code == 422, form
        assert 'id="error-summary"' in refused.text
    assert ada.get("/lines/new").status_code == 302
    assert [line["rule"] for line in told(stores) if not line["allowed"]] == ["SEC-1"] * 2


@pytest.mark.rule("SEC-1")
def test_the_same_code_proves_nothing_twice(ada: Browser, now: Frozen) -> None:
    now.move(6 * MINUTE)
    code = code_of(ada.secret)
    assert ada.post("/signin/again", {"code": code}).status_code == 303
    assert ada.post("/signin/again", {"code": code}).status_code == 422


def test_who_types_for_a_quarter_of_an_hour_may_still_send(ada: Browser, stores: Stores, now: Frozen) -> None:
    """The page was opened in time."""
    now.move(14 * MINUTE)
    ada.get("/account")
    now.move(5 * MINUTE)
    assert ada.post("/lines/new", NEW_LINE).status_code == 303
    assert lines(stores) == ["second"]


@pytest.mark.rule("SEC-1")
def test_what_is_sent_too_late_waits_for_the_proof_and_is_not_lost(
    ada: Browser, stores: Stores, now: Frozen
) -> None:
    """The page that asks carries it, hands it on as it was typed, and nothing happens before it is sent."""
    now.move(10 * MINUTE)
    ada.get("/account")
    now.move(10 * MINUTE)
    late = ada.post("/lines/new", NEW_LINE)
    assert late.status_code == 403
    assert "Wat je hebt getypt is niet weg" in late.text
    kept = html.unescape(re.findall(r'name="typed" value="([^"]*)"', late.text)[0])
    assert dict(json.loads(kept)) == NEW_LINE
    again = ada.post("/signin/again", {"code": "wrong", "next": "/lines/new", "typed": kept})
    kept = html.unescape(re.findall(r'name="typed" value="([^"]*)"', again.text)[0])
    handed = ada.post("/signin/again", {"code": code_of(ada.secret), "next": "/lines/new", "typed": kept})
    assert handed.status_code == 200
    assert lines(stores) == []
    assert 'action="/lines/new"' in handed.text
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', handed.text, re.DOTALL)
    sent = {name: html.unescape(value) for name, value in fields if name in NEW_LINE}
    assert sent == NEW_LINE
    assert ada.post("/lines/new", sent).status_code == 303
    assert lines(stores) == ["second"]


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    ("wanted", "typed"),
    [
        ("/preferences", '[["language", "en"]]'),
        ("/signout", '[["everywhere", "1"]]'),
        ("https://evil.example/", '[["a", "b"]]'),
        ("/lines/new", "nonsense"),
        ("/lines/new", "{"),
        ("/lines/new", "[1]"),
    ],
)
def test_nothing_is_handed_on_elsewhere(ada: Browser, now: Frozen, wanted: str, typed: str) -> None:
    """Only to where such forms go, and only what can be read."""
    now.move(6 * MINUTE)
    done = ada.post("/signin/again", {"code": code_of(ada.secret), "next": wanted, "typed": typed})
    assert done.status_code == 303
    assert done.location == ("/" if wanted.startswith("https") else wanted)


@pytest.mark.rule("SEC-1")
def test_a_button_on_a_page_that_asked_for_nothing_has_five_minutes(ada: Browser, now: Frozen) -> None:
    """Removing a factor, new codes, the clock: nothing was proved when their page was opened."""
    addresses = ("/account/second-factor/recovery-codes", "/account/second-factor/x/remove", "/status/clock")
    now.move(4 * MINUTE + timedelta(seconds=59))
    assert 403 not in [ada.post(address, {"reason": ""}).status_code for address in addresses]
    now.move(timedelta(seconds=1))
    for address in addresses:
        assert ada.post(address, {"reason": "Zo is het."}).status_code == 403, address
    late = ada.post(addresses[0])
    assert "Wat je hebt getypt" not in late.text
    handed = ada.post("/signin/again", {"code": code_of(ada.secret), "next": addresses[0], "typed": "[]"})
    assert f'action="{addresses[0]}"' in handed.text
    assert "wat je koos" in handed.text
    assert ada.post(addresses[0]).status_code == 200


@pytest.mark.rule("SEC-1")
def test_only_forms_whose_page_asked_have_longer(app: Flask) -> None:
    """Whichever other one is added, somebody looks at it."""
    longer = set()
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and getattr(
            app.view_functions[rule.endpoint], "kcc_step_up", False
        ):
            with app.test_request_context(rule.rule.replace("<", "").replace(">", ""), method="POST"):
                longer |= {rule.rule} if stepping._page_asked_too() else set()
    assert longer == {
        "/account/second-factor/app",
        "/account/second-factor/passkey",
        "/cases/<case_id>/end",
        "/cases/<case_id>/more",
        "/cases/new",
        "/criteria/draft/confirm",
        "/criteria/draft/propose",
        "/line/<code>/change",
        "/lines/new",
        "/opinions/<opinion_id>/confirm",
        "/opinions/<opinion_id>/finish",
        "/people/<person_id>/coach",
        "/people/<person_id>/coach/<assignment_id>/end",
        "/people/<person_id>/functions/<period_id>/change",
        "/people/<person_id>/functions/<period_id>/end",
        "/people/<person_id>/functions/new",
        "/people/<person_id>/second-factor/reset",
        "/people/<person_id>/successor",
        "/reports/<report_id>/conversation/sign",
        "/samples/<sample_id>/finish",
        "/summaries/<summary_id>/give",
    }


def test_programs_are_told_in_their_own_words(ada: Browser, now: Frozen) -> None:
    now.move(21 * MINUTE - 7 * MINUTE)
    ada.get("/account")
    now.move(7 * MINUTE)
    answer = ada.post("/account/second-factor/passkey/options", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (403, "step_up")


@pytest.mark.rule("SEC-1")
def test_a_recovery_code_serves_here_too(ada: Browser, stores: Stores, centre: Centre, now: Frozen) -> None:
    (code, *_) = recovery_codes(stores, centre.id("9001"))
    now.move(6 * MINUTE)
    assert ada.post("/signin/again", {"code": code, "next": "/lines/new"}).location == "/lines/new"


def test_a_session_of_before_the_update_is_asked(ada: Browser, stores: Stores) -> None:
    with stores.database.write() as session:
        session.execute(update(SigninSession).values(proved_at=None))
    assert ada.get("/lines/new").location == "/signin/again?next=/lines/new"


def test_without_a_factor_the_password_serves_and_without_one_signing_in_anew(
    app: Flask, stores: Stores, centre: Centre, now: Frozen
) -> None:
    """Where it is optional, and for who comes by single sign-on."""
    browser = Client(app, stores).sign_in(centre.id("9001"))
    now.move(6 * MINUTE)
    assert 'name="password"' in browser.get("/signin/again").text
    wrong = browser.post("/signin/again", {"password": "wrong"})
    assert wrong.status_code == 422
    assert 'href="#password"' in wrong.text
    assert browser.post("/signin/again", {"password": PASSWORD, "next": "/lines/new"}).status_code == 303
    now.move(6 * MINUTE)
    with stores.database.write() as session:
        session.execute(update(Person).values(password_hash=None))
    page = browser.get("/signin/again?next=/lines/new").text
    assert "Opnieuw inloggen" in page
    anew = browser.post("/signin/anew", {"next": "/lines/new"})
    assert anew.location == "/signin?next=/lines/new"
    assert browser.get("/account").status_code == 302


@pytest.mark.rule("SEC-1")
def test_what_asks_for_a_fresh_proof(app: Flask) -> None:
    """Signatures, settings, people, the clock, and the factors themselves, whichever way it is sent."""
    asking = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "kcc_step_up", False)
    }
    weighty = {Action.REPORT_FINISH, Action.LINE_CHANGE, Action.CLOCK_CONFIRM, Action.PEOPLE_CHANGE}
    weighty |= {Action.SECOND_FACTOR_RESET, Action.AUDIT_EXPORT}
    declared = routes.declared(app)
    assert {name for name, action in declared.items() if action in weighty} <= asking
    reading = {"factors.show", "factors.codes_form", "factors.codes_file"}
    assert {name for name in declared if name.startswith("factors.")} - reading <= asking
