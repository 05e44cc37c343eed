"""The pages of listening together: opening, joining with a second factor, sitting beside each other, and what
is told to whoever may not.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kcc import clock
from kcc.clock import Frozen
from kcc.people.factors import apps
from kcc.people.factors.model import AuthenticatorApp
from kcc.people.factors.sealing import seal
from kcc.stores import Stores
from kcc.threat.joint_listening import queries
from kcc.threat.joint_listening.model import JointPresence
from tests.centre import Centre
from tests.conftest import Client
from tests.threat.joint_listening.conftest import ACCOUNT

As = Callable[[str], Client]
SECRET = b"0123456789abcdefghij"


def text(page: str) -> str:
    """The words of a page, on one line."""
    return " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", page, flags=re.S).split())


@pytest.fixture
def session_url(centre: Centre, browser_as: As, call: str) -> str:
    """The session that anna opened about her call."""
    answer = browser_as(centre.anna).post(f"/calls/{call}/together")
    assert answer.status_code == 303
    return answer.location


def with_app(stores: Stores, person_id: str) -> None:
    """Somebody has an authenticator app."""
    with stores.database.write() as session:
        app = AuthenticatorApp(person_id=person_id, name="Telefoon", last_step=0, created_at=clock.now())
        app.secret = seal(stores.settings.signin, "totp", person_id, SECRET)
        session.add(app)


def code() -> str:
    """What that app shows now."""
    return apps.current_code(apps._text(SECRET))[0]


@pytest.mark.rule("THR-2")
@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "nl",
            (
                "Samen luisteren",
                "Alleen jij kunt dat openen",
                "hoogstens 60 minuten",
                "met een tweede factor",
            ),
        ),
        ("en", ("Listen together", "Only you can open that", "60 minutes at most", "with a second factor")),
    ],
)
def test_the_page_first_says_what_it_is(
    centre: Centre, browser_as: As, call: str, language: str, sentences: tuple[str, ...]
) -> None:
    anna = browser_as(centre.anna)
    anna.flask.set_cookie("language", language)
    page = text(anna.get(f"/calls/{call}/together").text)
    for sentence in sentences:
        assert sentence in page


@pytest.mark.rule("THR-2", "SEC-1")
def test_the_team_lead_joins_only_after_proving_again_who_they_are(
    centre: Centre, browser_as: As, session_url: str, now: Frozen
) -> None:
    """A session of six minutes old is asked again; a fresh one joins, and the page shows both."""
    lead = browser_as(centre.lead)
    now.move(timedelta(minutes=6))
    assert lead.post(f"{session_url}/join").status_code == 403
    lead = browser_as(centre.lead)
    assert "Anna Jansen, sinds 09:00" in text(lead.get("/team").text)
    before = lead.get(session_url)
    assert "Doe mee" in before.text
    assert "data-player" not in before.text
    assert lead.post(f"{session_url}/join").status_code == 303
    assert "data-player" in lead.get(session_url).text


@pytest.mark.rule("THR-2", "ACC-3")
def test_what_was_reported_is_reviewed_together(
    centre: Centre, browser_as: As, session_url: str, now: Frozen
) -> None:
    """By the team lead once they joined and as long as both are there; by the employee always."""
    anna, lead = browser_as(centre.anna), browser_as(centre.lead)
    assert ACCOUNT in anna.get(session_url).text
    assert ACCOUNT not in lead.get(session_url).text
    assert lead.post(f"{session_url}/join").status_code == 303
    assert ACCOUNT in lead.get(session_url).text
    now.move(timedelta(seconds=59))
    lead.post(f"{session_url}/here", json={"listening": False})
    now.move(timedelta(seconds=2))
    assert ACCOUNT not in lead.get(session_url).text, "anna has given no sign for a minute"
    anna.post(f"{session_url}/here", json={"listening": False})
    assert ACCOUNT in lead.get(session_url).text
    anna.post(f"{session_url}/end")
    assert ACCOUNT not in lead.get(session_url).text


@pytest.mark.rule("THR-2", "ACC-3", "THR-3")
def test_a_copied_link_opens_nothing(centre: Centre, browser_as: As, session_url: str) -> None:
    for who in ("other_lead", "coach", "bob", "carla", "manager", "administrator"):
        stranger = browser_as(getattr(centre, who))
        assert stranger.get(session_url).status_code == 404, who
        for door in ("join", "beside", "apart", "end", "here", "steer", "mark", "listen", "leave"):
            answer = stranger.post(f"{session_url}/{door}", json={"listening": True})
            assert answer.status_code == 404, (who, door)


@pytest.mark.rule("THR-2", "SEC-1")
def test_side_by_side_the_team_lead_proves_it_at_the_employees_screen(
    stores: Stores, centre: Centre, browser_as: As, session_url: str, now: Frozen
) -> None:
    """Number and code, once; both are then at one browser, whose sound opens, for a quarter of an hour."""
    with_app(stores, centre.lead)
    anna = browser_as(centre.anna)
    anna.get(session_url)
    shown = code()
    typed = {"number": "lead", "code": shown}
    assert anna.post(f"{session_url}/beside", typed).status_code == 303
    assert "Lead Jansen zit naast je, tot 09:15" in text(anna.get(session_url).text)
    assert anna.post(f"{session_url}/listen", headers={"Accept": "application/json"}).status_code == 303
    state = anna.post(f"{session_url}/here", json={"listening": True}).json
    assert state is not None
    assert (state["both"], state["other_listens"]) == (True, True)
    again = anna.post(f"{session_url}/beside", typed)
    assert again.status_code == 422, "a code counts once"
    for _ in range(15):
        now.move(timedelta(seconds=59))
        anna.post(f"{session_url}/here", json={"listening": True})
        anna.get("/account")
    now.move(timedelta(seconds=15))
    state = anna.post(f"{session_url}/here", json={"listening": True}).json
    assert state is not None
    assert not state["both"]
    assert anna.post(f"{session_url}/listen").status_code == 409


@pytest.mark.rule("THR-2", "SEC-1")
def test_guessing_at_the_employees_screen_is_slowed_down(
    stores: Stores, centre: Centre, browser_as: As, session_url: str
) -> None:
    """Wrong codes, numbers of nobody: the same words, and soon the same wait, for known and unknown alike."""
    with_app(stores, centre.lead)
    anna = browser_as(centre.anna)
    for number in ("lead", "nobody-has-this"):
        answers = [anna.post(f"{session_url}/beside", {"number": number, "code": "000000"}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [422, 422, 422, 429], number
        assert "Deze code klopt niet" in answers[0].text
    with stores.database.read() as session:
        joint_id = session_url.rsplit("/", 1)[1]
        assert queries.by_id(session, joint_id).lead_id is None


@pytest.mark.rule("THR-2")
def test_nobody_else_sits_beside(stores: Stores, centre: Centre, browser_as: As, session_url: str) -> None:
    """Another team's lead and the employee themself prove who they are, and are not let in."""
    anna = browser_as(centre.anna)
    for who in ("other_lead", "anna"):
        with_app(stores, getattr(centre, who))
        answer = anna.post(f"{session_url}/beside", {"number": who, "code": code()})
        assert answer.status_code == 404, who
    with stores.database.read() as session:
        assert list(session.scalars(select(JointPresence.person_id))) == [centre.anna]


