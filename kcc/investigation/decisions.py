"""Putting a case forward and signing: that it opens, takes longer, or that the employee is told later; each
takes two signatures, judged as of the moment they were given (WGT-1, WGT-2).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import CaseState
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record
from kcc.db import new_id
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.investigation import effects, queries, rules, sealing, telling
from kcc.investigation.model import Case, CaseDecision, CaseSignature
from kcc.investigation.rules import Kind, Seat
from kcc.stores import Stores

LONGEST = 4000
MOST_CALLS = 50
Terms = tuple[str, datetime, date | None]
"""Who listens, until when, and when the employee is told."""
Monitored = Callable[[Session, Collection[str]], Collection[str]]
"""Which of some recordings were drawn for monitoring: those enter a case by name alone (PUR-2)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody would have decided. Either `calls`, the recorder's ids of named calls, or a period."""

    employee_id: str
    ground: str
    ground_words: str
    indications: str
    calls: tuple[str, ...]
    since: date | None
    until: date | None
    listener_id: str
    last_day: date | None
    tell_on: date | None
    why_not_yet: str


def propose(stores: Stores, session: Session, actor: Actor, plan: Plan) -> Case:
    """Put a case forward with the first signature (WGT-2); it does nothing until the second stands under it.

    Refused when no two people can sign for the employee today, or while another case about them stands;
    Invalid names what is missing in the plan.
    """
    if not plan.employee_id:
        raise Invalid("employee", N_("Choose whom it is about."))
    today, subject = clock.today(), Subject("case", new_id())
    allowed = permit(
        actor, Action.CASE_PROPOSE, subject, queries.seat_facts(session, plan.employee_id, today)
    )
    seats = queries.seats_of(session, plan.employee_id, today)
    if lacking := rules.missing(seats):
        raise Refused(lacking, rule="WGT-2", code="signers_missing")
    rules.watched(queries.officers(session, today, plan.employee_id))
    words = _checked(session, stores, plan, today)
    standing = select(Case.id).where(Case.employee_id == plan.employee_id, Case.ended_at.is_(None))
    if session.scalar(standing):
        raise _another()
    ends = rules.ends_at(plan.last_day or today)
    found = Case(
        id=subject.id,
        employee_id=plan.employee_id,
        made_at=clock.now(),
        ends_at=ends,
        listener_id=plan.listener_id,
        tell_on=plan.tell_on,
        ending=sealing.NO_WORDS,
    )
    session.add(found)
    try:
        session.flush()
    except IntegrityError:  # somebody else put one forward at this very moment
        raise _another() from None
    record.act(session, allowed)
    key = stores.keys.create(found.id)
    _decide(session, found, Kind.OPEN, (plan.listener_id, ends, plan.tell_on), (key, words))
    _sign(session, found, actor, seats)
    telling.proposed(session, found, actor, seats.everybody)
    return found


@dataclass(frozen=True, slots=True)
class More:
    """What is asked about a case that is open: a later last day with its listener, or to tell on a later
    day.
    """

    kind: Kind
    why: str
    last_day: date | None = None
    listener_id: str | None = None
    tell_on: date | None = None


def ask(stores: Stores, session: Session, actor: Actor, case_id: str, more: More) -> None:
    """Ask, with a first signature, that a case takes longer or the employee is told later.

    Refused while another decision waits, and after a postponement was repeated twice.
    """
    found, allowed = locked(session, actor, Action.CASE_SIGN, case_id)
    if queries.state(found, clock.now()) is not CaseState.OPEN:
        raise Refused(N_("This can be asked only of a case that is open."), rule="WGT-2")
    if queries.waiting(session, case_id):
        raise Refused(N_("Another decision about this case still waits for its second signature."))
    why = _words("why", more.why)
    terms = _longer(session, found, more) if more.kind is Kind.EXTEND else _later(stores, found, more)
    record.act(session, allowed, act=f"{more.kind.value} asked")
    _decide(session, found, more.kind, terms, (stores.keys.get(found.id), {"why": why}))
    seats = queries.seats_of(session, found.employee_id, clock.today())
    _sign(session, found, actor, seats)
    telling.asked(session, found, actor, seats.everybody)


def sign(stores: Stores, session: Session, actor: Actor, case_id: str, monitored: Monitored) -> bool:
    """Put the second signature under what waits for it, which then takes effect; True if it opened the case.

    Whoever signs holds the function today; the first signature stands as it was given. Refused for the one
    who signed first, and when nothing waits.
    """
    found, allowed = locked(session, actor, Action.CASE_SIGN, case_id)
    decision = queries.waiting(session, case_id)
    if decision is None:
        raise Refused(N_("Nothing waits for a signature here."), code="nothing_waits")
    if decision.kind != Kind.OPEN and queries.state(found, clock.now()) is not CaseState.OPEN:
        raise Refused(N_("This can be asked only of a case that is open."), rule="WGT-2")
    rules.watched(queries.officers(session, clock.today(), found.employee_id))
    if decision.kind == Kind.POSTPONE and found.told_at is not None:
        raise Refused(N_("The employee has been told meanwhile."), rule="WGT-2")
    _sign(session, found, actor, queries.seats_of(session, found.employee_id, clock.today()))
    decision.effective_at = clock.now()
    done = {Kind.OPEN: "opened", Kind.EXTEND: "extended", Kind.POSTPONE: "postponed"}[Kind(decision.kind)]
    record.act(session, allowed, act=done)
    effects.take(stores, session, actor, (found, decision), monitored)
    telling.taken(session, found, actor, done)
    return decision.kind == Kind.OPEN


