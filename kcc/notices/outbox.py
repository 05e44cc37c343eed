"""Telling somebody something, in the transaction of the act it is about; showing and mailing it is elsewhere.

A notice is part of an act that has its own audit line. A mail says only that there is one.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.notices.model import Notice
from kcc.notices.rules import Param, dump
from kcc.notices.words import SENTENCES

TERM = timedelta(days=396)
"""Thirteen months: a notice is kept as long as the log's lines about the same."""
BATCH = 1000


def tell(
    session: Session,
    person_id: str,
    word: str,
    *,
    about_id: str | None = None,
    entry: bytes | None = None,
    **params: Param,
) -> None:
    """Write a notice to a person; with `about_id` it also goes when that person's reports go.

    `entry` is for their own calendar (kcc.notices.calendars) and goes with the letter.
    `word` is a key of words.SENTENCES, `params` are its places; KeyError when they do not belong together.
    Telling the same twice makes two notices: a verb that may be repeated tells in the step that it records.
    """
    SENTENCES[word] % params
    told = Notice(person_id=person_id, about_id=about_id, word=word, params=dump(params))
    told.told_at, told.entry = clock.now(), entry.decode() if entry else None
    session.add(told)


def read_all(session: Session, person_id: str) -> None:
    """Count everything that somebody was told so far as read."""
    unread = update(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    session.execute(unread.values(read_at=clock.now()))


def forget_topic(session: Session, person_id: str, topic: str) -> None:
    """Erase what anybody was told about a person under a topic, when what it is about goes (REP-5).

    What that person was told about others stays: somebody who was employee and coach.
    """
    about = or_(
        Notice.about_id == person_id,
        and_(Notice.person_id == person_id, Notice.about_id.is_(None)),
    )
    session.execute(delete(Notice).where(about, Notice.word.startswith(f"{topic}.", autoescape=True)))


def forget_old(session: Session, now: datetime) -> int:
    """Erase notices past their term of thirteen months, a batch at a time; answers how many."""
    old = (
        Notice.__table__.select()
        .with_only_columns(Notice.id)
        .where(Notice.told_at <= now - TERM)
        .limit(BATCH)
    )
    ids = list(session.scalars(old))
    if ids:
        session.execute(delete(Notice).where(Notice.id.in_(ids)))
    return len(ids)
