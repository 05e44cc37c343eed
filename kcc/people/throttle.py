"""The growing delay after failures with one number or one person's second factor; what is tried lives
elsewhere.
"""

import math
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kcc import clock
from kcc.errors import N_, KccError
from kcc.people.model import SigninThrottle

FREE_FAILURES = 3
LONGEST_DELAY = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)


class TryLater(KccError):
    """Too many failures with this number, known or not, or this second factor.

    `params["seconds"]` says how long to wait.
    """

    status = 429
    code = "try_later"


def delay_after(failures: int) -> timedelta:
    """The wait after so many failures in a row: none up to two, then 2, 4, 8 seconds, up to 15 minutes."""
    if failures < FREE_FAILURES:
        return timedelta()
    return min(LONGEST_DELAY, timedelta(seconds=2 ** min(failures - FREE_FAILURES + 1, 16)))


def count_attempt(session: Session, slot: bytes) -> None:
    """Count an attempt as failed until it succeeds, or raise TryLater when it comes too early."""
    now = clock.now()
    _forget_old(session, now)
    failed = _locked(session, slot, now)
    wait = _wait(failed, now)
    if wait > timedelta():
        raise TryLater(
            N_("That went wrong too often. Number of seconds until you can try again: %(seconds)d."),
            seconds=math.ceil(wait.total_seconds()),
        )
    failed.failures += 1
    failed.last_at = now


def forget(session: Session, slot: bytes) -> None:
    """Start counting anew, after a success."""
    session.execute(delete(SigninThrottle).where(SigninThrottle.key == slot))


def _locked(session: Session, slot: bytes, now: datetime) -> SigninThrottle:
    """The slot's row, made if absent and locked: a success at the same moment may just have removed it."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = dialect.insert(SigninThrottle).values(key=slot, failures=0, last_at=now)
    kept = {"failures": SigninThrottle.failures}
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_=kept))
    return session.execute(select(SigninThrottle).where(SigninThrottle.key == slot)).scalar_one()


def _wait(failed: SigninThrottle, now: datetime) -> timedelta:
    delay = delay_after(failed.failures)
    return min(delay, failed.last_at + delay - now)


def _forget_old(session: Session, now: datetime) -> None:
    old = (
        select(SigninThrottle.key)
        .where(SigninThrottle.last_at < now - FORGOTTEN_AFTER)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    if keys := session.scalars(old).all():
        session.execute(delete(SigninThrottle).where(SigninThrottle.key.in_(keys)))
