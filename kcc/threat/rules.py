"""What a threat is, what may be decided about one, and how its counts are told; pure: words, days and numbers
in, answers out.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from kcc.errors import N_

KINDS = {
    "verbal": N_("verbal aggression"),
    "intimidation": N_("intimidation"),
    "threat": N_("threat"),
    "stalking": N_("stalking"),
    "physical": N_("physical violence"),
}
"""What counts as a threat (the protocol's words)."""
LONGEST_ACCOUNT = 4000
LONGEST_TEXT = 2000
MOST_CALLS = 20
"""Calls in one incident: more of one caller within 4 weeks is rare, and each is a hold of its own."""
MOST_MARKS = 20


class Measure(StrEnum):
    """What employee and team lead may decide on (THR-2)."""

    TALK = "talk"
    WARNING = "warning"
    DENY = "deny"
    POLICE = "police"
    AFTERCARE = "aftercare"
    NONE = "none"


MEASURES = {
    Measure.TALK: N_("a talk with the caller"),
    Measure.WARNING: N_("a written warning"),
    Measure.DENY: N_("no contact for a time"),
    Measure.POLICE: N_("a report to the police"),
    Measure.AFTERCARE: N_("aftercare for the employee"),
    Measure.NONE: N_("no measure"),
}


class Ground(StrEnum):
    """What makes it necessary to keep a threat longer than 6 months (RET-3)."""

    MEASURE = "measure"
    INCIDENT = "incident"


_MARK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\s*[-\u2013]\s*(?:(\d{1,2}):)?(\d{1,3}):(\d{2}))?")
Span = tuple[int, int]


def spans(typed: str, duration_ms: int) -> list[Span] | None:
    """When in a call it happened, from "1:20, 3:05-3:40": milliseconds from and until, in order.

    A single moment is a span without length. None when something else stands there, it lies outside the call,
    or it is more than anybody would mark.
    """
    parts = [part.strip() for part in re.split(r"[,;\n]", typed) if part.strip()]
    found = [_span(part) for part in parts]
    if len(parts) > MOST_MARKS or any(
        span is None or not span[0] <= span[1] <= duration_ms for span in found
    ):
        return None
    return sorted({span for span in found if span is not None})


def _span(part: str) -> Span | None:
    read = _MARK.fullmatch(part)
    if read is None:
        return None
    first, last = read.groups()[:3], read.groups()[3:]
    begins = _milliseconds(*first)
    ends = _milliseconds(*last) if last[1] is not None else begins
    return None if begins is None or ends is None else (begins, ends)


def _milliseconds(hours: str | None, minutes: str | None, seconds: str | None) -> int | None:
    if int(seconds or 0) >= 60 or (hours and int(minutes or 0) >= 60):
        return None
    return (int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)) * 1000


def quarter(day: date) -> date:
    """The first day of a day's quarter."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


LEAST = 5
"""Below this no count is told (AGG-4): the protocol's own floor, which no setting lowers."""


def told(counts: Mapping[str, int], words: Iterable[str]) -> tuple[dict[str, int | None], int | None]:
    """Each word's count and their sum, as far as they can be told; None stands for "not told".

    A count below 5 is kept back. What the sum leaves for those that are kept back would tell them where there
    is one alone, where it is below 5, or where each must be as large as it can be: then the sum is kept back,
    too. So every count that is not told could be another one.
    """
    known = {word: counts.get(word, 0) for word in words}
    hidden = [number for number in known.values() if number < LEAST]
    tellable = not hidden or (len(hidden) > 1 and LEAST <= sum(hidden) < len(hidden) * (LEAST - 1))
    shown = {word: number if number >= LEAST else None for word, number in known.items()}
    return shown, sum(known.values()) if tellable else None
