"""What must not wait for anybody to look: alarms found, kept, logged and mailed once a day; no scheduler is
needed for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from threading import Event, Thread
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.audit import queries as audit
from kcc.coaching.draws import queries as draws
from kcc.errors import N_, KccError
from kcc.insight import queries as watch
from kcc.people import ways
from kcc.recordings import queries as recordings
from kcc.recordings.drop import figures
from kcc.scheduler import mail
from kcc.scheduler.model import Alarm, JobRun
from kcc.scheduler.words import in_language
from kcc.sections import Mail
from kcc.stores import Stores
from kcc.timekeeping import guard

log = structlog.get_logger(__name__)

OVERDUE_AFTER = timedelta(hours=1)
UNPROVEN_AFTER = timedelta(minutes=30)
REFUSING_AFTER = timedelta(hours=1)
REMIND_AFTER = timedelta(days=1)
TRY_AGAIN_AFTER = timedelta(minutes=15)
"""How soon a mail that could not be sent is tried again."""
LOOK_EVERY_SECONDS = 60.0
BREAK_GLASS_STANDS = timedelta(days=1)
FAILING_AFTER = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
"""A look at the drop folders that is older tells nothing: they are watched no more, or no job runs at all."""
SENTENCES: Mapping[str, str] = {
    "overdue": N_("%(count)d recordings are more than an hour past their erasure date and still there."),
    "clock": N_("The clock is in doubt: nothing is erased until that is settled."),
    "drop_refused": N_(
        "%(count)d calls from drop folders were refused in the last 24 hours; none is kept long."
    ),
    "drop_failing": N_("Drop folders have not been looked through for more than 15 minutes."),
    "audit_broken": N_(
        "The audit log is not what was sealed and signed: it was changed, or the database was taken back."
    ),
    "audit_behind": N_("%(count)d lines of the audit log have not been sealed and signed for half an hour."),
    "break_glass": N_("The emergency account was used %(count)d times in the last 24 hours."),
    "unusual_reading": N_(
        "Unusual reading was noticed %(count)d times, and the data protection officer has not judged it yet."
    ),
    "draws_missing": N_("%(count)d draws are gone that were held: their numbers are missing."),
    "audit_place": N_("%(count)d places have taken no checkpoint of the audit log for an hour."),
}
_SUBJECT = N_("kcc: alarm")


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm as it stands now: a key of SENTENCES, how many things it is about, since when.

    `latest` is when it last happened, for what is told each time and not once a day.
    """

    name: str
    count: int
    since: datetime
    latest: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {"name": self.name, "count": self.count, "since": self.since.isoformat()}


def standing(session: Session) -> list[Standing]:
    """The alarms of this moment, by what is there and not by what was noticed (RET-1)."""
    now, found = clock.now(), []
    count, oldest = recordings.overdue(session, now - OVERDUE_AFTER)
    if oldest is not None:
        found.append(Standing("overdue", count, oldest))
    clocks = guard.look(session)
    if clocks.doubt is not None:
        found.append(Standing("clock", 1, clocks.last.at if clocks.last else now))
    count, first, latest = ways.break_glass_uses(session, now - BREAK_GLASS_STANDS)
    if first is not None:
        found.append(Standing("break_glass", count, first, latest))
    open_ones, since = watch.unsettled(session)
    if since is not None:
        found.append(Standing("unusual_reading", open_ones, since))
    count, first = draws.missing(session)
    if first is not None:
        found.append(Standing("draws_missing", count, first))
    return found + _dropping(session, now) + _of_the_audit(session, now)


def _dropping(session: Session, now: datetime) -> list[Standing]:
    """Of the drop folders, by what the last looks at them said; nothing where there is no such job."""
    runs = select(JobRun).where(JobRun.job == "drop").order_by(JobRun.started_at.desc()).limit(1)
    last, ended = session.scalar(runs), session.scalar(runs.where(JobRun.ended_at.is_not(None)))
    if last is None or last.started_at < now - FORGOTTEN_AFTER:
        return []
    found = []
    if ended and (rising := figures.parse(ended.detail or "").get("rising")):
        found.append(Standing("drop_refused", rising, ended.started_at))
    if last.ended_at is None and ended and last.started_at > now - FAILING_AFTER:
        last = ended  # what is running now says nothing yet, also when it is the first in a weekend
    if last.outcome != "done":
        well = select(func.max(JobRun.started_at)).where(JobRun.job == "drop", JobRun.outcome == "done")
        began = select(func.min(JobRun.started_at)).where(JobRun.job == "drop")
        since = session.scalar(well) or session.scalar(began) or now
        if since <= now - FAILING_AFTER:
            found.append(Standing("drop_failing", 1, since))
    return found