def test_what_is_missing_stands_beside_its_field(centre: Centre, browser_as: As, session_url: str) -> None:
    anna = browser_as(centre.anna)
    answer = anna.post(f"{session_url}/beside", {"number": "lead", "code": ""})
    assert answer.status_code == 422
    assert 'id="code-error"' in answer.text
    assert 'value="lead"' in answer.text
    assert 'id="number-error"' in anna.post(f"{session_url}/beside", {"number": " ", "code": "1"}).text


def test_nonsense_is_refused(centre: Centre, browser_as: As, session_url: str) -> None:
    anna = browser_as(centre.anna)
    for sent in (
        None,
        [],
        {"revision": "1"},
        {"revision": True, "place_ms": 1},
        {"revision": 0, "place_ms": -1},
    ):
        assert anna.post(f"{session_url}/steer", json=sent).status_code == 422, sent
    assert anna.post(f"{session_url}/mark", json={"place_ms": 10**12}).status_code == 422


@pytest.mark.rule("SEC-1")
def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(
    centre: Centre, browser_as: As, session_url: str, now: Frozen
) -> None:
    """Signs of a browser left alone: after a quarter of an hour its session is over, as any other's."""
    anna = browser_as(centre.anna)
    headers = {"X-CSRFToken": anna.token()}
    for _ in range(14):
        now.move(timedelta(minutes=1))
        assert anna.flask.post(f"{session_url}/here", json={}, headers=headers).status_code == 200
    now.move(timedelta(minutes=1))
    assert anna.flask.post(f"{session_url}/here", json={}, headers=headers).status_code == 401
    assert anna.get("/calls").status_code == 302


@pytest.mark.rule("THR-2")
def test_either_ends_it_and_the_page_says_so(centre: Centre, browser_as: As, session_url: str) -> None:
    lead, anna = browser_as(centre.lead), browser_as(centre.anna)
    lead.post(f"{session_url}/join")
    assert lead.post(f"{session_url}/end").status_code == 303
    page = anna.get(session_url).text
    assert "Een van jullie heeft de sessie beëindigd." in page
    assert "Open een nieuwe sessie" in page
    state = anna.post(f"{session_url}/here", json={}).json
    assert state is not None
    assert state["over"] == "Een van jullie heeft de sessie beëindigd."
    assert anna.post(f"{session_url}/steer", json={"revision": 0, "place_ms": 0}).status_code == 404


def test_without_script_it_says_what_works(
    app: Flask, centre: Centre, browser_as: As, session_url: str
) -> None:
    assert "joint" in app.blueprints
    page = browser_as(centre.anna).get(session_url).text
    (said,) = re.findall(r"<noscript>(.*?)</noscript>", page, re.S)
    assert "Geluid voor twee heeft JavaScript nodig" in text(said)
