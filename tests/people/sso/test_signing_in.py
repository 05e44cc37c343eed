"""Signing in with the organisation's own account: whose it is, what else it opens, and what when it fails."""

import html
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select

from kcc.access.actor import system
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import Invalid, Refused
from kcc.people.model import SigninSession, SsoAccount
from kcc.people.sso import accounts, issuer
from kcc.stores import Stores
from tests.people.centre import PASSWORD, Centre
from tests.people.sso.conftest import ONE_DATABASE, Traveller
from tests.people.sso.forging import Forger

UNKNOWN = "kcc kent dit account niet"


def bound(stores: Stores) -> list[tuple[str, str]]:
    """Whose account is whose."""
    with stores.database.read() as session:
        query = select(SsoAccount.person_id, SsoAccount.subject).order_by(SsoAccount.subject)
        return [(person, subject) for person, subject in session.execute(query)]


def test_one_comes_in_and_goes_on_to_where_one_wanted(
    traveller: Traveller, forger: Forger, stores: Stores
) -> None:
    """From a page behind the door, by the issuer, to that page; without a cookie of the way left behind."""
    assert "Inloggen met Werkplek" in traveller.browser.get("/signin?next=/account").text
    question = traveller.leave("/account?x=1")
    response = traveller.back(state=question["state"], code=forger.grant(question))
    assert (response.status_code, response.location) == (303, "/account?x=1")
    assert "Anna de Vries" in traveller.browser.get("/account").text
    with stores.database.read() as session:
        assert session.scalars(select(SigninSession.way)).all() == ["sso"]


@ONE_DATABASE
def test_one_goes_on_to_no_other_site(traveller: Traveller, forger: Forger) -> None:
    """Whatever the address said; nor to one that is too long to be remembered."""
    for wanted in ("//evil.example", "https://evil.example", "/" + "x" * 5000):
        question = traveller.leave(wanted)
        assert traveller.back(state=question["state"], code=forger.grant(question)).location == "/"


@pytest.mark.rule("ACC-1")
def test_the_subject_counts_whatever_else_changes(
    traveller: Traveller, stores: Stores, centre: Centre
) -> None:
    """Bound at the first sign-in; another e-mail, name or even number later is still the same person."""
    for claims in (
        {"email": "anna@example.org"},
        {"email": "anna.jansen@example.org", "name": "Anna Jansen"},
        {"preferred_username": "2001"},
        {"preferred_username": None},
    ):
        assert traveller.travel(**claims).location == "/"
        assert "1001" in traveller.browser.get("/account").text
    assert bound(stores) == [(centre.id("1001"), "subject-1")]


@pytest.mark.rule("ACC-1")
def test_another_account_with_the_same_number_is_refused(
    traveller: Traveller, stores: Stores, centre: Centre
) -> None:
    """Somebody who was given the number of another there does not become them; it is written down."""
    traveller.travel()
    traveller.browser.post("/signout")
    response = traveller.travel(sub="subject-2")
    assert response.status_code == 403
    assert UNKNOWN in response.text
    assert not traveller.signed_in()
    assert bound(stores) == [(centre.id("1001"), "subject-1")]
    with stores.database.read() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.allowed.is_(False))).one()
    assert (line.actor_id, line.about_id) == ("?", centre.id("1001"))


def test_somebody_unknown_is_told_so(traveller: Traveller, stores: Stores) -> None:
    """A page with what to do, and how to come as somebody else."""
    for number in ("8888", "", None, 1001, "x" * 100, "10\x0001", ["1001"]):
        response = traveller.travel(preferred_username=number)
        assert response.status_code == 403, number
        assert UNKNOWN in response.text
        assert "/signin/sso/out" in response.text
    assert bound(stores) == []


@pytest.mark.rule("ACC-1")
def test_whoever_has_no_function_today_is_unknown(traveller: Traveller, centre: Centre) -> None:
    """Also when the account was bound on a better day."""
    traveller.travel()
    centre.add(
        '[[people]]\nnumber = "1001"\nname = "Anna de Vries"\n[[people.functions]]\n'
        'function = "employee"\nteam = "red"\ncustomer_calls = true\nbegins = 2026-01-01\nends = 2026-01-02\n'
    )
    assert traveller.travel().status_code == 403


