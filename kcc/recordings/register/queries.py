"""Reading the register: its lines with counts of their calls, and one line's history; never a call or a
person (ACC-6).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.facts import RecordingState
from kcc.errors import NotFound
from kcc.recordings.model import IntakeCount, Line, LineChange, Recording
from kcc.recordings.rules import UNKNOWN_LINE, LineKind

COUNTED = timedelta(days=28)
"""Over which the calls of a line are counted: until its term a recording is still there to be counted."""
LONGEST_HISTORY = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a line's calls of the last 28 days have sound, are registered without, were refused."""

    kept: int = 0
    sealed: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as a list shows it; `changed_at` is None for one of before its changes were kept."""

    line: Line
    changed_at: datetime | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class Overview:
    """All lines by name, and how many calls were refused of which no line is known."""

    rows: list[LineRow]
    unknown: int


def overview(session: Session, now: datetime, counting: Session | None = None) -> Overview:
    """The register with its counts; calls are counted in a session of their own where this one sees none."""
    last = select(LineChange.line, func.max(LineChange.at).label("at")).group_by(LineChange.line).subquery()
    found = session.execute(select(Line, last.c.at).outerjoin(last, last.c.line == Line.code)).all()
    counts, unknown = _counts(counting or session, now)
    rows = [LineRow(line, at, counts.get(line.code, Counts())) for line, at in found]
    return Overview(sorted(rows, key=lambda row: (row.line.name.casefold(), row.line.code)), unknown)


def one(session: Session, code: str) -> Line:
    """A line; NotFound if the register has none of this code."""
    line = session.get(Line, code, populate_existing=True)
    if line is None:
        raise NotFound
    return line


def counts_of(session: Session, code: str, now: datetime) -> Counts:
    """One line's counts."""
    return _counts(session, now, code)[0].get(code, Counts())


def history(session: Session, code: str) -> list[LineChange]:
    """A line's changes, newest first, at most LONGEST_HISTORY."""
    query = select(LineChange).where(LineChange.line == code).order_by(LineChange.number.desc())
    return list(session.scalars(query.limit(LONGEST_HISTORY)))


def never_other_than(kind: LineKind) -> ColumnElement[bool]:
    """Of a recording joined to its line: that the line had no other kind at any moment since the call began.

    What a call was when it was made is not undone by what its line is now (SAM-4).
    """
    other = (
        select(LineChange.line)
        .where(LineChange.line == Recording.line, LineChange.at > Recording.started_at)
        .where(LineChange.kind_before != kind.value)
        .exists()
    )
    return or_(Line.kind_since.is_(None), Recording.started_at >= Line.kind_since, ~other)


def _counts(session: Session, now: datetime, code: str | None = None) -> tuple[dict[str, Counts], int]:
    """By line, and for the unknown one."""
    begin = now - COUNTED
    stored = (
        select(Recording.line, Recording.state, func.count())
        .where(Recording.started_at >= begin, Recording.state != RecordingState.ERASING.value)
        .group_by(Recording.line, Recording.state)
    )
    refused = (
        select(IntakeCount.line, func.sum(IntakeCount.count))
        .where(IntakeCount.day > clock.local_day(begin))
        .group_by(IntakeCount.line)
    )
    if code is not None:
        stored, refused = stored.where(Recording.line == code), refused.where(IntakeCount.line == code)
    kept, sealed = Counter[str](), Counter[str]()
    for line, state, number in session.execute(stored):
        (sealed if state == RecordingState.SEALED.value else kept)[line] += number
    turned = {line: int(number) for line, number in session.execute(refused)}
    lines = kept.keys() | sealed.keys() | turned.keys()
    found = {line: Counts(kept[line], sealed[line], turned.get(line, 0)) for line in lines}
    return found, _unknown(session, begin)


def _unknown(session: Session, begin: datetime) -> int:
    query = select(func.sum(IntakeCount.count)).where(
        IntakeCount.day > clock.local_day(begin),
        IntakeCount.line == UNKNOWN_LINE,
        IntakeCount.code == "line_unknown",
    )
    return int(session.scalar(query) or 0)