def withdraw(session: Session, actor: Actor, case_id: str) -> None:
    """Take back a question for more time or a later telling before its second signature; the case goes on."""
    found, allowed = locked(session, actor, Action.CASE_END, case_id)
    decision = queries.waiting(session, found.id)
    if decision is None or decision.kind == Kind.OPEN:
        raise Refused(N_("Nothing waits for a signature here."), code="nothing_waits")
    decision.withdrawn_at = clock.now()
    record.act(session, allowed, act="withdrawn")
    telling.taken_back(session, found, actor)


def locked(session: Session, actor: Actor, action: Action, case_id: str) -> tuple[Case, Permit]:
    """A case that nobody changes meanwhile, and the permit for it as it then is; or NotFound."""
    found = session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    facts = queries.facts_of(session, found, clock.now())
    return found, permit(actor, action, Subject("case", case_id), facts)


def _decide(
    session: Session, found: Case, kind: Kind, terms: Terms, sealed: tuple[bytes, Mapping[str, object]]
) -> None:
    listener_id, ends_at, tell_on = terms
    key, words = sealed
    decision = CaseDecision(
        id=new_id(),
        case_id=found.id,
        kind=kind.value,
        listener_id=listener_id,
        ends_at=ends_at,
        tell_on=tell_on,
        made_at=clock.now(),
    )
    decision.content = sealing.seal_decision(key, decision.id, words)
    session.add(decision)
    session.flush()


def _sign(session: Session, found: Case, actor: Actor, seats: rules.Seats) -> None:
    decision = queries.waiting(session, found.id)
    if decision is None:
        raise NotFound
    given = queries.signatures(session, decision.id)
    taken = {Seat(one.seat): one.person_id for one in given}
    if actor.person_id in taken.values():
        raise Refused(
            N_("You have signed already. Somebody else gives the second signature."),
            rule="WGT-2",
            code="signed_already",
        )
    seat = rules.seat_of(seats, actor.person_id, taken)
    if seat is None:
        raise Refused(
            N_("Your function has signed already. The other of team lead and department manager signs now."),
            rule="WGT-2",
            code="seat_taken",
        )
    session.add(
        CaseSignature(
            decision_id=decision.id, seat=seat.value, person_id=actor.person_id, signed_at=clock.now()
        )
    )
    session.flush()


def _checked(session: Session, stores: Stores, plan: Plan, today: date) -> dict[str, object]:
    """The words of a plan, once all of it is right."""
    if plan.ground not in rules.GROUNDS:
        raise Invalid("ground", N_("Choose what the suspicion is."))
    if plan.ground == "other":
        _words("ground_words", plan.ground_words)
    indications = _words("indications", plan.indications)
    if bool(plan.calls) == bool(plan.since or plan.until):
        raise Invalid("calls", N_("Name the calls, or a period: one of the two."))
    if len(plan.calls) > MOST_CALLS:
        raise Invalid("calls", N_("Name at most %(count)s calls."), count=MOST_CALLS)
    if not plan.calls and not rules.period_well(plan.since, plan.until, today):
        raise Invalid("since", N_("A period has at most 28 days, and ends today at the latest."))
    _listener(session, plan.employee_id, plan.listener_id, today)
    _last_day(plan.last_day, today)
    if plan.tell_on is not None:
        _tell_on(stores, plan.tell_on, today)
        _words("why_not_yet", plan.why_not_yet)
    return {
        "ground": plan.ground,
        "ground_words": plan.ground_words.strip(),
        "indications": indications,
        "calls": "\n".join(plan.calls),
        "since": plan.since.isoformat() if plan.since else "",
        "until": plan.until.isoformat() if plan.until else "",
        "why_not_yet": plan.why_not_yet.strip() if plan.tell_on else "",
    }


def _longer(session: Session, found: Case, more: More) -> Terms:
    today = clock.today()
    _listener(session, found.employee_id, more.listener_id or "", today)
    _last_day(more.last_day, today)
    ends = rules.ends_at(more.last_day or today)
    if ends <= found.ends_at:
        raise Invalid("last_day", N_("Choose a day after the one on which the case ends now."))
    return more.listener_id or "", ends, found.tell_on


def _later(stores: Stores, found: Case, more: More) -> Terms:
    if found.told_at is not None:
        raise Refused(N_("The employee has been told meanwhile."), rule="WGT-2")
    if found.postponed >= rules.POSTPONEMENTS:
        raise Refused(
            N_("A postponement is repeated at most twice: the employee is told on the day that stands."),
            rule="WGT-2",
        )
    _tell_on(stores, more.tell_on, clock.today())
    return found.listener_id, found.ends_at, more.tell_on


def _words(field: str, text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(field, N_("Write this in your own words."))
    if len(text) > LONGEST:
        raise Invalid(field, N_("Keep it under %(count)s characters."), count=LONGEST)
    return text


def _listener(session: Session, employee_id: str, person_id: str, today: date) -> None:
    seats = queries.seats_of(session, employee_id, today)
    if person_id not in {one[0] for one in queries.listeners(session, seats, today, employee_id)}:
        raise Invalid("listener", N_("Choose who listens: a team lead or a department manager."))


def _last_day(day: date | None, today: date) -> None:
    if not rules.lasts_well(day, today, rules.LISTENING_DAYS):
        raise Invalid("last_day", N_("Choose a last day within 14 days."))


def _tell_on(stores: Stores, day: date | None, today: date) -> None:
    days = stores.settings.weighty_reasons.postpone_days
    if day is None or not 0 < (day - today).days <= days:
        raise Invalid("tell_on", N_("Choose a day within %(count)s days from now."), count=days)


def _another() -> Refused:
    return Refused(
        N_("There is a case about this person already. Look at it, and decide there."),
        rule="WGT-1",
        code="case_stands",
    )
