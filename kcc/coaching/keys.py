"""Which keys of the key store are coaching's: of reports, of the chains of draw secrets, of explanations in
planning; reads only.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc.coaching.model import Report, SeedChain
from kcc.coaching.planned import texts


def known(session: Session, ids: Collection[str]) -> set[str]:
    """Those of the ids that are a report's, a chain's or a text's of planning."""
    return texts.known(session, ids) | {
        id_
        for model in (Report, SeedChain)
        for id_ in session.scalars(select(model.id).where(model.id.in_(ids)))
    }


def expected(session: Session) -> Iterable[str]:
    """The ids that must have a key: reports and texts with a content, chains that still give out secrets."""
    yield from texts.expected(session)
    yield from session.scalars(select(Report.id).where(func.length(Report.content) > 0))
    yield from session.scalars(select(SeedChain.id).where(SeedChain.used < SeedChain.length))
