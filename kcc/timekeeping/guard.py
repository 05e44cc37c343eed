"""Asking the clocks before something is destroyed, and keeping the time that was trusted; the judgement is
in rules.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject, permit
from kcc.audit import record
from kcc.clock import Reading
from kcc.db import put
from kcc.errors import N_, Invalid, Refused, Unavailable
from kcc.stores import Stores
from kcc.timekeeping import rules
from kcc.timekeeping.model import ClockSeen
from kcc.timekeeping.rules import Doubt, Seen

log = structlog.get_logger(__name__)

LONGEST_REASON = 400
SENTENCES = {
    Doubt.DISAGREES: N_(
        "The clocks of this machine and of the database are more than a minute apart. Nothing is erased "
        "until they agree."
    ),
    Doubt.BACK: N_("The clock of this machine went back. Nothing is erased until that is settled."),
    Doubt.JUMPED: N_("The clock of this machine jumped. Nothing is erased until that is settled."),
    Doubt.MOVED: N_(
        "More than a day has gone by since the last time that was trusted. Nothing is erased until the "
        "clock is synchronised or the administrator confirms it."
    ),
}


class ClockUntrusted(Unavailable):
    """The time cannot be trusted with destroying anything; `code` is a rules.Doubt."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the clocks say now, and whether they are to be believed."""

    reading: Reading
    server: datetime | None
    last: Seen | None
    doubt: Doubt | None

    @property
    def confirmable(self) -> bool:
        """Whether the administrator's word settles it: two clocks that disagree must be set right."""
        return self.doubt is not None and self.doubt is not Doubt.DISAGREES


def look(session: Session) -> Clocks:
    """Read all clocks and judge them; changes nothing."""
    last, reading = _last(session), clock.read()
    server = None
    if session.get_bind().dialect.name == "postgresql":
        server = clock.beside(lambda: session.execute(text("SELECT clock_timestamp()")).scalar_one())
    return Clocks(reading, server, last, rules.doubt(reading, server, last))


def trusted(stores: Stores) -> datetime:
    """The present time, good enough to destroy by, and kept as the last one seen; ClockUntrusted otherwise.

    Whatever erases because a moment has come asks here first (RET-1).
    """
    with stores.database.write() as session:
        found = look(session)
        if found.doubt is None:
            _keep(session, found.reading)
    if found.doubt is not None:
        log.error("clock not trusted, nothing is erased", code=found.doubt.value)
        raise ClockUntrusted(SENTENCES[found.doubt], code=found.doubt.value)
    return found.reading.at


def believed(session: Session) -> None:
    """ClockUntrusted while the clocks are in doubt; changes nothing.

    Whatever says no for good because of the time asks here: a recorder keeps what it may send again.
    """
    found = look(session)
    if found.doubt is not None:
        raise ClockUntrusted(SENTENCES[found.doubt], code=found.doubt.value)


def confirm(session: Session, actor: Actor, reason: str) -> None:
    """The administrator vouches for the present time, with a reason that the audit keeps.

    Refused when nothing is in doubt, or while two clocks disagree.
    """
    allowed = permit(actor, Action.CLOCK_CONFIRM, Subject("clock"))
    reason = reason.strip()
    if not reason:
        raise Invalid("reason", N_("Write how you know that the clock is right."))
    if len(reason) > LONGEST_REASON:
        raise Invalid("reason", N_("Keep it under %(count)s characters."), count=LONGEST_REASON)
    found = look(session)
    if found.doubt is None:
        raise Refused(N_("Nothing is wrong with the clock."), code="clock_good")
    if not found.confirmable:
        raise Refused(SENTENCES[found.doubt], code=found.doubt.value)
    last, now = found.last.at.isoformat() if found.last else None, found.reading.at.isoformat()
    record.act(session, allowed, doubt=found.doubt, last=last, now=now, reason=reason)
    _keep(session, found.reading)


def keep_up(stores: Stores) -> Clocks:
    """Let this process go by the latest clock there is: one set back opens nothing (RET-7)."""
    with stores.database.read() as session:
        found = look(session)
    clock.keep_up(rules.floor(found.reading, found.server, found.last))
    return found


def _last(session: Session) -> Seen | None:
    kept = session.get(ClockSeen, 1, populate_existing=True)
    return Seen(kept.at, kept.boot, kept.steady) if kept else None


def _keep(session: Session, reading: Reading) -> None:
    put(session, ClockSeen, {"id": 1}, at=reading.at, boot=reading.boot, steady=reading.steady)
