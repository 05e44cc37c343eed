"""A calendar entry is read back by an RFC 5545 parser as what it was written for."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar, Event

from kcc import clock
from kcc.notices.calendars import entry

NOW = datetime(2027, 3, 10, 8, 30, tzinfo=UTC)
DAY = date(2027, 3, 15)


def read_back(text: bytes) -> Event:
    with clock.frozen(NOW):
        (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def write(**what: object) -> bytes:
    given: dict[str, object] = {"uid": "u@kcc", "summary": "Selection day", "start": DAY} | what
    with clock.frozen(NOW):
        return entry(**given)  # type: ignore[arg-type]


def test_a_day_fills_one_day_and_blocks_no_time() -> None:
    event = read_back(write())
    assert (event.uid, event.start, event.end) == ("u@kcc", DAY, DAY + timedelta(days=1))
    assert (str(event["transp"]), str(event["class"]), str(event["status"])) == (
        "TRANSPARENT",
        "PRIVATE",
        "CONFIRMED",
    )
    assert event.stamp == NOW
    assert event.sequence == 0


def test_the_calendar_names_its_version_and_method() -> None:
    calendar = Calendar.from_ical(write())
    assert str(calendar["version"]) == "2.0"
    assert str(calendar["method"]) == "PUBLISH"
    assert calendar["prodid"]


@pytest.mark.parametrize(
    "at", [datetime(2027, 3, 15, 14, 5, tzinfo=clock.LOCAL), datetime(2027, 7, 15, 14, 5, tzinfo=clock.LOCAL)]
)
def test_an_instant_keeps_its_moment_in_summer_and_winter(at: datetime) -> None:
    text = write(start=at)
    event = read_back(text)
    assert event.start == at
    assert event.end == at + timedelta(hours=1)
    assert at.astimezone(UTC).strftime("DTSTART:%Y%m%dT%H%M%SZ").encode() in text


def test_an_hour_that_a_night_repeats_is_not_taken_for_the_other() -> None:
    first = datetime(2027, 10, 31, 2, 30, tzinfo=clock.LOCAL)
    second = first.replace(fold=1)
    assert read_back(write(start=first)).start + timedelta(hours=1) == read_back(write(start=second)).start


@pytest.mark.parametrize(
    "hard",
    [
        "a, b; c\\d",
        "first line\nsecond line",
        "Één naam – met “tekens” en 😀",
        "BEGIN:VALARM\r\nEND:VALARM",
        'quote " and : colon',
    ],
)
def test_text_comes_back_as_it_was(hard: str) -> None:
    event = read_back(write(summary=hard, description=hard))
    assert str(event["summary"]) == hard.replace("\r\n", "\n")
    assert str(event["description"]) == hard.replace("\r\n", "\n")
    assert not event.subcomponents


def test_long_lines_are_folded_within_75_bytes_and_end_in_crlf() -> None:
    long = "Överleg over ’n gesprek " * 40
    text = write(summary=long.strip())
    assert text.endswith(b"\r\n")
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    assert str(read_back(text)["summary"]) == long.strip()


def test_a_moved_entry_keeps_its_uid_and_a_cancelled_one_says_so() -> None:
    moved = write(start=DAY + timedelta(days=2), sequence=1)
    assert read_back(moved).sequence == 1
    gone = write(sequence=2, cancelled=True)
    event = read_back(gone)
    assert (event.uid, event.sequence, str(event["status"])) == ("u@kcc", 2, "CANCELLED")
    assert str(Calendar.from_ical(gone)["method"]) == "CANCEL"


def test_a_link_comes_along() -> None:
    assert str(read_back(write(url="https://kcc.example/reports"))["url"]) == "https://kcc.example/reports"
    assert "url" not in read_back(write())


@pytest.mark.parametrize(
    "what",
    [
        {"start": datetime(2027, 3, 15, 14, 5)},  # noqa: DTZ001 - the fault itself
        {"end": DAY},
        {"end": DAY - timedelta(days=1)},
        {"end": NOW},
        {"start": NOW, "end": NOW},
    ],
)
def test_what_is_no_span_of_time_is_refused(what: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"entry ends|time zone"):
        write(**what)
