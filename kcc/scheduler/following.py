"""What follows from the ends of functions, brought together: people say what ended, each package does its
part.

A package that keeps something for a function adds its own step to STEPS; each can be repeated after a crash.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from kcc import clock
from kcc.coaching import succession
from kcc.coaching.consents import ending as consents
from kcc.coaching.opinions import ending as opinions
from kcc.coaching.summaries import erasure as summaries
from kcc.errors import KccError
from kcc.people import assignments, departures, endings
from kcc.people.endings import Ended
from kcc.scheduler import auditing
from kcc.stores import Stores
from kcc.threat import erasure as threats
from kcc.timekeeping import guard
from kcc.wall.rights import Role

log = structlog.get_logger(__name__)

Step = Callable[[Stores, Ended], int]
"""Does what one package does when a function has ended, and answers how many reports it erased."""
STEPS: tuple[Step, ...] = (
    succession.follow,
    opinions.follow,
    summaries.follow,
    consents.follow,
    threats.follow,
)


@dataclass
class Outcome:
    """What a run did: ends followed to their end, reports erased and passed on, and what failed."""

    ended: int = 0
    erased: int = 0
    passed: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"{self.ended} ends followed, {self.erased} reports erased, {self.passed} successions"


def at_once(stores: Stores) -> bool:
    """What follows, from a page on which an end was entered; False when the job must go on with it later."""
    try:
        # A page's own role may not see the reports: nothing would be found, and all would seem done.
        return follow(stores.acting(Role.JOBS)).failed == 0
    except KccError as fault:
        log.warning("what follows waits for the job", code=fault.code)
        return False


def follow(stores: Stores) -> Outcome:
    """Do all that follows from ends and successions in effect; what fails is tried again by the next run.

    ClockUntrusted while the clocks are in doubt: nothing is erased because of a day that may not have come.
    """
    now = guard.trusted(stores)
    done = Outcome()
    with stores.database.write() as session:
        departures.tell(session)
    with stores.database.read() as session:
        ripe = [endings.seen(session, ending) for ending in endings.ripe(session, now)]
        successions = assignments.due_successions(session, clock.local_day(now))
    for ended in ripe:
        try:
            done.erased += sum(step(stores, ended) for step in STEPS)
            with stores.database.write() as session:
                departures.close(session, ended)
            done.ended += 1
        except KccError as fault:
            log.warning("what follows from an end was broken off", ending=ended.id, code=fault.code)
            done.failed += 1
    for one in successions:
        succession.pass_on(stores, one)
        done.passed += 1
    auditing.after_erasure(stores, done.erased)
    return done
