"""What an issuer, or somebody who plays one, may try: nobody comes in by it, and each is told in words."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select

from kcc.audit.model import AuditLine
from kcc.people.model import SsoAccount
from kcc.stores import Stores
from tests.people.sso.conftest import ONE_DATABASE, Traveller
from tests.people.sso.forging import Forger

NOT_TRUSTED = "kcc vertrouwt het antwoord"
OTHERS = RSAKey.generate_key(2048, auto_kid=True)
Claims = dict[str, Any]
Changed = Callable[[Claims], Claims]

CLAIMS: dict[str, Changed] = {
    "the nonce of another sign-in": lambda _: {"nonce": "x" * 43},
    "no nonce": lambda _: {"nonce": None},
    "another issuer": lambda _: {"iss": "https://sso.example"},
    "no issuer": lambda _: {"iss": None},
    "for somebody else": lambda _: {"aud": "another"},
    "for somebody else, too, and acquired by them": lambda _: {"aud": ["kcc", "another"], "azp": "another"},
    "for several, and nobody named": lambda _: {"aud": ["another", "kcc"]},
    "for nobody": lambda _: {"aud": None},
    "expired": lambda now: {"iat": now["at"] - 900, "exp": now["at"] - 120},
    "without an end": lambda _: {"exp": None},
    "with an end that is no number": lambda _: {"exp": "tomorrow"},
    "of tomorrow": lambda now: {"iat": now["at"] + 86_400, "exp": now["at"] + 90_000},
    "not valid yet": lambda now: {"nbf": now["at"] + 3600},
    "of nobody": lambda _: {"sub": None},
    "of an empty subject": lambda _: {"sub": ""},
    "of a number": lambda _: {"sub": 7},
    "of an endless subject": lambda _: {"sub": "x" * 256},
    "of another access token": lambda _: {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}
TOKENS: dict[str, Callable[[Forger], Callable[[Claims], Any]]] = {
    "alg=none": lambda forger: forger.unsigned,
    "alg=none, as it was signed": lambda forger: (
        lambda c: forger.unsigned(c) + forger.signed(c).split(".")[2]
    ),
    "HS256 with the public key": lambda forger: forger.with_public_key,
    "another's key": lambda forger: lambda c: forger.signed(c, OTHERS),
    "another's key under its own name": lambda forger: lambda c: forger.signed(c, OTHERS, kid=OTHERS.kid),
    "a key that it brings along": lambda forger: (
        lambda c: forger.signed(c, OTHERS, kid=OTHERS.kid, jwk=OTHERS.as_dict(private=False))
    ),
    "the signature of another token": lambda forger: (
        lambda c: forger.signed(c).rsplit(".", 1)[0] + "." + forger.signed({**c, "x": 1}).rsplit(".", 1)[1]
    ),
    "no signature": lambda forger: lambda c: forger.signed(c).rsplit(".", 1)[0] + ".",
    "no token": lambda _: lambda _: None,
    "nonsense": lambda _: lambda _: "a.b.c",
    "a list": lambda _: lambda _: ["x"],
}


@ONE_DATABASE
@pytest.mark.rule("SEC-1")
def test_no_forged_token_lets_anybody_in(traveller: Traveller, forger: Forger, stores: Stores) -> None:
    """Each is refused with the same sentence, written down, and binds nobody; then an honest one works."""
    let_in = []
    for name, change in CLAIMS.items():
        response = traveller.travel(**change({"at": int(time.time())}))
        if NOT_TRUSTED not in traveller.told(response):
            let_in.append(name)
    for name, forge in TOKENS.items():
        forger.forge = forge(forger)
        if NOT_TRUSTED not in traveller.told(traveller.travel()):
            let_in.append(name)
    assert let_in == []
    with stores.database.read() as session:
        assert session.scalars(select(SsoAccount)).all() == []
        lines = session.execute(
            select(AuditLine.allowed, AuditLine.actor_id).where(AuditLine.action == "signin:start")
        ).all()
    assert lines == [(False, "?")] * (len(CLAIMS) + len(TOKENS))
    forger.forge = None
    assert traveller.travel(aud=["kcc", "another"], azp="kcc").location == "/"
    assert traveller.signed_in()


@pytest.mark.rule("SEC-1")
def test_an_answer_not_asked_for_is_not_looked_at(traveller: Traveller, forger: Forger) -> None:
    """No state, another's, a used one: the code is not even tried."""
    question = traveller.leave()
    code = forger.grant(question)
    asked = len(forger.asked)
    for answer in ({"code": code}, {"code": code, "state": ""}, {"code": code, "state": "x" * 43}):
        assert "niet in deze browser begonnen" in traveller.told(traveller.back(**answer))
    assert len(forger.asked) == asked
    assert traveller.back(state=question["state"], code=code).location == "/"
    assert traveller.signed_in()


