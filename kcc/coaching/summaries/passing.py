"""Reading a summary, and its way from the employee, who comes first, to the team lead (REP-10)."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.summaries import queries, traces
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.coaching.summaries.writing import Traceable, place, tidy
from kcc.errors import N_, NotFound, Refused
from kcc.notices import outbox
from kcc.people import queries as people
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore

SUBJECT = Subject("summary")


@dataclass(frozen=True, slots=True)
class Read:
    """A summary as somebody reads it; `goes_on` is the day on which it is passed on, known to the employee
    and the coach.
    """

    permit: Permit
    id: str
    employee_id: str
    coach_id: str
    cycle: int
    text: str
    view: str
    revision: int
    given: bool
    read: bool
    passed: bool
    goes_on: date | None

    @property
    def mine(self) -> bool:
        """Whether the reader is whom it is about."""
        return self.permit.actor.person_id == self.employee_id

    @property
    def written_by_me(self) -> bool:
        """Whether the reader is the coach who writes it."""
        return self.permit.function is Function.COACH


def read(session: Session, keys: KeyStore, actor: Actor, summary_id: str, reading_days: int) -> Read:
    """A summary, for its coach, for its employee once it is given, for their team lead once it is passed on.

    Every reading is logged; from the employee's first one the days count.
    """
    facts = queries.facts(session, summary_id, clock.now())
    permit = policy.permit(actor, Action.SUMMARY_READ, Subject("summary", summary_id), facts)
    found = session.get(AppraisalSummary, summary_id, populate_existing=True)
    first = found is not None and actor.person_id == found.employee_id and found.read_at is None
    if first:  # nobody takes it back while their first reading is noted
        found = session.get(AppraisalSummary, summary_id, populate_existing=True, with_for_update=True)
    if found is None or found.content == queries.NO_CONTENT or (first and found.sent_at is None):
        raise NotFound
    record.act(session, permit)
    if first:
        found.read_at = clock.now()
        session.flush()
    key = keys.get(summary_id)
    return Read(
        permit=permit,
        id=found.id,
        employee_id=found.employee_id,
        coach_id=found.coach_id,
        cycle=found.cycle,
        text=open_text(key, place(found.id), found.content),
        view=open_text(key, view_place(found.id), found.view) if found.view else "",
        revision=found.revision,
        given=found.sent_at is not None,
        read=found.read_at is not None,
        passed=found.passed_at is not None,
        goes_on=_day(found, reading_days),
    )


def pass_on(
    session: Session, keys: KeyStore, actor: Actor, summary_id: str, revision: int, view: str
) -> None:
    """The employee passes a summary on as they read it, at `revision`, with a view of their own or without.

    Traceable names what in the view could lead back to a call; Refused where it changed since they read it.
    """
    facts = queries.facts(session, summary_id, clock.now())
    permit = policy.permit(actor, Action.SUMMARY_PASS, Subject("summary", summary_id), facts)
    found = session.get(AppraisalSummary, summary_id, with_for_update=True, populate_existing=True)
    if found is None or found.passed_at is not None or found.content == queries.NO_CONTENT:
        raise NotFound
    if found.sent_at is None:
        raise NotFound  # taken back since its facts were read
    if found.read_at is None or found.revision != revision:
        raise Refused(N_("Your coach has changed this summary. Read it again first."), code="changed")
    view = tidy("view", view)
    if betraying := traces.find(view, ()):
        raise Traceable("view", betraying)
    record.act(session, permit, step="passed on", view=bool(view))
    if view:
        found.view = seal_text(keys.get(summary_id), view_place(summary_id), view)
    found.passed_at = clock.now()
    session.flush()


def pass_due(session: Session, actor: Actor, reading_days: int) -> int:
    """Pass on what its employee read and left for the set number of days; answers how many.

    What was never read is not passed on: the employee sees it before the team lead does.
    """
    query = select(AppraisalSummary).where(
        AppraisalSummary.read_at.is_not(None),
        AppraisalSummary.passed_at.is_(None),
        AppraisalSummary.content != queries.NO_CONTENT,
    )
    passed = 0
    for found in session.scalars(query.order_by(AppraisalSummary.id).with_for_update()):
        day = _day(found, reading_days)
        if day is None or day > clock.today():
            continue
        facts = queries.facts_of(session, found, clock.today())
        permit = policy.permit(actor, Action.SUMMARY_PASS, Subject("summary", found.id), facts)
        record.act(session, permit, step="passed on in time")
        found.passed_at = clock.now()
        name = people.names(session, [found.employee_id]).get(found.employee_id, "")
        outbox.tell(session, found.employee_id, "summary.passed")
        about = found.employee_id
        outbox.tell(session, found.coach_id, "summary.passed_coach", about_id=about, employee=name)
        passed += 1
    session.flush()
    return passed


@dataclass(frozen=True, slots=True)
class Lists:
    """The summaries that somebody may open: about themself, by themself as coach, of the people they lead."""

    permit: Permit
    about_me: queries.Rows | None
    by_me: queries.Rows | None
    of_my_team: queries.Rows | None
    coached: dict[str, str]


def lists(session: Session, actor: Actor) -> Lists:
    """What the actor may open, in every function they hold."""
    permit = policy.permit(actor, Action.SUMMARY_LIST, SUBJECT)
    record.act(session, permit)
    today, me = clock.today(), actor.person_id
    employee, coach = (policy.may_visit(actor, one) for one in (Action.SUMMARY_PASS, Action.SUMMARY_WRITE))
    employees = people.employees_of(session, me, today) - {me}
    return Lists(
        permit,
        queries.about(session, me) if employee else None,
        queries.by_coach(session, me, employees) if coach else None,
        queries.for_lead(session, actor.teams_led, me, today) if actor.teams_led else None,
        people.names(session, employees),
    )


def view_place(summary_id: str) -> str:
    """The place for which an employee's view is sealed, under the summary's own key."""
    return f"summary.view:{summary_id}"


def _day(summary: AppraisalSummary, reading_days: int) -> date | None:
    if summary.read_at is None or summary.passed_at is not None:
        return None
    return clock.local_day(summary.read_at) + timedelta(days=reading_days)
