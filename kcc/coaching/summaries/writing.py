"""A coach's work on a summary for the appraisal cycle: beginning, saving, giving and taking back (REP-10)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import SummaryFacts
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.model import Report
from kcc.coaching.progress import reading
from kcc.coaching.progress.rules import Scored
from kcc.coaching.summaries import drafting, queries, traces
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.coaching.summaries.traces import Trace
from kcc.db import inserting, new_id
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.notices import outbox
from kcc.people import queries as people
from kcc.sections import Summaries
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore

LONGEST = 4000
"""Characters that a summary, or a view, may have."""
LONGEST_CYCLE = timedelta(days=366)
Say = Callable[..., str]


class Traceable(Invalid):
    """A text could lead back to a call; `found` says at which words, and why."""

    def __init__(self, field: str, found: list[Trace]) -> None:
        message = N_("This text holds words that could lead back to one call. Write them in general terms.")
        super().__init__(field, message, code="traceable")
        self.found = found


@dataclass(frozen=True, slots=True)
class Period:
    """The cycle that a summary is about: its first and last day; only the last one's year is told."""

    since: date
    until: date

    @property
    def cycle(self) -> int:
        """The year by which the cycle is called."""
        return self.until.year


def place(summary_id: str) -> str:
    """The place for which a summary's text is sealed."""
    return f"summary.content:{summary_id}"


def begin(
    session: Session,
    keys: KeyStore,
    actor: Actor,
    employee_id: str,
    period: Period,
    terms: Summaries,
    language: str,
    say: Say,
) -> str:
    """Begin a summary with the words that the scores give; the id of it, or of the one begun before.

    Refused where the period holds too few calls; Invalid names a wrong day.
    """
    summary_id = new_id()
    permit = permit_new(session, actor, employee_id, summary_id)
    _check(period)
    open_one = _open(session, actor.person_id, employee_id, period.cycle)
    if open_one is not None:
        return open_one
    found = calls_of(session, keys, actor, employee_id, period)
    enough(len(found), terms)
    text = _words(session, found, terms.least_calls, language, say)
    record.act(session, permit, step="begun", reports=len(found))
    fresh = inserting(
        session,
        AppraisalSummary,
        id=summary_id,
        employee_id=employee_id,
        coach_id=actor.person_id,
        cycle=period.cycle,
        since=period.since,
        until=period.until,
        content=seal_text(keys.create(summary_id), place(summary_id), text),
        saved_at=clock.now(),
        revision=0,
    )
    session.execute(fresh.on_conflict_do_nothing())
    begun = _open(session, actor.person_id, employee_id, period.cycle)
    if begun != summary_id:  # two windows at once: the other one's stands
        keys.destroy([summary_id])
    return begun or summary_id


def save(
    session: Session, keys: KeyStore, actor: Actor, summary_id: str, revision: int, text: str
) -> AppraisalSummary:
    """Keep a summary's text, which the employee does not have yet; Refused when saved elsewhere since."""
    summary, permit = _mine(session, actor, summary_id)
    _not_given(summary)
    text = tidy("text", text)
    if summary.revision != revision:
        raise Refused(
            N_(
                "This summary was changed in another window. Copy your text, reload the page and go on there."
            ),
            code="changed_elsewhere",
        )
    record.act(session, permit, step="saved", revision=revision + 1)
    summary.content = seal_text(keys.get(summary_id), place(summary_id), text)
    summary.revision, summary.saved_at = revision + 1, clock.now()
    session.flush()
    return summary


def found_in(session: Session, keys: KeyStore, actor: Actor, summary_id: str, text: str) -> list[Trace]:
    """What in a text could lead back to a call, for the coach who writes it."""
    summary, _ = _mine(session, actor, summary_id)
    return traces.find(text, _remarks(_calls(session, keys, actor, summary)))


def give(session: Session, keys: KeyStore, actor: Actor, summary_id: str, terms: Summaries) -> None:
    """Give a summary to the employee, who is told when it goes on; nobody else reads it yet.

    Traceable names what could lead back to a call; Refused where too few calls are left, or nothing is said.
    """
    summary, permit = _mine(session, actor, summary_id)
    _not_given(summary)
    text = open_text(keys.get(summary_id), place(summary_id), summary.content)
    if not text:
        raise Invalid("text", N_("Write something first."))
    found = _calls(session, keys, actor, summary)
    enough(len(found), terms)
    if betraying := traces.find(text, _remarks(found)):
        raise Traceable("text", betraying)
    record.act(session, permit, step="given", reports=len(found))
    summary.sent_at = clock.now()
    coach = people.names(session, [actor.person_id])[actor.person_id]
    outbox.tell(session, summary.employee_id, "summary.given", coach=coach, days=terms.reading_days)
    session.flush()