def test_an_account_is_bound_and_unbound_by_hand(
    traveller: Traveller, stores: Stores, centre: Centre
) -> None:
    """One account a person, one person an account; after unbinding another can come."""
    here, cli = stores.settings.sso, system("command line")
    with stores.database.write() as session:
        accounts.bind(session, cli, centre.id("2001"), here, "subject-1")
    assert traveller.travel().location == "/"
    assert "2001" in traveller.browser.get("/account").text
    for number, subject in (("2001", "subject-2"), ("1001", "subject-1")):
        with pytest.raises(Refused), stores.database.write() as session:
            accounts.bind(session, cli, centre.id(number), here, subject)
    for subject in ("", "x" * 256, "a\0b"):
        with pytest.raises(Invalid), stores.database.write() as session:
            accounts.bind(session, cli, centre.id("1001"), here, subject)
    with stores.database.write() as session:
        assert [accounts.unbind(session, cli, centre.id("2001")) for _ in range(2)] == [1, 0]
        by_hand = select(AuditLine.about_id).where(AuditLine.actor_id == cli.person_id)
        assert session.scalars(by_hand).all() == [centre.id("2001")] * 3
    assert traveller.travel().location == "/"
    assert "1001" in traveller.browser.get("/account").text


@pytest.mark.parametrize("sso", [{"bind_by_number": False}])
def test_without_binding_by_number_only_hands_bind(
    traveller: Traveller, stores: Stores, sso: dict[str, Any]
) -> None:
    """Where people can change the claim themselves."""
    assert stores.settings.sso.bind_by_number is sso["bind_by_number"]
    assert traveller.travel().status_code == 403
    assert bound(stores) == []


@ONE_DATABASE
@pytest.mark.parametrize("sso", [{"amr": ["mfa", "otp"]}])
def test_amr_may_be_the_second_factor(traveller: Traveller, stores: Stores, sso: dict[str, Any]) -> None:
    """When it names a method that the settings name; nothing else counts for more than a first proof."""
    assert set(stores.settings.sso.amr) == set(sso["amr"])
    for amr, factors in (
        (["pwd", "otp"], ["mfa", "sso"]),
        (["pwd"], ["sso"]),
        (["OTP"], ["sso"]),
        ([7, None], ["sso"]),
        (None, ["sso"]),
    ):
        traveller.travel(amr=amr)
        with stores.database.read() as session:
            query = select(AuditLine).where(AuditLine.action == "signin:start").order_by(AuditLine.id.desc())
            line = session.scalars(query).first()
        assert line is not None
        assert json.loads(str(line.body))["detail"]["factors"] == factors


@ONE_DATABASE
def test_taking_too_long_is_told(traveller: Traveller, forger: Forger, now: Frozen) -> None:
    """Ten minutes at the issuer are enough."""
    question = traveller.leave()
    now.move(timedelta(minutes=10))
    answer = traveller.back(state=question["state"], code=forger.grant(question))
    assert "duurde te lang" in traveller.told(answer)


@ONE_DATABASE
def test_what_the_issuer_does_not_give_is_told(traveller: Traveller) -> None:
    """Somebody pressed cancel there, or may not use kcc."""
    question = traveller.leave()
    answer = traveller.back(state=question["state"], error="access_denied", error_description="<b>no</b>")
    told = traveller.told(answer)
    assert "liet je niet door" in told
    assert "<b>no" not in told


@ONE_DATABASE
@pytest.mark.parametrize("failing", ["/.well-known/openid-configuration", "all"])
def test_a_failing_issuer_is_told_and_passwords_remain(
    traveller: Traveller, forger: Forger, centre: Centre, failing: str
) -> None:
    """At the way there; and it is not asked again at once by everybody."""
    forger.failing = failing
    asked = len(forger.asked)
    for _ in range(3):
        assert "geeft geen antwoord" in traveller.told(traveller.browser.get("/signin/sso"))
    assert len(forger.asked) == asked + 1
    centre.give_password("1001")
    traveller.browser.post("/signin", {"number": "1001", "password": PASSWORD})
    assert traveller.signed_in()


@ONE_DATABASE
@pytest.mark.parametrize("failing", ["/token", "/keys"])
def test_an_issuer_that_fails_on_the_way_back_is_told(
    traveller: Traveller, forger: Forger, failing: str
) -> None:
    """The sign-in is spent, and can be begun anew."""
    question = traveller.leave()
    forger.failing = failing
    answer = traveller.back(state=question["state"], code=forger.grant(question))
    assert "geeft geen antwoord" in traveller.told(answer)


