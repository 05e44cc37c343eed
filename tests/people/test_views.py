"""Signing in and out, the account and preferences as people meet them, in both languages."""

import re
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

import kcc.people.sso
from kcc.clock import Frozen
from kcc.people import views
from kcc.people.model import Person
from kcc.stores import Stores
from kcc.web.paths import local_path
from tests.people.centre import PASSWORD, Centre

Browser = Any
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def browser(app: Flask, client: Browser, centre: Centre) -> Browser:
    """A browser in which nobody is signed in yet; Anna has a password."""
    assert app.config.get("WTF_CSRF_ENABLED", True)
    centre.give_password("1001")
    return client


def sign_in(browser: Browser, number: str = "1001", password: str = PASSWORD, **more: Any) -> TestResponse:
    """Fill in the form."""
    form = {"number": number, "password": password, **more.pop("form", {})}
    response: TestResponse = browser.post("/signin", form, **more)
    return response


def test_signing_in_leads_to_where_one_wanted_to_be(browser: Browser) -> None:
    """From a page behind the door to the form, and on to that page."""
    turned_away = browser.get("/account?x=1")
    assert turned_away.status_code == 302
    form = browser.get(turned_away.location)
    of_the_menu, wanted = re.findall(r'name="next" value="([^"]*)"', form.text)
    assert of_the_menu == turned_away.location
    assert wanted == "/account?x=1"
    response = sign_in(browser, form={"next": wanted})
    assert (response.status_code, response.location) == (303, "/account?x=1")
    assert "Anna de Vries" in browser.get("/account").text


@pytest.mark.parametrize("number", ["1001", "2001", "3001", "9001"])
def test_home_is_the_first_task_of_each(browser: Browser, centre: Centre, number: str) -> None:
    """Everybody lands on a page of their own that opens."""
    centre.give_password(number)
    assert sign_in(browser, number).location == "/"
    first = browser.get("/").location
    assert first == {"1001": "/calls", "3001": "/team", "9001": "/status"}.get(number, first)
    assert first not in ("/account", "/signin")


def test_home_of_a_department_manager_is_the_centre(browser: Browser, centre: Centre) -> None:
    """Groups of people are all that they see of coaching."""
    centre.add(
        '[[people]]\nnumber = "7001"\nname = "Oda"\n[[people.functions]]\n'
        'function = "department_manager"\ndepartment = "permits"\nbegins = 2026-01-01\n'
    )
    centre.give_password("7001")
    sign_in(browser, "7001")
    assert browser.get("/").location == "/centre"


@pytest.mark.parametrize(
    ("headers", "summary", "sentence"),
    [
        ({}, "Er klopt iets", "Nummer en wachtwoord horen niet bij elkaar."),
        (ENGLISH, "Something is not right yet", "Number and password do not belong together."),
    ],
)
def test_a_wrong_password_says_so_and_keeps_the_number(
    browser: Browser, headers: dict[str, str], summary: str, sentence: str
) -> None:
    """In a summary and beside the field; the number stays, the password does not."""
    response = sign_in(browser, "1001", "not the right one", headers=headers)
    assert response.status_code == 422
    assert response.text.count(sentence) == 2
    assert summary in response.text or "error-summary" in response.text
    assert 'href="#number"' in response.text
    assert 'value="1001"' in response.text
    assert "not the right one" not in response.text
    assert 'aria-invalid="true"' in response.text


@pytest.mark.rule("SEC-1")
def test_known_and_unknown_numbers_get_the_same_page(browser: Browser) -> None:
    """But for the number typed and the form's token, the pages are the same, also during the wait."""

    def page(number: str) -> tuple[int, str | None, str]:
        response = sign_in(browser, number, "not the right one")
        same = re.sub(r'content="[^"]{40,}"|value="[^"]{40,}"', "", response.text)
        return response.status_code, response.headers.get("Retry-After"), same.replace(number, "#")

    for _ in range(5):
        assert page("1001") == page("8888")
    status, wait, text = page("1001")
    assert (status, wait) == (429, "2")
    assert "Aantal seconden tot je het weer kunt proberen: 2." in text


