"""Which keys of the key store are coaching's: of reports, phrases and chains of draw secrets; reads only."""

from collections.abc import Collection, Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc.coaching.draws.model import DrawPhrase
from kcc.coaching.model import Report, SeedChain


def known(session: Session, ids: Collection[str]) -> set[str]:
    """Those of the ids that are a report's, a phrase's or a chain's."""
    return {
        id_
        for model in (Report, DrawPhrase, SeedChain)
        for id_ in session.scalars(select(model.id).where(model.id.in_(ids)))
    }


def expected(session: Session) -> Iterable[str]:
    """The ids that must have a key: reports and phrases with a content, chains that still give secrets."""
    yield from session.scalars(select(Report.id).where(func.length(Report.content) > 0))
    yield from session.scalars(select(DrawPhrase.id).where(func.length(DrawPhrase.content) > 0))
    yield from session.scalars(select(SeedChain.id).where(SeedChain.used < SeedChain.length))
