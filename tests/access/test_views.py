"""The page that shows the policy: complete, for everybody signed in, in the reader's language and order."""

import re
from collections.abc import Callable

import pytest

from kcc.access.actions import Action
from kcc.access.policy import TABLE
from kcc.access.words import ACTIONS
from tests.centre import Centre
from tests.conftest import Client

PAGE = "/who-may-what"


def plain(html: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_every_action_has_words() -> None:
    """None can be granted that the page could not name."""
    assert set(ACTIONS) == set(Action)


@pytest.mark.rule("ACC-1")
def test_every_grant_stands_there_with_its_conditions(
    centre: Centre, browser_as: Callable[[str], Client]
) -> None:
    """Made from the table itself: nothing granted is left out, and each condition has its rule."""
    anna = browser_as(centre.anna)
    anna.flask.set_cookie("language", "en")
    page = anna.get(PAGE).text
    assert page.count("<tr") - page.count("<thead") + page.count("data-grant") == len(TABLE)
    shown = plain(page)
    for grant in TABLE:
        assert ACTIONS[grant.action] in shown.replace("&#39;", "'")
        for demand in grant.demands:
            assert f"{demand.sentence} {demand.rule}" in shown


def test_what_concerns_the_reader_comes_first(centre: Centre, browser_as: Callable[[str], Client]) -> None:
    """A coach reads about coaches first, and is told that this is their function."""
    for person_id, word in ((centre.anna, "Medewerker"), (centre.coach, "Coach")):
        page = plain(browser_as(person_id).get(PAGE).text)
        first = page[page.index("Wie mag waarbij") :]
        assert re.search(rf"vastgelegd\. {word} .{{0,20}}jouw functie", first), first[:400]


def test_every_function_of_people_reaches_something(
    centre: Centre, browser_as: Callable[[str], Client]
) -> None:
    """A department manager reaches groups alone; nobody is named as reaching nothing."""
    page = plain(browser_as(centre.anna).get(PAGE).text)
    assert "Komt bij niets dat over iemand gaat" not in page
    assert "zien waar het centrum als geheel staat, in groepen van ten minste 5 mensen" in page


def test_nobody_reads_it_without_signing_in(client: Client) -> None:
    """It leads to the sign-in page."""
    answer = client.get(PAGE)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/signin")


def test_every_page_of_somebody_signed_in_leads_there(
    centre: Centre, browser_as: Callable[[str], Client], client: Client
) -> None:
    """From the foot of the page; not from the page to sign in."""
    assert f'href="{PAGE}"' in browser_as(centre.anna).get("/calls").text
    assert f'href="{PAGE}"' not in client.get("/signin").text
