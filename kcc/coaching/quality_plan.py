"""The QM form by version, as the quality plan fixes it (REP-2, REP-7): from here everybody reads a form.

Answers to it live in draft, the norm's verdict in norm, the versions' keeping and editing in criteria.
"""

from datetime import date
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from kcc import clock
from kcc.coaching.criteria import shape
from kcc.coaching.criteria.annex import annex
from kcc.coaching.criteria.model import FormVersion
from kcc.coaching.criteria.shape import Form, Item, Norm, NotApplicable, Phase, Wording
from kcc.errors import NotFound

__all__ = (
    "Form",
    "Item",
    "Norm",
    "NotApplicable",
    "Phase",
    "Wording",
    "annex",
    "current",
    "form",
    "upcoming",
)

_read = lru_cache(maxsize=64)(shape.load)
_settled: dict[tuple[URL, int], Form] = {}
"""Versions that are or were in force, by database: these were published before today, so that no transaction
still open can take them back, and they never change (REP-2).
"""


def current(session: Session, day: date | None = None) -> int:
    """The version on which reports that begin on a day (today) are written."""
    query = select(func.max(FormVersion.version)).where(
        FormVersion.published_at.is_not(None), FormVersion.starts_on <= (day or clock.today())
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def upcoming(session: Session) -> list[tuple[int, date]]:
    """Published versions that have not begun, with their first day, the next one first.

    One that a later version overtakes before it begins never comes into force, and is not told.
    """
    query = (
        select(FormVersion.version, FormVersion.starts_on)
        .where(FormVersion.published_at.is_not(None), FormVersion.starts_on > clock.today())
        .order_by(FormVersion.version.desc())
    )
    found: list[tuple[int, date]] = []
    for version, begins in session.execute(query):
        if begins is not None and (not found or begins < found[-1][1]):
            found.append((version, begins))
    return found[::-1]


def form(session: Session, version: int) -> Form:
    """The form of a published version; NotFound when there is none.

    One that has begun is read from the database once in a process, and not asked for again.
    """
    place = (session.get_bind().engine.url, version)
    if place in _settled:
        return _settled[place]
    row = session.execute(
        select(FormVersion.body, FormVersion.starts_on).where(
            FormVersion.version == version, FormVersion.published_at.is_not(None)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    found = _read(version, row.body)
    if row.starts_on is not None and row.starts_on <= clock.today():
        _settled[place] = found
    return found