@pytest.mark.parametrize(
    ("form", "fields"),
    [({"number": "", "password": ""}, ["number", "password"]), ({"number": "  "}, ["number"])],
)
def test_an_empty_field_is_named(browser: Browser, form: dict[str, str], fields: list[str]) -> None:
    """Each missing field in the summary and beside itself."""
    response = sign_in(browser, form=form)
    assert response.status_code == 422
    assert re.findall(r'class="rvo-link" href="#(\w+)"', response.text) == fields


def test_a_form_without_its_token_is_refused(browser: Browser) -> None:
    """Cross-site forms sign nobody in or out."""
    for path in ("/signin", "/signout", "/preferences", "/account/password"):
        response = browser.flask.post(path, data={"number": "1001", "password": PASSWORD})
        assert response.status_code == 400
        assert "Set-Cookie" not in response.headers or "kcc=" not in response.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        ("/calls?page=2", "/calls?page=2"),
        ("/", "/"),
        ("", "home"),
        (None, "home"),
        ("//evil.example", "home"),
        ("/\\evil.example", "home"),
        ("/%09/evil.example", "/%09/evil.example"),
        ("/\t/evil.example", "home"),
        ("https://evil.example", "home"),
        ("javascript:alert(1)", "home"),
        ("calls", "home"),
        ("/a\nSet-Cookie: x=1", "home"),
        ("/a\\b", "home"),
    ],
)
def test_one_goes_on_only_to_a_path_of_this_site(typed: str | None, leads_to: str) -> None:
    """Whatever a browser may read as another site leads home."""
    assert local_path(typed, "home") == leads_to


def test_each_sign_in_has_a_new_secret_and_ends_the_one_before(browser: Browser) -> None:
    """A secret planted or left in the browser is worth nothing afterwards."""
    sign_in(browser)
    first = browser.flask.get_cookie("kcc").value
    sign_in(browser)
    second = browser.flask.get_cookie("kcc").value
    assert first != second
    assert browser.get("/account").status_code == 200
    browser.flask.set_cookie("kcc", first)
    assert browser.get("/account").status_code == 302


def test_the_form_when_signed_in_already_leads_on(browser: Browser) -> None:
    """No second form for whoever is here."""
    sign_in(browser)
    assert browser.get("/signin").location == "/"
    assert browser.get("/signin?next=/account").location == "/account"


@pytest.mark.rule("SEC-1")
def test_a_session_that_ended_says_so_on_the_form(browser: Browser, now: Frozen) -> None:
    """After a quarter of an hour one signs in again and goes on."""
    sign_in(browser)
    now.move(timedelta(minutes=15))
    turned_away = browser.get("/account")
    assert turned_away.status_code == 302
    assert "Je sessie is afgelopen" in browser.get(turned_away.location).text


@pytest.mark.parametrize("everywhere", [False, True])
def test_signing_out_here_or_everywhere(
    browser: Browser, centre: Centre, browser_as: Callable[[str], Browser], *, everywhere: bool
) -> None:
    """The cookie is taken back and the secret is worth nothing; other computers as chosen."""
    elsewhere = browser_as(centre.id("1001"))
    sign_in(browser)
    secret = browser.flask.get_cookie("kcc").value
    response = browser.post("/signout", {"everywhere": "1"} if everywhere else {})
    assert (response.status_code, response.location) == (303, "/signin")
    assert browser.flask.get_cookie("kcc") is None
    assert "Je bent uitgelogd." in browser.get("/signin").text
    browser.flask.set_cookie("kcc", secret)
    assert browser.get("/account").status_code == 302
    assert elsewhere.get("/account").status_code == (302 if everywhere else 200)


def test_signing_out_twice_does_no_harm(browser: Browser) -> None:
    """Whoever is out already lands on the form, too."""
    assert browser.post("/signout").location == "/signin"


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (
            {},
            ["Je functies", "Medewerker", "Team Rood", "1 januari 2026", "deze browser", "geen einde bekend"],
        ),
        (ENGLISH, ["Your functions", "Employee", "Team Rood", "1 January 2026", "this browser"]),
    ],
)
def test_the_account_shows_functions_and_sessions(
    browser: Browser, headers: dict[str, str], words: list[str]
) -> None:
    """Since when one holds what, and where one is signed in, in both languages."""
    with browser._stores.database.write() as session:
        anna = session.scalars(select(Person).where(Person.number == "1001")).one()
        anna.language = "en" if headers else "nl"
    sign_in(browser)
    page = browser.get("/account", headers=headers)
    assert page.status_code == 200
    for word in words:
        assert word in page.text
    assert page.headers["Cache-Control"] == "no-store"