@pytest.mark.rule("SEC-1")
def test_an_answer_counts_once_also_with_the_cookie_of_before(traveller: Traveller, forger: Forger) -> None:
    """Whoever puts the browser's cookie back, and has a fresh code, comes no further."""
    question = traveller.leave()
    cookie = traveller.browser.flask.get_cookie("kcc_form").value
    assert traveller.back(state=question["state"], code=forger.grant(question)).location == "/"
    traveller.browser.post("/signout")
    traveller.browser.flask.set_cookie("kcc_form", cookie)
    again = traveller.back(state=question["state"], code=forger.grant(question))
    assert "niet in deze browser begonnen" in traveller.told(again)


@pytest.mark.rule("SEC-1")
def test_a_code_is_good_once_and_for_its_own_sign_in_alone(traveller: Traveller, forger: Forger) -> None:
    """A code used already, or stolen from another's browser, whose verifier this one does not have."""
    question = traveller.leave()
    code = forger.grant(question)
    assert traveller.back(state=question["state"], code=code).location == "/"
    traveller.browser.post("/signout")
    question = traveller.leave()
    assert "niet meer geldig" in traveller.told(traveller.back(state=question["state"], code=code))
    stolen = forger.grant(
        {**traveller.leave(), "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}
    )
    question = traveller.leave()
    assert "niet meer geldig" in traveller.told(traveller.back(state=question["state"], code=stolen))
    question = traveller.leave()
    assert "niet meer geldig" in traveller.told(traveller.back(state=question["state"]))


@ONE_DATABASE
def test_another_issuers_answer_is_not_taken(traveller: Traveller, forger: Forger) -> None:
    """RFC 9207: its code would otherwise be shown to ours."""
    question = traveller.leave()
    code = forger.grant(question)
    answer = traveller.back(state=question["state"], code=code, iss="https://evil.example")
    assert NOT_TRUSTED in traveller.told(answer)
    assert code in forger.granted


@ONE_DATABASE
def test_the_question_is_as_the_standard_has_it(traveller: Traveller) -> None:
    """PKCE with S256, and secrets that are new each time."""
    one, other = traveller.leave(), traveller.leave()
    assert one["response_type"] == "code"
    assert one["code_challenge_method"] == "S256"
    assert one["scope"] == "openid profile"
    assert one["redirect_uri"].endswith("/signin/sso/back")
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name]) == 43
        assert one[name] != other[name]


@ONE_DATABASE
def test_three_windows_at_once_do_not_disturb_each_other(traveller: Traveller, forger: Forger) -> None:
    """A fourth makes the first too old."""
    questions = [traveller.leave() for _ in range(4)]
    first = traveller.back(state=questions[0]["state"], code=forger.grant(questions[0]))
    assert "niet in deze browser begonnen" in traveller.told(first)
    second = traveller.back(state=questions[1]["state"], code=forger.grant(questions[1]))
    assert second.location == "/"
