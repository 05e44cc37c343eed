"""The timetable's jobs run by hand in stories, each by its name, and the letters that they send."""

from datetime import date, timedelta
from email.message import EmailMessage

from icalendar import Calendar, Event
from sqlalchemy import update

from kcc import clock
from kcc.clock import Frozen
from kcc.people.model import Person
from kcc.scheduler.timetable import timetable
from kcc.stores import Stores
from tests.post import Post, mail_to, with_settings


def run(stores: Stores, *names: str) -> list[str]:
    """Run jobs one after the other as the scheduler would; gives their accounts of themselves."""
    known = {job.name: job for job in timetable(stores.settings.scheduler)}
    return [known[name].work(stores) for name in names]


def mailing(stores: Stores, post: Post) -> Stores:
    """The same stores with a mail server, and everybody has an address: their number at example.org."""
    with stores.database.write() as session:
        session.execute(update(Person).values(email=Person.number + "@example.org"))
    return with_settings(stores, mail=mail_to(post, "beheer@example.org"))


def go_to(now: Frozen, day: date, hour: int = 9, minute: int = 0) -> None:
    """Move the clock to a moment of a day."""
    now.set(clock.start_of_day(day) + timedelta(hours=hour, minutes=minute))


def letters_to(post: Post, number: str) -> list[EmailMessage]:
    """What came into somebody's letter box, in its order."""
    return [letter for letter in post.sent if str(letter["To"]).startswith(f"{number}@")]


def entries(letter: EmailMessage) -> list[Event]:
    """The calendar entries in a letter."""
    parts = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    found = [Calendar.from_ical(part.get_content()).walk("VEVENT") for part in parts]
    return [event for events in found for event in events]
