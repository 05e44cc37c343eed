"""Which keys of the key store are coaching's: of reports, summaries and chains of secrets; reads only."""

from collections.abc import Collection, Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc.coaching.model import Report, SeedChain
from kcc.coaching.summaries.model import AppraisalSummary


def known(session: Session, ids: Collection[str]) -> set[str]:
    """Those of the ids that are a report's, a summary's or a chain's."""
    return {
        id_
        for model in (Report, AppraisalSummary, SeedChain)
        for id_ in session.scalars(select(model.id).where(model.id.in_(ids)))
    }


def expected(session: Session) -> Iterable[str]:
    """The ids that must have a key: what has a content, and chains that still give out secrets."""
    yield from session.scalars(select(Report.id).where(func.length(Report.content) > 0))
    written = select(AppraisalSummary.id).where(func.length(AppraisalSummary.content) > 0)
    yield from session.scalars(written)
    yield from session.scalars(select(SeedChain.id).where(SeedChain.used < SeedChain.length))
