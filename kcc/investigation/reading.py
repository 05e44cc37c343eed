"""Reading one case as those who decide, listen or watch over it do: every reading leaves its line (ACC-5)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import CaseState
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.investigation import queries, rules, sealing
from kcc.investigation.model import Case, CaseDecision
from kcc.investigation.rules import Kind
from kcc.people import queries as people
from kcc.stores import Stores


@dataclass(frozen=True, slots=True)
class Signed:
    """A decision as it is read: its words, and who signed it in which seat, when."""

    decision: CaseDecision
    words: dict[str, str]
    signatures: list[tuple[str, str, datetime]]
    listener: str


@dataclass(frozen=True, slots=True)
class Read:
    """A case as one person reads it now, and what that person can do now."""

    permit: Permit
    case: Case
    state: CaseState
    employee: str
    listener: str
    decisions: list[Signed]
    ending: str
    calls: list[queries.Call]
    consent: str
    awaits: list[str]
    """Who may give the second signature that is waited for."""
    signs: bool
    asks: bool
    withdraws: bool
    ends: bool
    listens: bool
    watches: bool
    postponable: bool


def read(stores: Stores, session: Session, actor: Actor, case_id: str) -> Read:
    """A case and its words, for whoever may read it; NotFound for all others."""
    now, subject = clock.now(), Subject("case", case_id)
    facts = queries.facts(session, case_id, now)
    allowed = policy.permit(actor, Action.CASE_READ, subject, facts)
    record.act(session, allowed)
    found = session.get_one(Case, case_id)
    state, waits = queries.state(found, now), queries.waiting(session, case_id)
    seats = queries.seats_of(session, found.employee_id, clock.local_day(now))
    given = {rules.Seat(s.seat): s.person_id for s in queries.signatures(session, waits.id)} if waits else {}
    able = {one for one in seats.everybody if waits and rules.seat_of(seats, one, given)}
    decides = actor.person_id in facts.signer_ids | seats.everybody
    stands = state is not CaseState.ENDED
    listens = found.listener_id == actor.person_id and state is CaseState.OPEN
    officer = policy.may_visit(actor, Action.CASE_SUSPEND) and actor.person_id != found.employee_id
    return Read(
        permit=allowed,
        case=found,
        state=state,
        employee=_name(session, found.employee_id),
        listener=_name(session, found.listener_id),
        decisions=[_signed(stores, session, one) for one in queries.decisions(session, case_id)],
        ending=sealing.open_ending(stores.keys, found),
        calls=queries.calls(session, case_id, now),
        consent=stores.settings.weighty_reasons.consent,
        awaits=sorted(people.names(session, able).values()),
        signs=stands and actor.person_id in able,
        asks=actor.person_id in seats.everybody and state is CaseState.OPEN and waits is None,
        withdraws=decides and stands and waits is not None and waits.kind != Kind.OPEN,
        ends=decides and stands,
        listens=listens,
        watches=officer and stands,
        postponable=found.told_at is None and found.postponed < rules.POSTPONEMENTS,
    )


def _name(session: Session, person_id: str) -> str:
    return people.names(session, {person_id}).get(person_id, "–")


def _signed(stores: Stores, session: Session, one: CaseDecision) -> Signed:
    signatures = queries.signatures(session, one.id)
    names = people.names(session, {s.person_id for s in signatures})
    told = [(names[s.person_id], s.seat, s.signed_at) for s in signatures]
    return Signed(one, sealing.open_decision(stores.keys, one), told, _name(session, one.listener_id))
