"""kcc.web.i18n: which language a request speaks, and how days, moments and lengths read in both."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, g
from sqlalchemy import update

from kcc import clock
from kcc.errors import KccError, Refused
from kcc.people.model import Person
from kcc.stores import Stores
from kcc.web import i18n
from tests.centre import Centre
from tests.conftest import Client

DUTCH, ENGLISH = '<html lang="nl"', '<html lang="en"'


@pytest.fixture
def speaking() -> Flask:
    """An application that knows languages and nothing else."""
    app = Flask("kcc")
    i18n.install(app)
    return app


@pytest.mark.parametrize(
    ("cookie", "person", "browser", "spoken"),
    [
        (None, None, None, "nl"),
        (None, None, "en-GB,en;q=0.8", "en"),
        (None, None, "de,fr;q=0.9", "nl"),
        (None, None, "de,en;q=0.5,nl;q=0.1", "en"),
        (None, None, "*", "nl"),
        (None, None, ";;;=,\x7f", "nl"),
        (None, "nl", "en", "nl"),
        (None, "en", "nl", "en"),
        ("en", "nl", "nl", "en"),
        ("nl", "en", "en", "nl"),
        ("xx", "en", "nl", "en"),
        ("xx", None, "en", "en"),
        ("../../etc", "fr", "fr", "nl"),
    ],
)
def test_the_cookie_goes_before_the_person_before_the_browser_before_dutch(
    speaking: Flask, cookie: str | None, person: str | None, browser: str | None, spoken: str
) -> None:
    """A value that is no language counts as none."""
    headers = {"Accept-Language": browser} if browser else {}
    if cookie:
        headers["Cookie"] = f"{i18n.COOKIE}={cookie}"
    with speaking.test_request_context(headers=headers):
        if person:
            g.kcc_language = person
        assert i18n.choose() == spoken


def test_outside_a_request_it_is_dutch() -> None:
    assert i18n.choose() == "nl"


def test_a_page_speaks_the_language_of_whoever_is_signed_in(
    stores: Stores, centre: Centre, client: Client
) -> None:
    """Pages, unknown addresses, forms open too long; this browser's own cookie goes before."""
    with stores.database.write() as session:
        session.execute(update(Person).where(Person.id == centre.anna).values(language="en"))
    client.sign_in(centre.anna)
    asked = {"Accept-Language": "nl"}
    for page in (
        client.get("/account", headers=asked),
        client.get("/status", headers=asked),
        client.get("/no-such-page", headers=asked),
        client.flask.post("/account/password", headers=asked),
    ):
        assert ENGLISH in page.text, page.request.path
        assert "Anna Jansen" in page.text, "and shows their own menu"
    client.flask.set_cookie(i18n.COOKIE, "nl")
    assert DUTCH in client.get("/account").text


def both(app: Flask, say: Callable[[], str]) -> tuple[str, str]:
    """What is said in Dutch and in English."""
    said = []
    for language in i18n.LANGUAGES:
        with app.test_request_context(headers={"Cookie": f"{i18n.COOKIE}={language}"}):
            said.append(say())
    return said[0], said[1]


def test_days_read_as_people_say_them(speaking: Flask) -> None:
    day = date(2026, 11, 3)
    assert both(speaking, lambda: i18n.day(day)) == ("di 3 nov", "Tue 3 Nov")
    assert both(speaking, lambda: i18n.long_day(day)) == (
        "dinsdag 3 november 2026",
        "Tuesday 3 November 2026",
    )


@pytest.mark.parametrize(
    ("instant", "dutch"),
    [
        (datetime(2026, 11, 3, 13, 5, tzinfo=UTC), "di 3 nov, 14:05"),
        (datetime(2026, 7, 3, 13, 5, tzinfo=UTC), "vr 3 jul, 15:05"),
        # Either side of midnight on the centre's clock, in winter and in summer
        (datetime(2026, 11, 3, 22, 59, 59, tzinfo=UTC), "di 3 nov, 23:59"),
        (datetime(2026, 11, 3, 23, 0, tzinfo=UTC), "wo 4 nov, 00:00"),
        (datetime(2026, 7, 3, 22, 0, tzinfo=UTC), "za 4 jul, 00:00"),
        # The hour that exists twice, and the one that does not exist
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "zo 25 okt, 02:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "zo 25 okt, 02:30"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "zo 25 okt, 03:30"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "zo 29 mrt, 01:59"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "zo 29 mrt, 03:00"),
    ],
)
def test_moments_are_those_of_the_centre(speaking: Flask, instant: datetime, dutch: str) -> None:
    """Whatever offset they are stored with, day and time belong together."""
    assert both(speaking, lambda: i18n.moment(instant))[0] == dutch
    elsewhere = instant.astimezone(clock.LOCAL)
    assert both(speaking, lambda: i18n.moment(elsewhere))[0] == dutch


@pytest.mark.parametrize(
    ("milliseconds", "read"),
    [
        (0, "0:00"),
        (499, "0:00"),
        (500, "0:01"),
        (1_499, "0:01"),
        (1_500, "0:02"),
        (2_500, "0:03"),
        (59_499, "0:59"),
        (59_500, "1:00"),
        (252_000, "4:12"),
        (3_599_500, "1:00:00"),
        (3_852_000, "1:04:12"),
        (36_000_000, "10:00:00"),
    ],
)
def test_lengths_are_rounded_to_the_second(milliseconds: int, read: str) -> None:
    """A half goes up, always: neighbours never round in different directions."""
    assert i18n.duration(milliseconds) == read


def test_lengths_never_go_back() -> None:
    """A longer call never reads as a shorter one."""
    shown = [i18n.duration(milliseconds) for milliseconds in range(0, 130_000, 50)]
    seconds = [int(m) * 60 + int(s) for m, s in (text.split(":") for text in shown)]
    assert seconds == sorted(seconds)


def test_a_sentence_is_said_in_the_language_of_the_request(speaking: Flask) -> None:
    """With its values; a sentence with a percent sign and without values stays whole."""
    fault = Refused("Number of seconds until you can try again: %(seconds)d.", seconds=12)
    assert both(speaking, lambda: i18n.sentence(fault))[1] == "Number of seconds until you can try again: 12."
    assert (
        both(speaking, lambda: i18n.sentence(KccError("40 % is not enough"))) == ("40 % is not enough",) * 2
    )


def test_the_template_filters_are_there(app: Flask) -> None:
    """Under the names that the pages use."""
    later = datetime(2026, 11, 3, 13, 5, tzinfo=UTC) + timedelta(days=1)
    with app.test_request_context():
        text = app.jinja_env.from_string("{{ at | moment }}|{{ at | day }}|{{ 1500 | duration }}")
        assert text.render(at=later) == "wo 4 nov, 14:05|wo 4 nov|0:02"
