"""Reading which versions of the form there are; writes nothing. A form itself is read from quality_plan."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.coaching.criteria.model import FormVersion


@dataclass(frozen=True, slots=True)
class Version:
    """A published version and the days on which reports are begun on it.

    `until` is the last day, None for the newest; a version that another overtook before it began has none.
    """

    number: int
    since: date
    until: date | None
    now: bool
    overtaken: bool


def published(session: Session) -> list[Version]:
    """Every published version, the newest first."""
    query = (
        select(FormVersion.version, FormVersion.starts_on)
        .where(FormVersion.published_at.is_not(None), FormVersion.starts_on.is_not(None))
        .order_by(FormVersion.version.desc())
    )
    found: list[Version] = []
    today, later = clock.today(), date.max
    for number, since in session.execute(query):
        if since is None:
            continue
        overtaken = since >= later
        until = None if later == date.max else date.fromordinal(later.toordinal() - 1)
        now = not overtaken and since <= today and (until is None or today <= until)
        found.append(Version(number, since, until, now, overtaken))
        later = min(later, since)
    return found
