"""The ends of functions as events: noted with the change itself, looked up until all that follows is done.

What follows in other packages is theirs; kcc/scheduler/following.py brings both together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor, Function
from kcc.errors import NotFound
from kcc.people.model import FunctionEnding, FunctionPeriod
from kcc.people.queries import holds_on

FOLLOW, CONSEQUENCES = "kcc.follow", "kcc.consequences"
"""Under these names the application keeps, for pages, what does at once what follows (`at_once(stores)`), and
what tells beforehand what would (`consequences(session, person_id, function, ends)`).
"""
CONFIRM_WITHIN = timedelta(days=7)
"""How long what came by import or SCIM waits for a person (REP-5)."""


class CameBy(StrEnum):
    """Who says that a function ended: a person who was warned, or a file or system that nobody watched."""

    PERSON = "person"
    IMPORT = "import"
    SCIM = "scim"


@dataclass(frozen=True, slots=True)
class Ended:
    """A function that ended, as those see it who do what follows.

    `continues`: the person goes on in another period of the same function (another team, say), `with_calls`:
    in one that includes customer calls. Then it is no change of function (REP-5).
    """

    id: str
    person_id: str
    function: Function
    ends: date
    continues: bool
    with_calls: bool


def last_day(ending: FunctionEnding) -> date:
    """The day on which an ending that nobody confirmed counts as confirmed."""
    return max(ending.ends, clock.local_day(ending.decided_at)) + CONFIRM_WITHIN


def note(
    session: Session, actor: Actor, period: FunctionPeriod, ends: date, came_by: CameBy = CameBy.PERSON
) -> FunctionEnding:
    """Write down that a period is to end on a day; an earlier note of another end no longer counts."""
    forget(session, [period.id])
    ending = FunctionEnding(
        period_id=period.id,
        person_id=period.person_id,
        function=period.function,
        ends=ends,
        ends_before=period.ends,
        came_by=came_by.value,
        decided_at=clock.now(),
        decided_by=actor.person_id,
    )
    session.add(ending)
    session.flush()
    return ending


def forget(session: Session, period_ids: Sequence[str]) -> None:
    """The standing notes about these periods no longer count: they end on another day, or not at all."""
    standing = select(FunctionEnding).where(
        FunctionEnding.period_id.in_(period_ids), FunctionEnding.withdrawn_at.is_(None)
    )
    for ending in session.scalars(standing.with_for_update()):
        ending.withdrawn_at = clock.now()
    session.flush()


def get(session: Session, ending_id: str) -> FunctionEnding:
    """A standing note, its row locked; NotFound when there is none, or it was withdrawn."""
    found = session.get(FunctionEnding, ending_id, with_for_update=True, populate_existing=True)
    if found is None or found.withdrawn_at is not None:
        raise NotFound
    return found


def still(session: Session, ended: Ended) -> bool:
    """Whether an end stands and is not followed to its end yet; whoever else follows it waits meanwhile."""
    found = session.get(FunctionEnding, ended.id, with_for_update=True, populate_existing=True)
    return found is not None and found.withdrawn_at is None and found.followed_at is None


def of_person(session: Session, person_id: str) -> list[FunctionEnding]:
    """Everything that was ever noted about the ends of a person's functions, newest first."""
    query = select(FunctionEnding).where(FunctionEnding.person_id == person_id)
    return list(session.scalars(query.order_by(FunctionEnding.decided_at.desc(), FunctionEnding.id)))


def waiting(session: Session) -> list[FunctionEnding]:
    """What an import or SCIM ended and nobody has confirmed yet, those that go first on top.

    Whoever goes on in the same function has only moved: nothing follows, and nobody is asked.
    """
    query = select(FunctionEnding).where(
        FunctionEnding.came_by != CameBy.PERSON.value,
        FunctionEnding.confirmed_at.is_(None),
        *_standing(),
    )
    found = session.scalars(query.order_by(FunctionEnding.ends, FunctionEnding.id))
    return [ending for ending in found.all() if not seen(session, ending).continues]


def untold(session: Session, today: date) -> list[FunctionEnding]:
    """What has taken effect and nobody has been told of, locked: another who tells passes them over."""
    query = select(FunctionEnding).where(
        FunctionEnding.ends <= today, FunctionEnding.cut_at.is_(None), *_standing()
    )
    ordered = query.order_by(FunctionEnding.ends, FunctionEnding.id)
    return list(session.scalars(ordered.with_for_update(skip_locked=True)))


def ripe(session: Session, now: datetime) -> list[FunctionEnding]:
    """What has taken effect for good: entered or confirmed by a person, past its time to be confirmed, or no
    change of function at all.
    """
    today = clock.local_day(now)
    query = select(FunctionEnding).where(FunctionEnding.ends <= today, *_standing())
    return [
        ending
        for ending in session.scalars(query.order_by(FunctionEnding.ends, FunctionEnding.id)).all()
        if ending.came_by == CameBy.PERSON.value
        or ending.confirmed_at is not None
        or last_day(ending) <= today
        or seen(session, ending).continues
    ]


def seen(session: Session, ending: FunctionEnding) -> Ended:
    """An ending as those see it who do what follows."""
    going_on = and_(
        FunctionPeriod.person_id == ending.person_id,
        FunctionPeriod.function == ending.function,
        or_(holds_on(FunctionPeriod, ending.ends), holds_on(FunctionPeriod, clock.today())),
    )
    calls = list(session.scalars(select(FunctionPeriod.customer_calls).where(going_on)))
    return Ended(ending.id, ending.person_id, Function(ending.function), ending.ends, bool(calls), any(calls))


def _standing() -> tuple[ColumnElement[bool], ...]:
    return FunctionEnding.followed_at.is_(None), FunctionEnding.withdrawn_at.is_(None)
