"""Reading what the watch noticed; writes nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc.insight.model import WatchEvent

SHOWN = 50
"""Judged events on the officer's page; older ones are found by searching the log."""


def unsettled(session: Session) -> tuple[int, datetime | None]:
    """How many events nobody has judged yet, and when the oldest was noticed: about nobody."""
    query = select(func.count(), func.min(WatchEvent.noticed_at)).where(WatchEvent.settled_at.is_(None))
    count, since = session.execute(query).one()
    return count, since


def events(session: Session, *, settled: bool) -> Sequence[WatchEvent]:
    """Those not judged yet, all of them, or those judged last; newest first."""
    query = select(WatchEvent).order_by(WatchEvent.noticed_at.desc(), WatchEvent.id.desc())
    if settled:
        return session.scalars(query.where(WatchEvent.settled_at.is_not(None)).limit(SHOWN)).all()
    return session.scalars(query.where(WatchEvent.settled_at.is_(None))).all()


def untold(session: Session) -> Sequence[WatchEvent]:
    """Those of which the officer was not written to yet."""
    query = select(WatchEvent).where(WatchEvent.told_at.is_(None), WatchEvent.settled_at.is_(None))
    return session.scalars(query.order_by(WatchEvent.noticed_at)).all()