@ONE_DATABASE
@pytest.mark.parametrize("sso", [{"timeout_seconds": 1}])
def test_a_slow_issuer_is_told(
    traveller: Traveller, forger: Forger, stores: Stores, sso: dict[str, Any]
) -> None:
    """As one that does not answer at all."""
    assert stores.settings.sso.timeout_seconds == sso["timeout_seconds"]
    forger.failing = "slow"
    assert "geeft geen antwoord" in traveller.told(traveller.browser.get("/signin/sso"))
    forger.slow.set()
    forger.slow.clear()


@ONE_DATABASE
def test_an_issuer_that_describes_itself_oddly_is_not_used(
    traveller: Traveller, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another's name, or doors without TLS."""
    monkeypatch.setattr(issuer, "FAILED_FOR", 0.0)
    for description in (
        {"issuer": "https://sso.example"},
        {"token_endpoint": "http://sso.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ):
        forger.description = description
        assert "geeft geen antwoord" in traveller.told(traveller.browser.get("/signin/sso")), description


@ONE_DATABASE
def test_a_new_key_of_the_issuer_is_fetched(
    traveller: Traveller, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It renews its keys now and then; but a token with a key of nobody does not make us ask each time."""
    assert traveller.travel().location == "/"
    monkeypatch.setattr(issuer, "KEYS_AT_MOST_EVERY", 0.0)
    monkeypatch.setattr(forger, "key", RSAKey.generate_key(2048, auto_kid=True))
    assert traveller.travel().location == "/"
    monkeypatch.setattr(issuer, "KEYS_AT_MOST_EVERY", 30.0)
    asked = forger.asked.count("/keys")
    forger.forge = lambda claims: forger.signed(claims, kid="of nobody")
    for _ in range(3):
        traveller.travel()
    assert forger.asked.count("/keys") == asked


@ONE_DATABASE
def test_signing_out_offers_to_sign_out_there_too(traveller: Traveller, forger: Forger) -> None:
    """Else the next at this computer comes in with a single press."""
    traveller.travel()
    signed_out = traveller.browser.post("/signout")
    assert signed_out.location == "/signin?left=sso"
    assert "Ook daar uitloggen" in traveller.browser.get(signed_out.location).text
    assert traveller.browser.get("/signin/sso/out").location.startswith(f"{forger.url}/out?client_id=kcc&")


@ONE_DATABASE
@pytest.mark.rule("SEC-1")
def test_whoever_is_asked_again_signs_in_again_there(
    traveller: Traveller, forger: Forger, stores: Stores, now: Frozen
) -> None:
    """The issuer is told to ask, and a sign-in of before the question is refused."""
    moment = int(now.at.timestamp())
    assert traveller.travel(auth_time=moment - 7200).location == "/"
    for said, wanted, let_in in (
        ({"auth_time": moment - 62}, "/account", False),
        ({"auth_time": "yesterday"}, "/account", False),
        ({"auth_time": moment - 30}, "/account", True),
        ({}, "/status/clock", True),  # it does not say; nor is that a page
    ):
        if not traveller.signed_in():
            traveller.travel()
        anew = traveller.browser.post("/signin/anew", {"next": wanted})
        onward = "&next=/account" if wanted == "/account" else ""
        assert anew.location == f"/signin?again=1{onward}"
        assert not traveller.signed_in()
        link = f"/signin/sso?again=1{onward}"
        assert f'href="{html.escape(link)}"' in traveller.browser.get(anew.location).text
        question = dict(parse_qsl(urlsplit(traveller.browser.get(link).location).query))
        assert (question["prompt"], question["max_age"]) == ("login", "0")
        back = traveller.back(state=question["state"], code=forger.grant(question, **said))
        assert traveller.signed_in() is let_in, said
        assert back.location == ((wanted if onward else "/") if let_in else "/signin?again=1")
    assert "prompt" not in traveller.leave()
    with stores.database.read() as session:
        refused = select(AuditLine.id).where(AuditLine.action == "signin:start", AuditLine.allowed.is_(False))
        assert len(session.scalars(refused).all()) == 2
