"""Letters that say there is something to read: at once or once a day, none lost and none twice, whatever the
mail server does.
"""

import smtplib
import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from kcc import clock
from kcc.clock import Frozen
from kcc.notices import letters, outbox, rules
from kcc.notices.model import Letter, Notice
from kcc.notices.rules import How
from kcc.people.model import FunctionPeriod, Person
from kcc.scheduler import mail, notifying
from kcc.scheduler.notifying import Posted
from kcc.sections import Mail
from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client
from tests.post import Post, mail_to, with_settings

Browser = Callable[[str], Client]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ENTRY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def mailing(centre: Centre, post: Post) -> Stores:
    """Mail is on, and all but bob have an address."""
    stores = centre.stores
    with stores.database.write() as session:
        some = Person.number != "bob"
        session.execute(update(Person).where(some).values(email=Person.number + "@example.org"))
    return with_settings(stores, mail=mail_to(post, "a@example.org"))


def tell(stores: Stores, person: str, word: str = "coach.employee_gone", **more: object) -> None:
    said = {"employee": "Geheim"} if word == "coach.employee_gone" else more.pop("said")
    with stores.database.write() as session:
        outbox.tell(session, person, word, **said, **more)  # type: ignore[arg-type]


def choose(stores: Stores, centre: Centre, person: str, how: How) -> None:
    with stores.database.write() as session:
        letters.choose(session, centre.actor(person), how)


def to(post: Post) -> list[str]:
    """To whom letters went, in their order."""
    return [str(letter["To"]).partition("@")[0] for letter in post.sent]


def test_a_letter_says_that_there_is_something_and_not_what(
    mailing: Stores, centre: Centre, post: Post, browser_as: Browser
) -> None:
    """One for all that is new, once, in the reader's language; none for what was read meanwhile."""
    with mailing.database.write() as session:
        session.execute(update(Person).where(Person.id == centre.carla).values(language="en"))
    for person in (centre.anna, centre.anna, centre.bob, centre.carla, centre.coach):
        tell(mailing, person)
    browser_as(centre.coach).get("/notices")
    assert notifying.write_letters(mailing) == Posted(sent=2)
    assert notifying.write_letters(mailing) == Posted()
    assert sorted(to(post)) == ["anna", "carla"]
    said = "\n".join(post.letters)
    assert "Er staan 2 nieuwe berichten voor je in kcc." in said
    assert "There is something for you in kcc." in said
    assert "Geheim" not in said
    assert "/notices" in said


def test_who_left_or_has_no_address_gets_none(mailing: Stores, centre: Centre, post: Post) -> None:
    """What they cannot read would only puzzle; without mail there is nothing to send."""
    for person in (centre.anna, centre.bob, centre.carla):
        tell(mailing, person)
    with mailing.database.write() as session:
        gone = update(FunctionPeriod).where(FunctionPeriod.person_id == centre.carla)
        session.execute(gone.values(ends=date(2026, 11, 3)))
    assert notifying.write_letters(with_settings(mailing, mail=Mail())) == Posted()
    assert notifying.write_letters(mailing) == Posted(sent=1)
    assert to(post) == ["anna"]


def test_once_a_day_is_once_a_day(mailing: Stores, centre: Centre, post: Post, now: Frozen) -> None:
    """At the set hour, about all of the day; who chose nothing hears at once; a sign-in never waits."""
    now.set(clock.start_of_day(date(2026, 11, 4)) + 9 * HOUR)
    choose(mailing, centre, centre.anna, How.DIGEST)
    for _ in range(3):
        tell(mailing, centre.anna)
    tell(mailing, centre.carla)
    assert notifying.write_letters(mailing) == Posted(sent=1)
    tell(mailing, centre.anna, "signin.added", said={"name": "telefoon"})
    assert notifying.write_letters(mailing) == Posted(sent=1)
    now.set(clock.start_of_day(date(2026, 11, 5)) + 7 * HOUR + 29 * MINUTE)
    assert notifying.write_letters(mailing) == Posted()
    now.move(MINUTE)
    assert notifying.write_letters(mailing) == Posted(sent=1)
    assert to(post) == ["carla", "anna", "anna"]
    assert "Er staan 3 nieuwe berichten" in post.letters[-1]
    tell(mailing, centre.anna)
    choose(mailing, centre, centre.anna, How.AT_ONCE)
    assert notifying.write_letters(mailing) == Posted(sent=1)


