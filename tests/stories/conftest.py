"""What stories need: the real application in a real browser, and people who can sign in to it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from kcc.access.actor import system
from kcc.people import sessions, signin
from kcc.stores import Stores
from tests.browser.conftest import chromium, complaints, live, new_page
from tests.centre import PASSWORD, Centre
from tests.stories.hands import Hands

__all__ = ["chromium", "complaints", "live", "new_page"]


@pytest.fixture
def at_a_desk(
    live: str, stores: Stores, centre: Centre, new_page: Callable[..., Page]
) -> Callable[[str], Hands]:
    """Seats a person of the centre at a browser of their own, signed in by number and password."""
    known: set[str] = set()

    def seated(number: str) -> Hands:
        if number not in known:
            known.add(number)
            with stores.database.write() as session:
                person_id = getattr(centre, number)
                signin.set_password(session, system("cli"), person_id, PASSWORD, min_length=15)
        hands = Hands(new_page(locale="nl-NL"), live)
        hands.sign_in(number)
        return hands

    return seated


@pytest.fixture
def seated(
    live: str, stores: Stores, centre: Centre, new_page: Callable[..., Page]
) -> Callable[[str], Hands]:
    """Seats a person of the centre who has signed in already: for stories of many people, which do not tell
    how they came in.
    """

    def sat_down(number: str) -> Hands:
        with stores.database.write() as session:
            secret = sessions.begin(session, getattr(centre, number))
        page = new_page(locale="nl-NL")
        page.context.add_cookies([{"name": "kcc", "value": secret, "url": live}])
        return Hands(page, live)

    return sat_down