WITH_FIREFOX = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"}


def test_another_browser_of_ones_own_is_named_and_can_be_ended(
    browser: Browser, centre: Centre, browser_as: Callable[[str], Browser]
) -> None:
    """In plain words; it is told there, and somebody else's is not found."""
    sign_in(browser, headers=WITH_FIREFOX)
    page = browser.get("/account")
    assert "Firefox op Windows" in page.text
    assert "Daar uitloggen" not in page.text
    elsewhere, coach = browser_as(centre.id("1001")), browser_as(centre.id("2001"))
    page = browser.get("/account")
    assert "Een browser die kcc niet kent" in page.text
    (address,) = re.findall(r'action="(/account/sessions/[^"]+/end)"', page.text)
    assert coach.post(address).status_code == 404
    assert elsewhere.get("/account").status_code == 200
    for _ in range(2):
        assert browser.post(address).location == "/account"
        assert "Die sessie is beëindigd." in browser.get("/account").text
    assert elsewhere.get("/account").status_code == 302
    assert "beëindigd vanuit een andere browser" in elsewhere.get("/signin").text


@pytest.mark.rule("SEC-1")
def test_a_third_sign_in_tells_both(
    browser: Browser, browser_as: Callable[[str], Browser], centre: Centre, now: Frozen
) -> None:
    """Here that the oldest has ended; there why, at its next page."""
    first = browser_as(centre.id("1001"))
    now.move(timedelta(minutes=1))
    second = browser_as(centre.id("1001"))
    now.move(timedelta(minutes=1))
    sign_in(browser)
    assert "De oudste van die sessies is beëindigd." in browser.get("/account").text
    assert second.get("/account").status_code == 200
    turned_away = first.get("/account")
    assert "in een derde browser hebt ingelogd" in first.get(turned_away.location).text
    assert "De oudste van die sessies" not in browser.get("/account").text


def test_changing_the_password(browser: Browser) -> None:
    """The new one works, the old one no longer."""
    sign_in(browser)
    form = {"current": PASSWORD, "password": "een heel andere zin", "again": "een heel andere zin"}
    response = browser.post("/account/password", form)
    assert (response.status_code, response.location) == (303, "/account")
    assert "Je wachtwoord is gewijzigd" in browser.get("/account").text
    browser.post("/signout")
    assert sign_in(browser).status_code == 422
    assert sign_in(browser, password="een heel andere zin").status_code == 303


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"current": ""}, "current", "Vul je huidige wachtwoord in."),
        ({"current": "not the right one"}, "current", "Dit is niet je huidige wachtwoord."),
        ({"password": ""}, "password", "Vul een nieuw wachtwoord in."),
        ({"again": "iets anders"}, "again", "de twee zijn niet gelijk"),
        ({"password": "kort", "again": "kort"}, "password", "Gebruik minstens 15 tekens"),
        (dict.fromkeys(("password", "again"), "ik ben anna en 40"), "password", "niet je naam"),
    ],
)
def test_a_wrong_change_of_password_is_named(
    browser: Browser, change: dict[str, str], field: str, sentence: str
) -> None:
    """In the summary and beside the field; nothing changes."""
    sign_in(browser)
    form = {"current": PASSWORD, "password": "een heel andere zin", "again": "een heel andere zin"} | change
    response = browser.post("/account/password", form)
    assert response.status_code == 422
    assert response.text.count(sentence) == 2
    assert f'href="#{field}"' in response.text
    browser.post("/signout")
    assert sign_in(browser).status_code == 303


