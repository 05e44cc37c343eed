"""Reporting a threat over HTTP, and what a team lead learns of it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from kcc import clock
from kcc.access.actor import Function
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.people.model import FunctionPeriod, Team
from kcc.recordings import queries as recordings
from kcc.recordings.model import Hold, Recording
from kcc.stores import Stores
from kcc.threat import incidents
from kcc.threat import queries as threat
from kcc.threat.model import Incident
from kcc.threat.rules import KINDS
from tests.centre import BEGAN, Centre
from tests.conftest import Client

As = Callable[[str], Client]
ACCOUNT = "Hij zei dat hij weet waar ik woon."


def only(stores: Stores, employee_id: str) -> Recording:
    """The one recording of an employee."""
    with stores.database.read() as session:
        return session.scalars(select(Recording).where(Recording.employee_id == employee_id)).one()


def text(page: str) -> str:
    """The words of a page, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def count(stores: Stores, model: type[Hold] | type[Incident]) -> int:
    """How many rows there are."""
    with stores.database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def url(stores: Stores, centre: Centre) -> str:
    """Where anna reports her one call, of today at 08:00."""
    centre.call()
    return f"/calls/{only(stores, centre.anna).id}/threat"


@pytest.mark.rule("THR-1")
@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "nl",
            (
                "6 maanden bewaard in plaats van 28 dagen, tot maandag 3 mei 2027",
                "verdwijnt meteen uit elke steekproef",
                "Je coach kan het niet meer openen",
                "Je leidinggevende hoort dat je een gesprek hebt gemeld",
            ),
        ),
        (
            "en",
            (
                "kept for 6 months instead of 28 days, until Monday 3 May 2027",
                "leaves every sample at once",
                "Your coach can no longer open it",
                "Your team lead learns that you reported a call",
            ),
        ),
    ],
)
def test_the_form_first_says_what_reporting_means(
    centre: Centre, browser_as: As, url: str, language: str, sentences: tuple[str, ...]
) -> None:
    anna = browser_as(centre.anna)
    anna.flask.set_cookie("language", language)
    page = text(anna.get(url).text)
    for sentence in sentences:
        assert sentence in page


@pytest.mark.rule("RET-2", "THR-1", "SAM-6")
def test_a_reported_call_is_kept_six_months_and_says_so(
    stores: Stores, centre: Centre, browser_as: As, url: str, now: Frozen
) -> None:
    anna = browser_as(centre.anna)
    now.move(timedelta(minutes=5))
    answer = anna.post(url, {"kind": "threat", "account": ACCOUNT})
    assert answer.status_code == 303
    page = text(anna.get(answer.location).text)
    assert "Je hebt dit gesprek gemeld. Het blijft bewaard" in page
    assert "Wordt gewist op maandag 3 mei 2027, 08:00" in page
    assert "Gemeld als bedreiging di 3 nov, 09:05" in page
    assert "bewaard tot maandag 3 mei 2027" in page
    assert "bedreiging gemeld" in text(anna.get("/calls").text)
    recording = only(stores, centre.anna)
    assert recording.sample_barred
    # Two months on it is still there to be heard; at its new deadline it is not.
    now.move(timedelta(days=60))
    later = browser_as(centre.anna)
    assert later.post(f"/calls/{recording.id}/listen").status_code == 303
    now.set(datetime(2027, 5, 3, 8, 0, tzinfo=clock.LOCAL))
    assert browser_as(centre.anna).get(f"/calls/{recording.id}").status_code == 404