def take_back(session: Session, actor: Actor, summary_id: str) -> None:
    """Take a summary back to correct it, as long as it was not passed on; the employee is told."""
    summary, permit = _mine(session, actor, summary_id)
    if summary.sent_at is None:
        return
    record.act(session, permit, step="taken back")
    summary.sent_at = summary.read_at = None
    coach = people.names(session, [actor.person_id])[actor.person_id]
    outbox.tell(session, summary.employee_id, "summary.taken_back", coach=coach)
    session.flush()


def calls_of(
    session: Session, keys: KeyStore, actor: Actor, employee_id: str, period: Period
) -> list[Scored]:
    """The monitored calls of a period over which a coach may write: those whose reports they hold."""
    after = period.until + timedelta(days=1)
    which = (Report.employee_id == employee_id, Report.coach_id == actor.person_id)
    return list(reading.scored(session, keys, *which, *reading.between(period.since, after)))


def enough(calls: int, terms: Summaries) -> None:
    """Refuse a summary over too few calls (REP-10)."""
    if calls < terms.least_calls:
        raise Refused(
            N_("A summary is about at least %(least)d monitored calls; in this period there are %(calls)d."),
            rule="REP-10",
            code="too_few_calls",
            least=terms.least_calls,
            calls=calls,
        )


def tidy(field: str, text: str) -> str:
    """A typed text as it is kept; Invalid when it is too long."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise Invalid(field, N_("Use at most %(most)s characters here."), most=LONGEST)
    if not all(sign in "\n\t" or sign.isprintable() for sign in text):
        raise Invalid(field, N_("This text holds characters that cannot be stored."))
    return text


def _words(session: Session, found: Collection[Scored], least: int, language: str, say: Say) -> str:
    """Version by version, the newest first: forms that differ are not added up."""
    versions = sorted({report.version for report in found}, reverse=True)
    judged = [
        drafting.judge(
            reading.form(session, version), [one for one in found if one.version == version], least
        )
        for version in versions
    ]
    return "\n\n".join(text for one in judged if (text := drafting.words(one, language, say)))


def _calls(session: Session, keys: KeyStore, actor: Actor, summary: AppraisalSummary) -> list[Scored]:
    return calls_of(session, keys, actor, summary.employee_id, Period(summary.since, summary.until))


def _remarks(found: Collection[Scored]) -> list[str]:
    """All that was written in words in some reports."""
    return [text for one in found for field, text in one.draft.items() if not field.startswith("answer-")]


def permit_new(session: Session, actor: Actor, employee_id: str, summary_id: str = "") -> Permit:
    """The permit to begin a summary about an employee, whoever they are."""
    assigned = actor.person_id in people.coaches_of(session, employee_id, clock.today())
    facts = SummaryFacts(employee_id, actor.person_id, assigned, frozenset(), given=False, passed=False)
    return policy.permit(actor, Action.SUMMARY_WRITE, Subject("summary", summary_id), facts)


def _mine(session: Session, actor: Actor, summary_id: str) -> tuple[AppraisalSummary, Permit]:
    """The summary, locked, and the permit to write on it."""
    facts = queries.facts(session, summary_id, clock.now())
    permit = policy.permit(actor, Action.SUMMARY_WRITE, Subject("summary", summary_id), facts)
    found = session.get(AppraisalSummary, summary_id, with_for_update=True, populate_existing=True)
    if found is None or found.passed_at is not None or found.content == queries.NO_CONTENT:
        raise NotFound  # passed on, or erased, since its facts were read
    return found, permit


def _not_given(summary: AppraisalSummary) -> None:
    if summary.sent_at is not None:
        raise Refused(
            N_("The employee has this summary now. Take it back first to change it."), code="given_already"
        )


def _open(session: Session, coach_id: str, employee_id: str, cycle: int) -> str | None:
    query = select(AppraisalSummary.id).where(
        AppraisalSummary.coach_id == coach_id,
        AppraisalSummary.employee_id == employee_id,
        AppraisalSummary.cycle == cycle,
        AppraisalSummary.passed_at.is_(None),
        AppraisalSummary.content != queries.NO_CONTENT,
    )
    return session.scalar(query)


def _check(period: Period) -> None:
    if period.until > clock.today():
        raise Invalid("until", N_("This day has not come yet."))
    if period.since > period.until:
        raise Invalid("since", N_("The first day must not come after the last one."))
    if period.until - period.since > LONGEST_CYCLE:
        raise Invalid("since", N_("A cycle is a year at most."))