def test_a_dead_mail_server_loses_nothing_and_doubles_nothing(
    mailing: Stores, centre: Centre, post: Post, now: Frozen
) -> None:
    """For two days nobody answers; what came meanwhile goes in one letter to each, once."""
    post.shut()
    tell(mailing, centre.anna)
    tell(mailing, centre.carla)
    for _ in range(12):
        assert notifying.write_letters(mailing) in (Posted(waiting=2), Posted())
        now.move(4 * HOUR)
        tell(mailing, centre.anna)
    post.open()
    assert notifying.write_letters(mailing) == Posted(sent=2)
    assert notifying.write_letters(mailing) == Posted()
    assert sorted(to(post)) == ["anna", "carla"]
    assert "Er staan 13 nieuwe berichten" in post.letters[to(post).index("anna")]


def test_a_line_cut_after_the_letter_was_taken_makes_no_other_letter(
    mailing: Stores, centre: Centre, post: Post, now: Frozen
) -> None:
    """Nobody can know whether it was: it goes again under the same Message-ID, and is the same letter."""
    tell(mailing, centre.anna)
    post.mute = True
    assert notifying.write_letters(mailing) == Posted(waiting=1)
    assert notifying.write_letters(mailing) == Posted()  # its turn comes in ten minutes
    post.mute = False
    now.move(rules.FIRST_WAIT)
    assert notifying.write_letters(mailing) == Posted(sent=1)
    assert len(post.sent) == 2
    assert len({letter["Message-ID"] for letter in post.sent}) == 1


def test_one_refused_address_stops_nobody_elses(
    mailing: Stores, centre: Centre, post: Post, now: Frozen
) -> None:
    """It is tried ever less often and given up after five days; the notice stays in kcc."""
    with mailing.database.write() as session:
        wrong = update(Person).where(Person.id == centre.carla)
        session.execute(wrong.values(email="carla@example.org\nBcc: x@example.org"))
    post.refused = {"anna@example.org"}
    for person in (centre.anna, centre.carla, centre.coach):
        tell(mailing, person)
    assert notifying.write_letters(mailing) == Posted(sent=1, refused=2)
    assert to(post) == ["coach"]
    tries = 1
    for _ in range(6 * 24 * 6):
        now.move(10 * MINUTE)
        tries += notifying.write_letters(mailing).refused == 2
    assert 25 < tries < 40
    with mailing.database.read() as session:
        assert letters.counts(session) == {"waiting": 0, "given_up": 2}
        unread = select(Notice.person_id).where(Notice.read_at.is_(None), Notice.mailed_at.is_(None))
        assert set(session.scalars(unread)) == {centre.anna, centre.carla}


def test_a_server_that_is_too_busy_is_asked_again_later(
    mailing: Stores, centre: Centre, post: Post, now: Frozen
) -> None:
    tell(mailing, centre.anna)
    post.answer = "451 come back later"
    assert notifying.write_letters(mailing) == Posted(refused=1)
    post.answer = "250 fine"
    now.move(rules.FIRST_WAIT)
    assert notifying.write_letters(mailing) == Posted(sent=1)
    assert len(post.sent) == 1


