"""Passkeys: right ones open by themselves; wrong, late, borrowed, copied or replayed answers open nothing."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from kcc.clock import Frozen
from kcc.errors import Invalid
from kcc.people.factors import passkeys, queries
from kcc.people.factors.model import Passkey, PasskeyChallenge
from kcc.people.factors.passkeys import PasskeyRefused, Site
from kcc.stores import Stores
from tests.conftest import Client
from tests.people.centre import Centre

from .authenticator import ORIGIN, PRESENT, VERIFIED, Authenticator
from .browsing import codes_on, give_password
from .hands import actor, told

SITE = Site("localhost", ORIGIN)
SESSION = "a" * 32


@pytest.fixture
def anna(centre: Centre) -> str:
    return centre.id("1001")


@pytest.fixture
def key(stores: Stores, anna: str) -> Authenticator:
    """A passkey of Anna's."""
    return added(stores, anna, Authenticator())


def added(stores: Stores, person_id: str, device: Authenticator, name: str = "Laptop") -> Authenticator:
    answer = device.create(creation(stores, person_id))
    passkeys.add(stores, SITE, actor(stores, person_id), answer, name, SESSION)
    return device


def creation(stores: Stores, person_id: str, bound_to: str = SESSION) -> str:
    with stores.database.write() as session:
        return passkeys.creation(session, SITE, actor(stores, person_id), bound_to)


def asking(stores: Stores, bound_to: str = "") -> str:
    with stores.database.write() as session:
        return passkeys.asking(session, SITE, bound_to)


@pytest.mark.rule("SEC-1")
def test_what_the_browser_is_asked(stores: Stores, anna: str, key: Authenticator) -> None:
    """Discoverable, verified, no attestation, not the same device twice, and no name in the handle."""
    options = json.loads(creation(stores, anna))
    selection = options["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    assert options["attestation"] == "none"
    assert len(options["excludeCredentials"]) == 1
    assert key.user.hex() == anna
    asked = json.loads(asking(stores))
    assert (asked["userVerification"], asked["allowCredentials"]) == ("required", [])


@pytest.mark.rule("SEC-1")
def test_it_opens_by_itself_again_and_again(stores: Stores, anna: str, key: Authenticator) -> None:
    """Each time with a challenge of its own."""
    for _ in range(2):
        assert passkeys.prove(stores, SITE, key.get(asking(stores))).person_id == anna
    with stores.database.read() as session:
        (kept,) = session.scalars(select(Passkey))
        assert (kept.sign_count, kept.name) == (2, "Laptop")
        assert session.scalar(select(func.count()).select_from(PasskeyChallenge)) == 0


Wrong = Callable[[Authenticator, str], str]
WRONG: dict[str, Wrong] = {
    "another site": lambda key, asked: key.get(asked, origin="https://evil.example"),
    "another port": lambda key, asked: key.get(asked, origin="http://localhost:81"),
    "another name": lambda key, asked: key.get(asked, site="evil.example"),
    "nobody verified": lambda key, asked: key.get(asked, flags=PRESENT),
    "nobody there": lambda key, asked: key.get(asked, flags=VERIFIED),
    "another person": lambda key, asked: key.get(asked, user=b"x" * 16),
    "no person": lambda key, asked: key.get(asked, user=b""),
    "a challenge of its own": lambda key, asked: key.get(
        json.dumps({**json.loads(asked), "challenge": "eA"})
    ),
    "another key": lambda _, asked: Authenticator().get(asked),
    "a signature of something else": lambda key, asked: key.get(asked).replace(
        '"signature": "M', '"signature": "N'
    ),
    "nonsense": lambda *_: "nonsense",
    "nothing": lambda *_: "",
    "a list": lambda *_: "[]",
    "no answer": lambda *_: '{"id": "eA", "rawId": "eA", "type": "public-key"}',
    "text that is no text": lambda *_: '{"id": "\\ud800"}',
}


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_answer_opens_nothing_and_is_told(stores: Stores, key: Authenticator, wrong: str) -> None:
    """Also when the same challenge is then answered rightly: it has been used."""
    asked = asking(stores)
    answer = WRONG[wrong](key, asked)
    with pytest.raises(PasskeyRefused):
        passkeys.prove(stores, SITE, answer)
    last = told(stores)[-1]
    assert (last["action"], last["allowed"], last["rule"]) == ("signin:start", False, "SEC-1")
    if json.loads(asked)["challenge"] in answer:
        with pytest.raises(PasskeyRefused):
            passkeys.prove(stores, SITE, key.get(asked))


@pytest.mark.rule("SEC-1")
def test_an_answer_works_once_also_at_once(stores: Stores, anna: str, key: Authenticator) -> None:
    answer = key.get(asking(stores))

    def tried(_: int) -> str:
        try:
            return passkeys.prove(stores, SITE, answer).person_id
        except PasskeyRefused:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(tried, range(4))) == sorted([anna, *["refused"] * 3])


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("count", [0, 6, 7])
def test_a_counter_that_does_not_go_on_is_refused(stores: Stores, key: Authenticator, count: int) -> None:
    """It is a copy, or the original of which a copy was used."""
    key.count = 6
    passkeys.prove(stores, SITE, key.get(asking(stores)))
    key.count = count - 1 if count else -1
    with pytest.raises(PasskeyRefused):
        passkeys.prove(stores, SITE, key.get(asking(stores)))


