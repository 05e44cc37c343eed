"""Counting incidents and measures by quarter, apart from whose they are, and telling the counts once a
quarter is over; below 5 nothing is told (AGG-4).

Counted when it happens, because a settled incident is gone before its quarter is over. A quarter that is over
is never counted again, so that two looks at it do not differ by one person.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record
from kcc.db import count_up
from kcc.threat import rules
from kcc.threat.model import ThreatTally

SHOWN = 8
"""Quarters on the page: two years."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """What is told of a closed quarter: by kind, None where it is not told."""

    begins: date
    incidents: dict[str, int | None]
    incidents_sum: int | None
    measures: dict[str, int | None]
    measures_sum: int | None


def count(session: Session, word: str, at: datetime, by: int = 1) -> None:
    """Count one thing in its quarter; taking one back changes only a quarter that is not over."""
    begins = rules.quarter(clock.local_day(at))
    if by > 0 or begins == rules.quarter(clock.today()):
        count_up(session, ThreatTally, {"quarter": begins, "word": word}, by)


def read(session: Session, actor: Actor) -> tuple[Permit, list[Quarter]]:
    """The closed quarters in which anything was counted, newest first; logged."""
    allowed = permit(actor, Action.THREATS_COUNT, Subject("threats"))
    record.act(session, allowed)
    query = select(ThreatTally).where(ThreatTally.quarter < rules.quarter(clock.today()))
    counted: dict[date, dict[str, int]] = {}
    for row in session.scalars(query):
        counted.setdefault(row.quarter, {})[row.word] = row.count
    return allowed, [_quarter(begins, counted[begins]) for begins in sorted(counted, reverse=True)[:SHOWN]]


def _quarter(begins: date, counts: dict[str, int]) -> Quarter:
    incidents, measures = (
        {word.partition(":")[2]: number for word, number in counts.items() if word.startswith(f"{what}:")}
        for what in ("incident", "measure")
    )
    return Quarter(
        begins,
        *rules.told(incidents, rules.KINDS),
        *rules.told(measures, [kind.value for kind in rules.Measure]),
    )