def test_two_rounds_at_once_send_each_letter_once(mailing: Stores, centre: Centre, post: Post) -> None:
    for person in (centre.anna, centre.carla, centre.coach, centre.lead, centre.officer):
        tell(mailing, person)
    threads = [threading.Thread(target=notifying.write_letters, args=[mailing]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(to(post)) == ["anna", "carla", "coach", "lead", "officer"]


def test_what_is_told_while_a_letter_is_under_way_goes_with_the_next(
    mailing: Stores, centre: Centre, post: Post
) -> None:
    """It joins the open letter, and is not taken for mailed when that one is acknowledged."""
    tell(mailing, centre.anna)
    readers = select(Person.id)
    at = mailing.settings.scheduler.digest_at
    with mailing.database.write() as session:
        assert letters.gather(session, readers, clock.now(), at) == 1
        (letter_id,) = letters.due(session, clock.now())
        claimed = letters.claim(session, letter_id, clock.now())
    tell(mailing, centre.anna)
    with mailing.database.write() as session:
        assert letters.gather(session, readers, clock.now(), at) == 1
        assert claimed is not None
        letters.sent(session, claimed, clock.now())
    assert notifying.write_letters(mailing) == Posted(sent=1)
    assert "Er staat iets voor je klaar" in post.letters[0]


def test_an_entry_for_the_calendar_goes_with_the_letter_and_stands_on_the_page(
    mailing: Stores, centre: Centre, post: Post, browser_as: Browser
) -> None:
    """Nobody else can fetch it, and a notice without one has none."""
    tell(mailing, centre.anna, entry=ENTRY)
    tell(mailing, centre.carla)
    assert notifying.write_letters(mailing) == Posted(sent=2)
    (part,) = post.sent[to(post).index("anna")].iter_attachments()
    assert (part.get_content_type(), part.get_content().encode()) == ("text/calendar", ENTRY)
    with mailing.database.read() as session:
        mine, other = (
            session.scalars(select(Notice.id).where(Notice.person_id == who)).one()
            for who in (centre.anna, centre.carla)
        )
    anna, carla = browser_as(centre.anna), browser_as(centre.carla)
    assert f"/notices/{mine}/entry.ics" in anna.get("/notices").text
    found = anna.get(f"/notices/{mine}/entry.ics")
    assert (found.status_code, found.data, found.mimetype) == (200, ENTRY, "text/calendar")
    assert carla.get(f"/notices/{mine}/entry.ics").status_code == 404
    assert carla.get(f"/notices/{other}/entry.ics").status_code == 404


def test_an_entry_comes_by_mail_though_its_notice_was_read(
    mailing: Stores, centre: Centre, post: Post
) -> None:
    """Whoever looked first still gets it in their calendar, once; what has no entry needs no letter then."""
    tell(mailing, centre.anna, entry=ENTRY)
    tell(mailing, centre.carla)
    with mailing.database.write() as session:
        for who in (centre.anna, centre.carla):
            outbox.read_all(session, who)
    assert notifying.write_letters(mailing) == Posted(sent=1)
    assert notifying.write_letters(mailing) == Posted()
    assert to(post) == ["anna"]


def test_everybody_chooses_for_themselves(mailing: Stores, centre: Centre, browser_as: Browser) -> None:
    """On the page of notices, where mail is on; a wrong choice changes nothing."""
    with mailing.database.read() as session:
        assert letters.choice(session, centre.anna) is How.AT_ONCE
    anna = browser_as(centre.anna)
    assert anna.post("/notices/mail", data={"how": "digest"}).status_code == 303
    assert anna.post("/notices/mail", data={"how": "digest"}).status_code == 303
    assert anna.post("/notices/mail", data={"how": "never"}).status_code == 422
    with mailing.database.read() as session:
        assert letters.choice(session, centre.anna) is How.DIGEST
        assert letters.choice(session, centre.carla) is How.AT_ONCE


def test_after_thirteen_months_the_letter_goes_with_its_notice(
    mailing: Stores, centre: Centre, now: Frozen
) -> None:
    tell(mailing, centre.anna)
    notifying.write_letters(mailing)
    now.move(outbox.TERM)
    assert notifying.forget(mailing) == 1
    with mailing.database.read() as session:
        assert list(session.scalars(select(Letter.id))) == []


def test_waits_double_up_to_four_hours() -> None:
    waits = [rules.letter_wait(attempts) for attempts in (1, 2, 3, 5, 6, 500)]
    assert waits == [10 * MINUTE, 20 * MINUTE, 40 * MINUTE, 160 * MINUTE, 4 * HOUR, 4 * HOUR]


def test_one_connection_takes_many(mailing: Stores, post: Post) -> None:
    """A letter's own words never become its head."""
    with mail.connected(mailing.settings.mail) as server:
        for number in range(3):
            server.send_message(
                mail.letter(mailing.settings.mail, ("a@example.org",), f"{number}", "\nBcc: x")
            )
    assert [letter["Subject"] for letter in post.sent] == ["0", "1", "2"]
    assert all(letter["Bcc"] is None for letter in post.sent)
    post.shut()
    with pytest.raises((OSError, smtplib.SMTPException)):
        mail.send(mailing.settings.mail, "a", "b")