def test_a_passkey_that_does_not_count_works(stores: Stores, anna: str, key: Authenticator) -> None:
    """Those that are kept by a provider on several devices do not."""
    for _ in range(2):
        key.count = -1
        assert passkeys.prove(stores, SITE, key.get(asking(stores))).person_id == anna


@pytest.mark.rule("SEC-1")
def test_a_challenge_is_its_session_s_its_purpose_s_and_ends(
    stores: Stores, key: Authenticator, anna: str, now: Frozen
) -> None:
    for bound_to, elsewhere in (("", SESSION), (SESSION, ""), (SESSION, "b" * 32)):
        with pytest.raises(PasskeyRefused):
            passkeys.prove(stores, SITE, key.get(asking(stores, bound_to)), elsewhere)
    of_creating = json.loads(creation(stores, anna))["challenge"]
    asked = json.dumps({"challenge": of_creating, "rpId": "localhost"})
    with pytest.raises(PasskeyRefused):
        passkeys.prove(stores, SITE, key.get(asked), SESSION)
    late = asking(stores)
    now.move(timedelta(minutes=5))
    with pytest.raises(PasskeyRefused):
        passkeys.prove(stores, SITE, key.get(late))
    asking(stores)
    with stores.database.read() as session:
        assert session.scalar(select(func.count()).select_from(PasskeyChallenge)) == 1


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("how", [{"flags": PRESENT}, {"origin": "https://evil.example"}])
def test_a_wrong_creation_adds_nothing(stores: Stores, anna: str, how: dict[str, object]) -> None:
    answer = Authenticator().create(creation(stores, anna), **how)  # type: ignore[arg-type]
    with pytest.raises(PasskeyRefused):
        passkeys.add(stores, SITE, actor(stores, anna), answer, "Laptop", SESSION)
    with stores.database.read() as session:
        assert queries.held(session, anna) == []


def test_the_same_device_twice_or_another_s_is_refused(
    stores: Stores, anna: str, key: Authenticator, centre: Centre
) -> None:
    """A credential is one person's, whatever a browser says; a second device needs a name of its own."""
    for person_id in (anna, centre.id("2001")):
        with pytest.raises(PasskeyRefused):
            added(stores, person_id, key, "Tablet")
    with pytest.raises(Invalid):
        added(stores, anna, Authenticator(), "LAPTOP")
    added(stores, anna, Authenticator(), "Tablet")
    with stores.database.read() as session:
        assert {one.name for one in queries.held(session, anna)} == {"Laptop", "Tablet"}


@pytest.mark.rule("ACC-1")
def test_whose_function_ended_comes_in_no_more(stores: Stores, key: Authenticator, centre: Centre) -> None:
    centre.add(
        '[[people]]\nnumber = "1001"\nname = "Anna de Vries"\n[[people.functions]]\n'
        'function = "employee"\nteam = "red"\ncustomer_calls = true\nbegins = 2026-01-01\nends = 2026-11-03\n'
    )
    with pytest.raises(PasskeyRefused):
        passkeys.prove(stores, SITE, key.get(asking(stores)))


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://kcc.example", Site("kcc.example", "https://kcc.example")),
        ("https://KCC.example:443", Site("kcc.example", "https://kcc.example")),
        ("https://kcc.example:8443", Site("kcc.example", "https://kcc.example:8443")),
        ("http://localhost:8000", Site("localhost", "http://localhost:8000")),
        ("http://127.0.0.1:8000", None),
        ("https://[::1]", None),
    ],
)
def test_the_site_is_the_public_address(address: str, site: Site | None) -> None:
    assert Site.of(address) == site


def test_over_the_pages_a_passkey_is_the_first_factor_and_then_the_only_one(
    client: Client, stores: Stores, anna: str
) -> None:
    """Enrolling with it shows recovery codes; then it opens without a password, on to where one wanted."""
    key = Authenticator()
    assert anna
    assert give_password(client).location == "/signin/enrol"
    answer = key.create(client.post("/signin/enrol/options").text)
    shown = client.post("/signin/enrol", {"credential": answer, "name": "Laptop"})
    assert len(codes_on(shown.text)) == 10
    client.post("/signout")
    answer = key.get(client.post("/signin/passkey/options").text)
    entered = client.post("/signin/passkey", {"credential": answer, "next": "/account"})
    assert (entered.status_code, entered.location) == (303, "/account")
    assert "Anna de Vries" in client.get("/account").text
    assert told(stores)[-1]["detail"] == {"factors": ["passkey"]}
    client.post("/signout")
    again = client.post("/signin/passkey", {"credential": answer})
    assert again.location == "/signin"
    assert "Deze passkey werkte hier niet." in client.get("/signin").text


@pytest.mark.rule("SEC-1")
def test_stepping_up_takes_the_same_person_s_passkey_alone(
    client: Client, stores: Stores, centre: Centre, key: Authenticator, now: Frozen
) -> None:
    """A colleague's does not prove that it is still you."""
    client.sign_in(centre.id("9001"))
    added(stores, centre.id("9001"), mine := Authenticator())
    now.move(timedelta(minutes=6))
    for device, status in ((key, 422), (mine, 303)):
        answer = device.get(client.post("/signin/again/options").text)
        done = client.post("/signin/again", {"credential": answer, "next": "/lines/new"})
        assert done.status_code == status
    assert client.get("/lines/new").status_code == 200