def _of_the_audit(session: Session, now: datetime) -> list[Standing]:
    found = []
    if since := audit.broken_since(session):
        found.append(Standing("audit_broken", 1, since))
    count, oldest = audit.unproven(session)
    if oldest is not None and oldest <= now - UNPROVEN_AFTER:
        found.append(Standing("audit_behind", count, oldest))
    failing = [since for since in audit.failing_places(session) if since <= now - REFUSING_AFTER]
    if failing:
        found.append(Standing("audit_place", len(failing), min(failing)))
    return found


def check(stores: Stores) -> list[Standing]:
    """Notice what began and what is over, write it to the log, and tell the administrator once a day."""
    with stores.database.read() as session:
        found = standing(session)
        kept = {row.name: row.mailed_at for row in session.scalars(select(Alarm))}
    now = clock.now()
    if {alarm.name for alarm in found} != set(kept):
        _keep(stores, found, set(kept))
    for alarm in found:
        told, tell_again = kept.get(alarm.name), _tell_again(alarm, now)
        if (told is None or told <= tell_again) and _claimed(stores, alarm.name, now, tell_again):
            _tell(stores, alarm, now)
    return found


def sentence(alarm: Standing, language: str) -> str:
    """The alarm in words; about nobody."""
    return in_language(language)(SENTENCES[alarm.name]) % {"count": alarm.count}


def _keep(stores: Stores, found: list[Standing], kept: set[str]) -> None:
    with stores.database.write() as session:
        for alarm in found:
            if alarm.name not in kept and session.get(Alarm, alarm.name) is None:
                session.add(Alarm(name=alarm.name, since=clock.now()))
        for name in kept - {alarm.name for alarm in found}:
            over = session.get(Alarm, name)
            if over is not None:
                session.delete(over)
                log.warning("alarm over", alarm=name)


def _tell_again(alarm: Standing, now: datetime) -> datetime:
    """Whoever was told before this is told again: a day later, or when it happened once more."""
    return max(now - REMIND_AFTER, alarm.latest or now - REMIND_AFTER)


def _claimed(stores: Stores, name: str, now: datetime, tell_again: datetime) -> bool:
    """Whether it is this process, of all that watch, that tells of the alarm now."""
    untold = Alarm.mailed_at.is_(None) | (Alarm.mailed_at <= tell_again)
    with stores.database.write() as session:
        claim = update(Alarm).where(Alarm.name == name, untold).values(mailed_at=now).returning(Alarm.name)
        return session.execute(claim).first() is not None


def _tell(stores: Stores, alarm: Standing, now: datetime) -> None:
    log.error("alarm", alarm=alarm.name, count=alarm.count, since=alarm.since.isoformat())
    settings = stores.settings.mail
    if not settings.host:
        return
    try:
        mail.send(settings, in_language(settings.language)(_SUBJECT), _letter(stores, settings, alarm))
    except (OSError, ValueError, SMTPException) as fault:
        log.warning("mail not sent", alarm=alarm.name, error=type(fault).__name__)
        with stores.database.write() as session:
            again = now - REMIND_AFTER + TRY_AGAIN_AFTER
            session.execute(update(Alarm).where(Alarm.name == alarm.name).values(mailed_at=again))


def _letter(stores: Stores, settings: Mail, alarm: Standing) -> str:
    return f"{sentence(alarm, settings.language)}\n\n{stores.settings.server.public_url}/status\n"


class Watch:
    """Looks at the alarms and the clocks now and then, in a thread of each process that serves or
    runs jobs; `also` is done with every look.
    """

    def __init__(
        self, stores: Stores, every: float = LOOK_EVERY_SECONDS, also: Callable[[], None] | None = None
    ) -> None:
        self._stores, self._every, self._also = stores, every, also
        self._stop = Event()
        self._thread = Thread(target=self._watch, name="watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, after the look that is being taken."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                guard.keep_up(self._stores)
                check(self._stores)
                if self._also:
                    self._also()
            except KccError as fault:
                log.warning("alarms not checked", code=fault.code)
            except Exception as fault:  # a watch that dies of one bad look watches nothing
                log.exception("alarms not checked", error=type(fault).__name__)
            self._stop.wait(self._every)
