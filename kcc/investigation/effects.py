"""What a decision does once two have signed it, and what an end undoes: calls are named and kept, or let go
(RET-5, PUR-2).
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import Facts
from kcc.access.policy import Permit, Subject, permit
from kcc.db import count_up, new_id
from kcc.errors import N_, Refused
from kcc.investigation import queries, rules, sealing, telling
from kcc.investigation.model import Case, CaseCall, CaseCount, CaseDecision
from kcc.investigation.rules import Kind
from kcc.recordings import holds
from kcc.recordings.model import Hold, Recording
from kcc.stores import Stores

RULE = "RET-5"
_REASON = "weighty reasons"


def take(
    stores: Stores,
    session: Session,
    actor: Actor,
    decided: tuple[Case, CaseDecision],
    monitored: Callable[[Session, Collection[str]], Collection[str]],
) -> None:
    """Do what two have signed. A case opens only on calls that are there; refused when none of them is."""
    found, decision = decided
    found.listener_id, found.tell_on = decision.listener_id, decision.tell_on
    found.ends_at = decision.ends_at
    count(session, decision.kind)
    if decision.kind == Kind.POSTPONE:
        found.postponed += 1
    elif decision.kind == Kind.EXTEND:
        _prolong(session, actor, found)
    else:
        found.opened_at = clock.now()
        session.flush()
        _name(stores, session, actor, decided, monitored)
        if found.tell_on is None:
            telling.tell(session, permit_of(session, actor, Action.CASE_SIGN, found), found)


def let_go(stores: Stores, session: Session, permit: Permit, found: Case, facts: Facts) -> None:
    """Lift what a case keeps: what is past everybody else's deadline goes in the next run (RET-5, RET-7)."""
    for call in session.scalars(select(CaseCall).where(CaseCall.case_id == found.id)):
        if call.hold_id is not None and session.get(Hold, call.hold_id) is not None:
            one = _for_recording(permit.actor, permit.action, call.recording_id, facts)
            holds.lift(session, one, call.hold_id, stores.settings.limits)


def count(session: Session, what: str) -> None:
    """Add one to the counts of this quarter; nothing else of a case is kept for ever."""
    count_up(session, CaseCount, {"quarter": rules.quarter_of(clock.today()), "what": what})


def permit_of(session: Session, actor: Actor, action: Action, found: Case) -> Permit:
    """The permit for a case as it is now."""
    return permit(actor, action, Subject("case", found.id), queries.facts_of(session, found, clock.now()))


def _name(
    stores: Stores,
    session: Session,
    actor: Actor,
    decided: tuple[Case, CaseDecision],
    monitored: Callable[[Session, Collection[str]], Collection[str]],
) -> None:
    found, decision = decided
    ids = list(_asked(session, found, sealing.open_decision(stores.keys, decision), monitored))
    if not ids:
        raise Refused(
            N_("None of the calls that this case names is there: a recording is erased after 28 days."),
            rule="WGT-2",
            code="no_calls",
        )
    facts = queries.facts_of(session, found, clock.now())
    for id_ in ids:
        call = CaseCall(id=new_id(), case_id=found.id, recording_id=id_)
        if stores.settings.weighty_reasons.consent:
            one = _for_recording(actor, Action.CASE_SIGN, id_, facts)
            reason = holds.Ground(holds.CASE, RULE, _REASON, stores.keys.get(id_), found.ends_at)
            call.hold_id = holds.place(session, one, id_, reason).id
        session.add(call)
    session.flush()


def _asked(
    session: Session,
    found: Case,
    words: dict[str, str],
    monitored: Callable[[Session, Collection[str]], Collection[str]],
) -> Iterable[str]:
    """The calls that a decision names: by the recorder's id any of the employee's; of a period neither those
    drawn for monitoring nor those reported as a threat, which were kept for another purpose (PUR-2).
    """
    if words["calls"]:
        return _there(session, found, Recording.call_id.in_(words["calls"].splitlines()))
    first, last = date.fromisoformat(words["since"]), date.fromisoformat(words["until"])
    began = clock.start_of_day(first), clock.start_of_day(last + timedelta(days=1))
    within = (Recording.started_at >= began[0], Recording.started_at < began[1])
    ids = _there(session, found, *within, Recording.sample_barred.is_(False))
    drawn = set(monitored(session, ids))
    return [id_ for id_ in ids if id_ not in drawn]


def _there(session: Session, found: Case, *where: ColumnElement[bool]) -> list[str]:
    query = select(Recording.id).where(
        Recording.employee_id == found.employee_id,
        Recording.state == "live",
        Recording.due_at > clock.now(),
        *where,
    )
    return list(session.scalars(query.order_by(Recording.id)))


def _prolong(session: Session, actor: Actor, found: Case) -> None:
    facts = queries.facts_of(session, found, clock.now())
    for call in session.scalars(select(CaseCall).where(CaseCall.case_id == found.id)):
        if call.hold_id is not None and session.get(Hold, call.hold_id) is not None:
            one = _for_recording(actor, Action.CASE_SIGN, call.recording_id, facts)
            holds.prolong(session, one, call.hold_id, found.ends_at)


def _for_recording(actor: Actor, action: Action, recording_id: str, facts: Facts) -> Permit:
    return permit(actor, action, Subject("recording", recording_id), facts)
