"""Reading the times that recorders write, also without an offset from UTC; a time that may be two instants is
said to be so, never guessed.
"""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kcc.errors import N_, Invalid
from kcc.recordings.sources.metadata import MetadataInvalid

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s?(?:([Zz])|([+-]\d\d):?(\d\d))?", re.ASCII
)


class TimeUnclear(MetadataInvalid):
    """A local time that the clock shows twice (`time_ambiguous`) or never (`time_missing`)."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__((Invalid(field, message, code=code),))
        self.code = code


def read(field: str, text: str, zone: ZoneInfo | None = None) -> datetime:
    """The instant in UTC that is written, tolerant of a blank for the T and of an offset without its colon.

    A time without offset is of the wall clock in `zone`; without a zone it is MetadataInvalid.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise _wrong(field)
    day, time, part, utc, hours, minutes = found.groups()
    offset = "+00:00" if utc else f"{hours}:{minutes}" if hours else ""
    try:
        instant = datetime.fromisoformat(f"{day}T{time}.{(part or '0')[:6]:0<6}{offset}")
        if instant.utcoffset() is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong(field) from None
    if zone is None:
        raise _wrong(field)
    return sole(field, instants(instant, zone))


def instants(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants at which the wall clock in `zone` shows this: one, or two, or none on some nights."""
    found = []
    for fold in (0, 1):
        try:
            instant = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        except OverflowError:
            continue
        if instant not in found and instant.astimezone(zone).replace(tzinfo=None, fold=0) == local:
            found.append(instant)
    return found


def sole(field: str, found: list[datetime]) -> datetime:
    """The one instant there is, or TimeUnclear."""
    if len(found) > 1:
        message = N_(
            "This time comes twice in the night in which the clock goes back. Write it with its offset."
        )
        raise TimeUnclear("time_ambiguous", field, message)
    if not found:
        message = N_("The clock never shows this time: it is skipped in the night in which it goes forward.")
        raise TimeUnclear("time_missing", field, message)
    return found[0]


def _wrong(field: str) -> MetadataInvalid:
    message = N_("Give the start with its offset from UTC, such as 2026-11-03T14:05:00+01:00.")
    return MetadataInvalid((Invalid(field, message, code="metadata_wrong"),))
