"""Which keys of the key store are coaching's: of what is sealed here, and of chains of draw secrets; reads
only.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc.coaching.draws.model import DrawPhrase
from kcc.coaching.model import Report, SeedChain
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.planned.model import QuotaException, UnannouncedAgreement
from kcc.coaching.summaries.model import AppraisalSummary

SEALED = (
    (Report.id, Report.content),
    (DrawPhrase.id, DrawPhrase.content),
    (SecondOpinion.id, SecondOpinion.content),
    (QuotaException.id, QuotaException.explanation),
    (UnannouncedAgreement.id, UnannouncedAgreement.reason),
    (AppraisalSummary.id, AppraisalSummary.content),
)
"""What is sealed under a key of its own id, until it is empty."""


def known(session: Session, ids: Collection[str]) -> set[str]:
    """Those of the ids that are a sealed thing's or a chain's."""
    return {
        found
        for id_ in (*(id_ for id_, _ in SEALED), SeedChain.id)
        for found in session.scalars(select(id_).where(id_.in_(ids)))
    }


def expected(session: Session) -> Iterator[str]:
    """The ids that must have a key: what is sealed and still there, and chains that still give secrets."""
    for id_, content in SEALED:
        yield from session.scalars(select(id_).where(func.length(content) > 0))
    yield from session.scalars(select(SeedChain.id).where(SeedChain.used < SeedChain.length))
