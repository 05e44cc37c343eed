"""Which keys of the key store are coaching's: of what is sealed here, and of chains of draw secrets; reads
only.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kcc.coaching.draws.model import DrawPhrase
from kcc.coaching.model import Report, SeedChain
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.summaries.model import AppraisalSummary

SEALED = (Report, DrawPhrase, SecondOpinion, AppraisalSummary)
"""What has a `content` under a key of its own id, until that is empty."""


def known(session: Session, ids: Collection[str]) -> set[str]:
    """Those of the ids that are a sealed thing's or a chain's."""
    return {
        id_
        for model in (*SEALED, SeedChain)
        for id_ in session.scalars(select(model.id).where(model.id.in_(ids)))
    }


def expected(session: Session) -> Iterator[str]:
    """The ids that must have a key: what is sealed and still there, and chains that still give secrets."""
    for model in SEALED:
        yield from session.scalars(select(model.id).where(func.length(model.content) > 0))
    yield from session.scalars(select(SeedChain.id).where(SeedChain.used < SeedChain.length))