def test_the_account_is_kept_sealed_and_whole(
    stores: Stores, centre: Centre, browser_as: As, url: str
) -> None:
    browser_as(centre.anna).post(url, {"kind": "stalking", "account": "  Eén\r\ntwee 🐴 \x00 <b>  "})
    with stores.database.read() as session:
        incident = threat.of_recording(session, only(stores, centre.anna).id)
    assert incident
    assert incident.kind == "stalking"
    assert b"twee" not in incident.account
    assert incidents.account_of(stores, incident) == "Eén\ntwee 🐴 \x00 <b>"


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({"kind": "threat", "account": " \n "}, "account", "Schrijf in een paar woorden wat er is gebeurd."),
        ({"kind": "threat", "account": "é" * 4001}, "account", "Houd het korter dan 4000 tekens."),
        ({"kind": "", "account": ACCOUNT}, "kind", "Kies wat voor bedreiging het was."),
        ({"kind": "boredom", "account": ACCOUNT}, "kind", "Kies wat voor bedreiging het was."),
        ({}, "kind", "Kies wat voor bedreiging het was."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_typed_text_stays(
    stores: Stores, centre: Centre, browser_as: As, url: str, form: dict[str, str], field: str, sentence: str
) -> None:
    answer = browser_as(centre.anna).post(url, form)
    assert answer.status_code == 422
    assert f'href="#{field}">{sentence}' in answer.text
    assert f'id="{field}-error"' in answer.text
    if form.get("account", "").strip():
        assert f">{form['account']}</textarea>" in answer.text
    if form.get("kind") in KINDS:
        assert f'value="{form["kind"]}" checked' in answer.text.replace(' id="kind"', "")
    assert count(stores, Incident) == count(stores, Hold) == 0
    assert not only(stores, centre.anna).sample_barred


def test_an_account_of_exactly_the_limit_fits_also_with_line_ends(
    centre: Centre, browser_as: As, url: str
) -> None:
    account = ("x" * 79 + "\r\n") * 50
    assert browser_as(centre.anna).post(url, {"kind": "verbal", "account": account}).status_code == 303


def test_reporting_twice_is_refused_and_the_page_says_when_it_was_done(
    stores: Stores, centre: Centre, browser_as: As, url: str
) -> None:
    anna = browser_as(centre.anna)
    anna.post(url, {"kind": "physical", "account": ACCOUNT})
    again = anna.post(url, {"kind": "threat", "account": "Nog eens."})
    assert again.status_code == 409
    assert "Je hebt dit gesprek al gemeld." in again.text
    assert "THR-1" in again.text
    page = anna.get(url).text
    assert "Je hebt dit gesprek gemeld op di 3 nov, 09:00" in page
    assert "fysiek geweld" in page
    assert "<textarea" not in page
    assert count(stores, Incident) == count(stores, Hold) == 1


def test_a_call_of_somebody_else_cannot_be_reported(
    stores: Stores, centre: Centre, browser_as: As, url: str
) -> None:
    for person in ("bob", "coach", "lead"):
        browser = browser_as(getattr(centre, person))
        assert browser.get(url).status_code == 404, person
        assert browser.post(url, {"kind": "threat", "account": ACCOUNT}).status_code == 404, person
    assert count(stores, Incident) == 0


def test_a_sealed_call_cannot_be_reported(stores: Stores, centre: Centre, browser_as: As) -> None:
    centre.call(scope="internal")
    url = f"/calls/{only(stores, centre.anna).id}/threat"
    assert browser_as(centre.anna).post(url, {"kind": "threat", "account": ACCOUNT}).status_code == 404


def test_without_a_form_token_nothing_happens(
    stores: Stores, centre: Centre, browser_as: As, url: str
) -> None:
    answer = browser_as(centre.anna).flask.post(url, data={"kind": "threat", "account": ACCOUNT})
    assert answer.status_code == 400
    assert count(stores, Incident) == 0


# --- the team lead ---


@pytest.mark.rule("ACC-3", "THR-2")
def test_the_team_lead_learns_that_and_nothing_of_what(
    stores: Stores, centre: Centre, browser_as: As, url: str
) -> None:
    browser_as(centre.anna).post(url, {"kind": "threat", "account": ACCOUNT})
    lead = browser_as(centre.lead)
    answer = lead.get("/team")
    page = text(answer.text)
    assert "Anna Jansen bedreiging di 3 nov, 09:00" in page
    assert "Bob Jansen" in page
    assert "Carla" not in page
    recording = only(stores, centre.anna)
    for secret in (ACCOUNT, "woon", recording.id, recording.call_id, "08:00", "Hoofdlijn", "/calls"):
        assert secret not in answer.text, secret
    for path in (f"/calls/{recording.id}", url, "/calls", "/samples", "/reports"):
        assert lead.get(path).status_code == 404, path
    assert lead.post(f"/calls/{recording.id}/listen").status_code == 404
    other = text(browser_as(centre.other_lead).get("/team").text)
    assert "Anna" not in other
    assert "Niemand in dit team heeft een bedreiging gemeld" in other


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("nl", ("Mijn team", "Wat je hier niet ziet, en waarom", "regels REP-4 en REP-9", "2 medewerkers")),
        ("en", ("My team", "What you do not see here, and why", "rules REP-4 and REP-9", "2 employees")),
    ],
)
def test_the_page_says_what_a_team_lead_does_not_see(
    centre: Centre, browser_as: As, language: str, sentences: tuple[str, ...]
) -> None:
    lead = browser_as(centre.lead)
    lead.flask.set_cookie("language", language)
    page = text(lead.get("/team").text)
    for sentence in sentences:
        assert sentence in page


