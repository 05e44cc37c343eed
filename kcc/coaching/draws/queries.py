"""Reading draws for those who check them, and the facts by which the policy judges; writes nothing."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from kcc import clock
from kcc.access.facts import DrawFacts, RecordingState
from kcc.coaching.model import Draw, SeedChain, SelectionDate
from kcc.errors import NotFound
from kcc.recordings.model import Recording

PAGE = 25
"""Draws on a page: each is checked while the page is made."""

Dated = tuple[Draw, date]
"""A draw with the month whose slots it filled."""


def facts(session: Session, proof_id: str, _: datetime) -> DrawFacts:
    """The facts of a draw that was held, by the id of its proof; else NotFound. Asked as kcc itself."""
    query = select(Draw.employee_id).where(Draw.selection_id == proof_id, Draw.drawn_at.is_not(None))
    employee_id = session.scalar(query)
    if employee_id is None:
        raise NotFound
    return DrawFacts(employee_id)


def held(session: Session, proof_id: str) -> Dated:
    """A draw that was held, by the id of its proof; else NotFound."""
    query = select(Draw, SelectionDate.month).join(SelectionDate, SelectionDate.id == Draw.selection_id)
    row = session.execute(query.where(Draw.selection_id == proof_id, Draw.drawn_at.is_not(None))).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def page(
    session: Session, before: int | None, employee_id: str | None = None
) -> tuple[list[Dated], int | None]:
    """A page of draws, newest first, and the number before which the next one begins.

    Everybody's, those that wait for their secret among them; or those of one employee that were held.
    """
    query = select(Draw, SelectionDate.month).join(SelectionDate, SelectionDate.id == Draw.selection_id)
    if employee_id is not None:
        query = query.where(Draw.employee_id == employee_id, Draw.drawn_at.is_not(None))
    if before is not None:
        query = query.where(Draw.number < before)
    rows = [(row[0], row[1]) for row in session.execute(query.order_by(Draw.number.desc()).limit(PAGE + 1))]
    older = rows[PAGE - 1][0].number if len(rows) > PAGE else None
    return rows[:PAGE], older


def held_in(session: Session, months: Collection[date]) -> dict[date, int]:
    """How many draws each of these months has."""
    query = select(SelectionDate.month, func.count()).join(Draw, Draw.selection_id == SelectionDate.id)
    found = session.execute(query.where(SelectionDate.month.in_(months)).group_by(SelectionDate.month))
    return {row[0]: row[1] for row in found}


def highest(session: Session) -> int:
    """The highest number that was given to a draw, 0 for none."""
    return session.scalar(select(func.max(Draw.number))) or 0


def missing(session: Session) -> tuple[int, datetime | None]:
    """How many draws are gone that were there, and since when at most (SAM-3); (0, None) when all is well.

    Told by a gap in the numbers; or, where the last ones went, by secrets that were given out to no draw.
    """
    count, top = session.execute(select(func.count(), func.max(Draw.number)).select_from(Draw)).one()
    lost = max((top or 0) - count, _secrets_without_draw(session))
    if not lost:
        return 0, None
    following = select(Draw.committed_at).where(Draw.number > 1, ~_before().exists())
    return lost, session.scalar(following.order_by(Draw.number).limit(1)) or clock.now()


def _before() -> Select[int]:
    earlier = aliased(Draw)
    return select(earlier.number).where(earlier.number == Draw.number - 1)


def _secrets_without_draw(session: Session) -> int:
    """A chain that is used up may be a retired one: of it counts what its draws tell."""
    told = func.coalesce(func.max(Draw.chain_index), 0)
    given = case((SeedChain.used < SeedChain.length, SeedChain.used), else_=told)
    query = (
        select(given - func.count(Draw.number))
        .outerjoin(Draw, Draw.chain_id == SeedChain.id)
        .group_by(SeedChain.id, SeedChain.used, SeedChain.length)
    )
    return sum(session.scalars(query))


def started(session: Session, employee_id: str, ids: Collection[str], now: datetime) -> dict[str, datetime]:
    """When each of these calls began, of those that their employee can still open (RGT-1)."""
    query = select(Recording.id, Recording.started_at).where(
        Recording.employee_id == employee_id,
        Recording.id.in_(ids),
        Recording.state == RecordingState.LIVE.value,
        Recording.due_at > now,
    )
    return {row[0]: row[1] for row in session.execute(query)}
