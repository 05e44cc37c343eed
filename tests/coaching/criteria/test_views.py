"""The pages of the criteria, as employees read them and coaches write them."""

import re
from collections.abc import Callable

import pytest
from markupsafe import escape

from kcc.coaching.quality_plan import annex
from tests.coaching.criteria.conftest import SOON, Team
from tests.conftest import Client

pytestmark = pytest.mark.in_part("postgresql")

As = Callable[[str], Client]
LONG = "Een lange uitleg met <b>tekens</b> & € en ë. " * 44


def hidden(page: str, name: str) -> str:
    """What a hidden field of a page's form holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def texts(**changed: str) -> dict[str, str]:
    """A whole posted item."""
    said = {
        f"{name}_{language}": f"{name} {language}"
        for name in ("name", "question")
        for language in ("nl", "en")
    }
    return said | {"meaning_nl": "Uitleg.", "meaning_en": "Meaning."} | changed


@pytest.fixture
def one(team: Team, browser_as: As) -> Client:
    """The browser of a coach."""
    return browser_as(team.centre.coach)


@pytest.fixture
def two(team: Team, browser_as: As) -> Client:
    """The browser of another coach."""
    return browser_as(team.centre.other_coach)


@pytest.mark.rule("REP-2")
def test_an_employee_reads_the_criteria_in_force(team: Team, browser_as: As) -> None:
    """Every question with what it means, in their own language; the norm in words; nothing to change."""
    browser = browser_as(team.centre.anna)
    page = browser.get("/criteria").text
    for item in annex().items.values():
        assert escape(item.question.nl) in page
    assert "Versie 1" in page
    assert "minstens 80 %" in page
    assert "/criteria/draft" not in page
    assert browser.get("/criteria/2").status_code == 404
    assert browser.get("/criteria/99999999999999999999").status_code == 404
    browser.flask.set_cookie("language", "en")
    english = browser.get("/criteria").text
    assert escape(annex().items[9].meaning.en) in english
    assert "at least 80 %" in english


@pytest.mark.rule("REP-2")
def test_an_employee_reads_the_next_version_before_it_starts(team: Team, browser_as: As) -> None:
    """What goes is struck through, what comes is marked, a new item is told; a draft is nobody's to read."""
    browser = browser_as(team.centre.anna)
    team.begin()
    assert browser.get("/criteria/2").status_code == 404
    team.say(3, annex().items[3].meaning.nl.replace("voor- en achternaam", "<i>naam</i>"))
    team.propose()
    assert browser.get("/criteria/2").status_code == 404
    team.confirm()
    page = browser.get("/criteria").text
    assert "Er komen nieuwe criteria" in page
    assert "1 december 2026" in page
    page = browser.get("/criteria/2").text
    assert re.search(r"<del>voor- en achternaam, </del> <ins>&lt;i&gt;naam&lt;/i&gt;, </ins>", page)
    browser.flask.set_cookie("language", "en")
    assert "One item changed in the other language alone." in browser.get("/criteria/2").text


def test_two_coaches_make_a_version_without_script(one: Client, two: Client, team: Team) -> None:
    """From begin to published: a text, an item of one's own, moved, the norm, put forward and read."""
    assert "Er is geen concept" in one.get("/criteria/draft").text
    assert one.get("/criteria/draft/preview").status_code == 404
    one.post("/criteria/draft")
    was = hidden(one.get("/criteria/draft/items/3").text, "was")
    assert one.post("/criteria/draft/items/3", texts(was=was, meaning_nl=LONG[:2000])).status_code == 303
    assert team.draft().form.items[3].meaning.nl == LONG[:2000].strip()
    assert one.get("/criteria/draft/phases/closing/items").status_code == 200
    assert one.post("/criteria/draft/phases/closing/items", texts()).location == "/criteria/draft#item-24"
    assert one.post("/criteria/draft/phases/new", {"name_nl": "Chat", "name_en": "Chat"}).status_code == 303
    page = two.get("/criteria/draft").text
    moved = {"revision": hidden(page, "revision"), "what": "24", "how": "down"}
    assert two.post("/criteria/draft/arrange", moved).status_code == 303
    assert two.post("/criteria/draft/arrange", moved).status_code == 409
    assert [item.number for item in team.draft().form.phases[-1].items] == [24]
    norm = {"was": hidden(two.get("/criteria/draft/norm").text, "was"), "percent": "75", "na": "not_met"}
    weights = {"weight-3": "decides", "weight-24": "required", "weight-4": "no", "weight-x": "decides"}
    assert two.post("/criteria/draft/norm", norm | weights).status_code == 303
    assert team.draft().form.norm.required == (24,)
    page = one.get("/criteria/draft/preview").text
    assert 'name="answer-24"' in page
    assert 'action="/samples' not in page
    revision = hidden(one.get("/criteria/draft/propose").text, "revision")
    said = {"revision": revision, "starts_on": SOON.isoformat()}
    assert one.post("/criteria/draft/propose", said).status_code == 303
    assert one.get("/criteria/draft/confirm").status_code == 404
    assert one.post("/criteria/draft/confirm", {"revision": revision}).status_code == 404
    page = two.get("/criteria/draft/confirm").text
    assert "minstens 75 %" in page
    assert two.post("/criteria/draft/confirm", {"revision": revision}).status_code == 303
    assert "is vastgesteld" in two.get("/criteria").text
    assert two.post("/criteria/draft/confirm", {"revision": revision}).status_code == 303
    assert "Er is geen concept meer" in two.get("/criteria").text


