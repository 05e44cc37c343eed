"""What an employee is told of a selection date takes an entry for their own calendar along (ANN-1)."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from kcc import clock
from kcc.access.actor import system
from kcc.coaching import planning
from kcc.notices.model import Notice
from kcc.people.model import Person
from kcc.scheduler import mail
from kcc.sections import Mail
from tests.coaching.conftest import DRAW_DAY
from tests.coaching.planned.conftest import DAY, Desk

NEXT = DAY + timedelta(days=1)


def entries(desk: Desk, who: str) -> list[tuple[str, str, date, int, str]]:
    """The entries that somebody was told with: name, summary, day, number and state of each."""
    query = select(Notice.entry).where(Notice.person_id == who).order_by(Notice.told_at, Notice.id)
    with desk.stores.database.read() as session:
        texts = [entry for entry in session.scalars(query) if entry]
    events = [event for text in texts for event in Calendar.from_ical(text).walk("VEVENT")]
    return [
        (str(one["uid"]), str(one["summary"]), one.start, one.sequence, str(one["status"])) for one in events
    ]


@pytest.mark.rule("ANN-1")
def test_a_date_set_moved_and_withdrawn(desk: Desk) -> None:
    """One name throughout, a higher number each time, and taken out at the end."""
    anna, second = desk.centre.anna, timedelta(seconds=1)
    mine = desk.add(anna)
    desk.month.now.move(second)
    desk.move(mine, NEXT)
    desk.month.now.move(second)
    desk.withdraw(mine)
    name, said = f"selection-{mine}@kcc", "Selectie van gesprekken"
    assert entries(desk, anna) == [
        (name, said, DAY, 0, "CONFIRMED"),
        (name, said, NEXT, 1, "CONFIRMED"),
        (name, said, NEXT, 2, "CANCELLED"),
    ]


@pytest.mark.rule("ANN-1", "ANN-2")
def test_the_jobs_dates_in_each_ones_language(desk: Desk) -> None:
    """Of a date that is not announced no calendar hears; once it is announced after all it does."""
    anna, bob = desk.centre.anna, desk.centre.bob
    desk.do(lambda session: session.execute(update(Person).where(Person.id == bob).values(language="en")))
    desk.agree()
    desk.do(planning.propose, system("announce"), clock.today(), desk.stores.settings)
    (told,) = entries(desk, bob)
    assert told[1:] == ("Selection of calls", DRAW_DAY, 0, "CONFIRMED")
    assert entries(desk, anna) == []
    desk.revoke()
    (fixed,) = desk.dates(anna)
    assert [one[:3] for one in entries(desk, anna)] == [
        (f"selection-{fixed.id}@kcc", "Selectie van gesprekken", fixed.day)
    ]


def test_the_letter_says_what_the_entry_says() -> None:
    """Of an entry that takes something out a calendar must read so in the letter, too."""
    settings = Mail(host="127.0.0.1", sender="kcc@example.org", to=("a@example.org",))
    for method in ("PUBLISH", "CANCEL"):
        entry = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nEND:VCALENDAR\r\n".encode()
        (part,) = mail.letter(settings, ["a@example.org"], "s", "t", entries=[entry]).iter_attachments()
        assert part.get_param("method") == method
