"""The end of draws' proofs: after 13 months, or when the log forgets what it said of them (RET-8)."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from kcc.coaching.draws import phrases
from kcc.coaching.model import Draw
from kcc.stores import Stores

TERM = timedelta(days=395)
"""Thirteen months: long enough for a yearly talk about them, and then some."""
BATCH = 500


def forget(stores: Stores, now: datetime) -> int:
    """Empty the pools of draws past their term, and destroy the phrases that no draw needs; how many draws.

    Of a draw remain its number, month, size and secret, about no call. `now` is a time good enough to destroy
    by (kcc.timekeeping.guard).
    """
    before = now - min(TERM, timedelta(days=stores.settings.audit.terms.reports))
    old = select(Draw.number).where(Draw.committed_at < before, Draw.drawn_at.is_not(None))
    old = old.where(Draw.pool.is_not(None)).order_by(Draw.number).limit(BATCH)
    gone = 0
    while True:
        with stores.database.write() as session:
            numbers = list(session.scalars(old))
            emptied = update(Draw).where(Draw.number.in_(numbers))
            session.execute(emptied.values(pool=None, phrase_id=None))
        gone += len(numbers)
        if len(numbers) < BATCH:
            phrases.forget(stores)
            return gone