def test_a_wrong_form_keeps_what_was_typed(one: Client) -> None:
    """The summary on top, the sentence beside the field, and every word still there."""
    one.post("/criteria/draft")
    answer = one.post("/criteria/draft/items/3", texts(meaning_nl="<p>" * 700, meaning_en="", was="x"))
    assert answer.status_code == 422
    assert 'href="#meaning_nl"' in answer.text
    assert 'id="meaning_en-error"' in answer.text
    assert "&lt;p&gt;" * 700 in answer.text
    for address, sent in (
        ("/criteria/draft/phases/closing/items", texts(name_en="")),
        ("/criteria/draft/phases/new", {"name_nl": "  "}),
        ("/criteria/draft/norm", {"percent": "veel", "na": "?"}),
        ("/criteria/draft/propose", {"starts_on": "gisteren", "revision": "0"}),
        ("/criteria/draft/propose", {"starts_on": "2026-11-04", "revision": "0"}),
    ):
        answer = one.post(address, sent)
        assert answer.status_code in (409, 422), address
        assert 'id="error-summary"' in answer.text
    assert one.post("/criteria/draft/arrange", {"revision": "x"}).status_code == 422
    for address in ("items/99", "phases/nowhere/items", "phases/opening", "phases/nowhere"):
        assert one.get(f"/criteria/draft/{address}").status_code == 404
        assert one.post(f"/criteria/draft/{address}", texts()).status_code in (404, 409)


def test_two_coaches_at_once_see_both_texts(one: Client, two: Client, team: Team) -> None:
    """The second is shown what the first wrote, keeps their own words, and may save them after that."""
    one.post("/criteria/draft")
    was = hidden(one.get("/criteria/draft/items/3").text, "was")
    one.post("/criteria/draft/items/3", texts(was=was, meaning_nl="Van de eerste."))
    late = two.post("/criteria/draft/items/3", texts(was=was, meaning_nl="Van de tweede."))
    assert late.status_code == 409
    assert "Van de eerste." in late.text
    assert "Van de tweede." in late.text
    again = texts(was=hidden(late.text, "was"), meaning_nl="Van de tweede.")
    assert two.post("/criteria/draft/items/3", again).status_code == 303
    assert team.draft().form.items[3].meaning.nl == "Van de tweede."


def test_what_was_typed_outlives_publishing(one: Client, two: Client, team: Team) -> None:
    """A colleague put the draft forward, then it was published: the words are still shown, and why."""
    team.begin()
    team.say(4, "Anders.")
    was = hidden(one.get("/criteria/draft/items/3").text, "was")
    team.propose()
    late = one.post("/criteria/draft/items/3", texts(was=was, meaning_nl="Nog te zeggen."))
    assert late.status_code == 409
    assert "Nog te zeggen." in late.text
    team.confirm()
    late = two.post("/criteria/draft/items/3", texts(was=was, meaning_nl="Nog te zeggen."))
    assert late.status_code == 409
    assert "intussen vastgesteld" in late.text
    assert "Nog te zeggen." in late.text


@pytest.mark.rule("REP-2")
def test_a_draft_is_discarded_after_a_question(team: Team, one: Client, two: Client) -> None:
    """The question shows what would be lost; a colleague who saved meanwhile is not overrun."""
    team.begin()
    team.say(5, "Anders gezegd.")
    assert "/criteria/draft/discard" in one.get("/criteria/draft").text
    asked = one.get("/criteria/draft/discard").text
    assert "Anders" in asked
    sent = {"revision": hidden(asked, "revision")}
    team.say(5, "Nog anders.")
    assert one.post("/criteria/draft/discard", sent).status_code == 409
    sent = {"revision": hidden(one.get("/criteria/draft/discard").text, "revision")}
    assert one.post("/criteria/draft/discard", sent).status_code == 303
    assert "Er is geen concept" in two.get("/criteria/draft").text
    assert two.get("/criteria/draft/discard").status_code == 404
    assert two.post("/criteria/draft/discard", sent).status_code == 303
    assert "Nog anders" not in one.get("/criteria").text
