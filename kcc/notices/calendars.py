"""Calendar entries as iCalendar files (RFC 5545): what is in one; who offers or mails it is elsewhere."""

from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event
from icalendar.enums import CLASS, STATUS, TRANSP

from kcc import clock

PRODUCT = "-//kcc//calendar//EN"
CONTENT_TYPE = "text/calendar; charset=utf-8"


def entry(
    uid: str,
    summary: str,
    start: date | datetime,
    end: date | datetime | None = None,
    *,
    sequence: int = 0,
    cancelled: bool = False,
    description: str = "",
    url: str = "",
) -> bytes:
    """One entry, as the bytes of a file of its own; the same `uid` with a higher `sequence` replaces it.

    A day (`date`) fills the calendar's day and blocks no time; its `end` is the first day after it. An
    instant is written in UTC, so that no calendar needs to know our time zone's rules; without `end` it
    takes an hour. Private: whoever shares their calendar shows no more than that there is something.
    ValueError for an instant without a time zone, or an end that is not after the start.
    """
    begins, ends = _plain(start), _plain(_end(start) if end is None else end)
    if isinstance(begins, datetime) is not isinstance(ends, datetime) or not begins < ends:
        raise ValueError("an entry ends after it starts, both days or both instants")
    event = Event.new(
        uid=uid,
        summary=summary,
        start=begins,
        end=ends,
        stamp=clock.now(),
        sequence=sequence,
        status=STATUS.CANCELLED if cancelled else STATUS.CONFIRMED,
        transparency=TRANSP.OPAQUE if isinstance(begins, datetime) else TRANSP.TRANSPARENT,
        classification=CLASS.PRIVATE,
        description=description or None,
        url=url or None,
    )
    method = "CANCEL" if cancelled else "PUBLISH"
    return bytes(Calendar.new(prodid=PRODUCT, method=method, subcomponents=[event]).to_ical())


def _end(start: date | datetime) -> date | datetime:
    return start + (timedelta(hours=1) if isinstance(start, datetime) else timedelta(days=1))


def _plain(moment: date | datetime) -> date | datetime:
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return moment.astimezone(UTC)