def test_two_teams_and_one_without_anybody(stores: Stores, centre: Centre, browser_as: As) -> None:
    with stores.database.write() as session:
        blue = session.scalars(select(Team).where(Team.code == "blue")).one()
        empty = Team(code="empty", name="Team Aanloop", department_id=blue.department_id)
        session.add(empty)
        session.flush()
        session.add(
            FunctionPeriod(person_id=centre.lead, function=Function.TEAM_LEAD, team_id=empty.id, begins=BEGAN)
        )
    page = text(browser_as(centre.lead).get("/team").text)
    assert page.index("Team Aanloop") < page.index("Team Rood")
    assert "0 medewerkers Nog niemand" in page


@pytest.mark.rule("ACC-1")
def test_only_a_team_lead_has_a_team(centre: Centre, browser_as: As) -> None:
    for person in ("anna", "coach", "manager", "officer", "administrator", "council"):
        assert browser_as(getattr(centre, person)).get("/team").status_code == 404, person


@pytest.mark.rule("RET-3")
@pytest.mark.parametrize(
    ("language", "asks", "late"),
    [
        ("nl", "Kijk voor woensdag 3 februari 2027 opnieuw", "Die dag is voorbij"),
        ("en", "Look again before Wednesday 3 February 2027", "That day has passed"),
    ],
)
def test_whoever_keeps_a_call_looks_again_within_three_months(
    centre: Centre, browser_as: As, url: str, now: Frozen, stores: Stores, language: str, asks: str, late: str
) -> None:
    anna = browser_as(centre.anna)
    anna.flask.set_cookie("language", language)
    anna.post(url, data={"kind": "threat", "account": ACCOUNT})
    page = text(anna.get(url).text)
    assert asks in page
    assert late not in page
    now.move(timedelta(days=100))
    with stores.database.read() as session:
        assert recordings.counts(session, clock.now())["unreviewed"] == 1
    anna = browser_as(centre.anna)
    anna.flask.set_cookie("language", language)
    assert late in text(anna.get(url).text)
    assert anna.post(f"{url}/review").status_code == 303
    page = text(anna.get(url).text)
    assert late not in page
    with stores.database.read() as session:
        assert recordings.counts(session, clock.now())["unreviewed"] == 0
        (line,) = session.scalars(select(AuditLine).where(AuditLine.action == "hold:review"))
    assert line.actor_id == centre.anna
    assert browser_as(centre.bob).post(f"{url}/review").status_code == 404