def test_the_strength_is_told_while_one_types(
    browser: Browser, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same judgement as when it is sent; nothing is kept or logged, and not too often."""
    sign_in(browser)
    assert 'data-strength="/account/password/strength"' in browser.get("/account").text
    for password, level, words in (
        ("kort", 1, "Gebruik minstens 15 tekens"),
        ("ik ben anna en 40", 1, "niet je naam"),
        ("mooi Team Rood altijd", 1, "team"),
        ("Welkom2026!Welkom!", 1, "makkelijk te raden"),
        ("ikhouvanvoetbal123", 3, "Dit wachtwoord is goed."),
        ("paraplu-kikker-melkfles", 4, "Dit wachtwoord is sterk."),
        ("", 1, "Gebruik minstens 15 tekens"),
        ("x" * 100_000, 1, "hoogstens 128"),
    ):
        answer = browser.post("/account/password/strength", {"password": password})
        assert (answer.status_code, answer.json["level"]) == (200, level), password
        assert words in answer.json["sentence"]
    monkeypatch.setattr(views, "STRENGTHS_PER_MINUTE", 1)
    statuses = [browser.post("/account/password/strength", {"password": "x"}).status_code for _ in range(2)]
    assert statuses[-1] == 429
    assert "paraplu" not in "".join(capsys.readouterr())
    browser.post("/signout")
    assert browser.post("/account/password/strength", {"password": "x"}).status_code == 401


def test_the_address_of_a_faulty_form_leads_back_to_the_page(browser: Browser) -> None:
    """The own menu's language switch returns to the address of the page, also after a fault."""
    sign_in(browser)
    response = browser.post("/preferences", {"language": "en", "next": "/account/password"})
    assert browser.get(response.location).location == "/account"


def test_the_language_is_kept_by_browser_and_person(browser: Browser, stores: Stores) -> None:
    """Before signing in by the browser; afterwards also by the person, on other computers."""
    response = browser.post("/preferences", {"language": "en", "next": "/signin"})
    assert (response.status_code, response.location) == (303, "/signin")
    assert "Personnel number" in browser.get("/signin").text
    sign_in(browser)
    browser.post("/preferences", {"language": "en", "next": "/account"})
    browser.flask.delete_cookie("language")
    assert "Your functions" in browser.get("/account").text
    with stores.database.read() as session:
        assert session.scalar(select(Person.language).where(Person.number == "1001")) == "en"


def test_the_appearance_is_kept_by_the_browser(browser: Browser) -> None:
    """Light, dark, or as the computer has it."""
    for theme, shown in (("dark", True), ("", False), ("light", True), ("nonsense", False)):
        response = browser.post("/preferences", {"theme": theme, "next": "//evil.example"})
        assert response.location == "/"
        assert (f'data-theme="{theme}"' in browser.get("/signin").text) is shown
        assert ("data-theme=" in browser.get("/signin").text) is shown


def test_an_unknown_language_is_refused(browser: Browser) -> None:
    """kcc speaks two."""
    response = browser.post("/preferences", {"language": "xx"})
    assert response.status_code == 422
    assert "Nederlands en Engels" in response.text


@pytest.mark.rule("ACC-1")
def test_whose_function_ended_is_treated_as_signed_out(browser: Browser, centre: Centre) -> None:
    """At the next request, without a session being ended by anybody."""
    sign_in(browser)
    centre.add(
        '[[people]]\nnumber = "1001"\nname = "Anna de Vries"\n[[people.functions]]\n'
        'function = "employee"\nteam = "red"\ncustomer_calls = true\nbegins = 2026-01-01\nends = 2026-11-03\n'
    )
    turned_away = browser.get("/account")
    assert turned_away.status_code == 302
    assert "Je functies in kcc zijn veranderd." in browser.get(turned_away.location).text


def test_where_single_sign_on_is_off_its_libraries_are_not_needed(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra `sso` its addresses are as any that is not there."""
    for name in list(sys.modules):
        if name.partition(".")[0] in ("authlib", "joserfc", "requests"):
            monkeypatch.setitem(sys.modules, name, None)
    for name in ("issuer", "proof", "signing_in"):
        monkeypatch.delitem(sys.modules, f"kcc.people.sso.{name}", raising=False)
        monkeypatch.delattr(kcc.people.sso, name, raising=False)
    for name in ("authlib", "joserfc", "requests"):
        monkeypatch.setitem(sys.modules, name, None)
    for address in ("/signin/sso", "/signin/sso/back?state=x&code=y", "/signin/sso/out"):
        assert browser.get(address).status_code == 404, address
