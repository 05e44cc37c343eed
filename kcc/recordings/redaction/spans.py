"""What is covered in a copy: spans of a call by channel, as somebody marks them and as samples; pure."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kcc.errors import N_, Invalid

MOST = 500
"""Spans of one call; a name a line of talk in a long call."""
_MOMENT = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?", re.ASCII)


class Manner(StrEnum):
    """What is heard in place of what was said."""

    BLEEP = "bleep"
    SILENCE = "silence"


class Form(StrEnum):
    """The file that a copy becomes."""

    WAV = "wav"
    OPUS = "opus"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one moment to another, in milliseconds of the call; `channel` None covers every side."""

    begins: int
    ends: int
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """All that is covered in a copy of one call, and how."""

    spans: tuple[Span, ...] = ()
    manner: Manner = Manner.BLEEP


@dataclass(frozen=True, slots=True)
class Cut:
    """Samples of one channel that are covered: from the first up to and without the last."""

    channel: int
    first: int
    last: int


def moment(typed: str) -> int | None:
    """Milliseconds of a moment as people type it (83, 1:23, 1:02:03.5); None if it is none."""
    found = _MOMENT.fullmatch(typed.strip())
    if found is None:
        return None
    hours, minutes, seconds, rest = found.groups()
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds)
    return whole * 1000 + int((rest or "").ljust(3, "0"))


def said(ms: int) -> str:
    """The same moment as it is shown: minutes, seconds and thousandths."""
    return f"{ms // 60_000}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def checked(spans: Iterable[Span], duration_ms: int, channels: int) -> tuple[Span, ...]:
    """The spans in order, or Invalid: each begins in the call, ends later and names a side of it."""
    found = tuple(sorted(set(spans), key=lambda one: (one.begins, one.ends, str(one.channel))))
    if len(found) > MOST:
        raise Invalid("spans", N_("Mark at most %(most)s spans."), most=MOST)
    for one in found:
        if one.begins >= one.ends:
            raise Invalid("spans", N_("A span ends after it begins: %(at)s."), at=said(one.begins))
        if not 0 <= one.begins < duration_ms:
            raise Invalid("spans", N_("A span begins within the call: %(at)s."), at=said(one.begins))
        if one.channel is not None and not 0 <= one.channel < channels:
            raise Invalid("spans", N_("This call does not have that side: %(at)s."), at=said(one.begins))
    return found


def cuts(marks: Marks, rate: int, channels: int) -> tuple[Cut, ...]:
    """The samples that spans cover, by channel, none twice; a sample that a span touches is covered whole."""
    found: list[Cut] = []
    for channel in range(channels):
        mine = sorted(
            (one.begins * rate // 1000, -(-one.ends * rate // 1000))
            for one in marks.spans
            if one.channel in (None, channel)
        )
        found += [Cut(channel, first, last) for first, last in _joined(mine)]
    return tuple(found)


def _joined(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in pairs:
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def to_text(marks: Marks) -> str:
    """How marks are kept, under the recording's key."""
    spans = [[one.begins, one.ends, one.channel] for one in marks.spans]
    return json.dumps({"manner": marks.manner.value, "spans": spans}, separators=(",", ":"))


def of_text(text: str) -> Marks:
    """Marks as they were kept."""
    told = json.loads(text)
    return Marks(tuple(Span(*one) for one in told["spans"]), Manner(told["manner"]))
