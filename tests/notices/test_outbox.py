"""Telling somebody something: kept with its act, read in their language, mailed without content, and gone."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc.access.actor import Function
from kcc.clock import Frozen
from kcc.notices import outbox, queries
from kcc.notices.model import Notice
from kcc.notices.rules import Param
from kcc.notices.words import SENTENCES, topic
from kcc.scheduler import notifying
from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client

Browser = Callable[[str], Client]


def tell(stores: Stores, person: str, word: str = "coach.assigned", **params: Param) -> None:
    with stores.database.write() as session:
        outbox.tell(session, person, word, **(params or {"coach": "Coen", "day": date(2026, 11, 3)}))


def count(stores: Stores) -> int:
    with stores.database.read() as session:
        return session.scalar(select(func.count()).select_from(Notice)) or 0


def test_a_notice_is_part_of_its_act(stores: Stores, centre: Centre) -> None:
    """An act that fails has told nobody; nor has a word with the wrong places."""

    def fail(session: Session) -> None:
        outbox.tell(session, centre.anna, "coach.assigned", coach="Coen", day=date(2026, 11, 3))
        outbox.tell(session, centre.anna, "nobody.knows")

    with pytest.raises(KeyError), stores.database.write() as session:
        fail(session)
    for word, params in (("coach.assigned", {"coach": "Coen"}), ("nobody.knows", {})):
        with pytest.raises(KeyError):
            tell(stores, centre.anna, word, **params)
    assert count(stores) == 0


def test_everybody_reads_their_own_once_new(stores: Stores, centre: Centre, browser_as: Browser) -> None:
    """New in the menu until the page was opened; in the reader's language; names are text."""
    tell(stores, centre.anna, coach="<b>Coen</b>", day=date(2026, 11, 3))
    tell(stores, centre.bob, "function.ended", function=Function.TEAM_LEAD, day=date(2026, 11, 2))
    anna = browser_as(centre.anna)
    assert "1 nieuw bericht" in anna.get("/account").text
    page = anna.get("/notices").text
    assert "&lt;b&gt;Coen&lt;/b&gt; is je coach vanaf dinsdag 3 november 2026." in page
    assert "leidinggevende" not in page
    assert "nieuw" in page
    assert "nieuw bericht" not in anna.get("/notices").text
    anna.flask.set_cookie("language", "en")
    assert "is your coach from Tuesday" in anna.get("/notices").text
    assert "leidinggevende is geëindigd op maandag 2 november" in browser_as(centre.bob).get("/notices").text


def test_many_are_shown_newest_first_on_pages(
    stores: Stores, centre: Centre, now: Frozen, browser_as: Browser
) -> None:
    """Also such as were told in the same moment; a mangled link says so."""
    for number in range(queries.PAGE + 3):
        tell(stores, centre.anna, coach=f"Coach {number:02}.", day=date(2026, 11, 3))
        now.move(timedelta(seconds=number % 2))
    anna = browser_as(centre.anna)
    first = anna.get("/notices").text
    assert first.index(f"Coach {queries.PAGE + 2}.") < first.index("Coach 40.")
    assert "Coach 00." not in first
    older = first.split('rel="next" href="')[1].split('"')[0]
    second = anna.get(older).text
    assert sum(f"Coach {n:02}." in first for n in range(60)) == queries.PAGE
    assert sum(f"Coach {n:02}." in second for n in range(60)) == 3
    assert anna.get("/notices?before=x").status_code == 422


def test_nothing_to_tell_is_said(centre: Centre, browser_as: Browser) -> None:
    assert "Je hebt geen berichten" in browser_as(centre.council).get("/notices").text


def test_every_sentence_can_be_said(stores: Stores, centre: Centre, browser_as: Browser) -> None:
    """With whatever stands in its places, in both languages."""
    some: dict[str, Param] = {"day": date(2026, 11, 3), "function": Function.COACH}
    with stores.database.write() as session:
        for word, sentence in SENTENCES.items():
            places = re.findall(r"%\((\w+)\)([sd])", sentence)
            told = {name: some.get(name, 2 if kind == "d" else "Coen") for name, kind in places}
            outbox.tell(session, centre.anna, word, **told)
    anna = browser_as(centre.anna)
    for language in ("nl", "en"):
        anna.flask.set_cookie("language", language)
        address, rows = "/notices", 0
        while address:
            page = anna.get(unescape(address)).text
            rows += page.count("<tr") - 1
            address = next(iter(re.findall(r'href="(/notices\?before=[^"]+)"', page)), "")
        assert rows == len(SENTENCES)


@pytest.mark.rule("REP-5")
def test_what_was_told_about_reports_goes_with_them(stores: Stores, centre: Centre) -> None:
    """To anybody, about this person; other notices stay."""
    with stores.database.write() as session:
        said = {"coach": "Coen", "successor": "Cor"}
        outbox.tell(session, centre.anna, "reports.passed", **said)
        outbox.tell(session, centre.bob, "reports.passed", **said)
        outbox.tell(session, centre.anna, "coach.assigned", coach="Coen", day=date(2026, 11, 3))
        received = {"coach": "Coen", "employee": "Anna"}
        outbox.tell(session, centre.coach, "reports.received", about_id=centre.anna, **received)
        of_bob = {"coach": "Coen", "employee": "Bob"}
        outbox.tell(session, centre.anna, "reports.received", about_id=centre.bob, **of_bob)
        outbox.forget_topic(session, centre.anna, topic("reports.erased"))
    with stores.database.read() as session:
        left = {tuple(row) for row in session.execute(select(Notice.person_id, Notice.word))}
    of_others = (centre.anna, "reports.received")  # as a coach, which anna is as well
    assert left == {(centre.bob, "reports.passed"), (centre.anna, "coach.assigned"), of_others}


def test_after_thirteen_months_a_notice_is_gone(stores: Stores, centre: Centre, now: Frozen) -> None:
    """Read or not, and not a second before."""
    tell(stores, centre.anna)
    now.move(outbox.TERM - timedelta(seconds=1))
    tell(stores, centre.anna)
    assert notifying.forget(stores) == 0
    now.move(timedelta(seconds=1))
    assert notifying.forget(stores) == 1
    assert count(stores) == 1
