"""A coach's list of calibration sessions, of calls that are offered for one, and of what was agreed."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import Consent
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import quality_plan
from kcc.coaching.calibration import queries, rules
from kcc.coaching.calibration.model import ItemInterpretation
from kcc.coaching.consents import queries as consents
from kcc.people import queries as people


@dataclass(frozen=True, slots=True)
class Line:
    """A session in the list; `state` is one of asked, refused, scoring, finished (I did), compared."""

    id: str
    label: str
    facilitator: str
    state: str
    finished: int
    scorers: int
    ends: date


@dataclass(frozen=True, slots=True)
class Offer:
    """A call that an employee of mine offers."""

    id: str
    employee: str
    held: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """All of it."""

    permit: Permit
    lines: list[Line]
    offers: list[Offer]
    agreed: dict[int, ItemInterpretation]


def read(session: Session, actor: Actor) -> Listed:
    """The list, for a coach; logged."""
    permit = policy.permit(actor, Action.CALIBRATION_LIST, Subject("calibration"))
    record.act(session, permit)
    me, now = actor.person_id, clock.now()
    found = queries.mine(session, me, now)
    offered = consents.offered(session, me, now)
    names = people.names(
        session, {*(held.facilitator_id for held, _ in found), *(one.employee_id for one in offered)}
    )
    lines = []
    for held, consent in found:
        scorers = queries.scorers_of(session, held.id)
        done = {one.coach_id for one in scorers if one.finished_at}
        word = consents.said(session, consent, clock.local_day(now))
        state = _state(word, compared=held.compared_at is not None, finished=me in done)
        label, leader = rules.label(held.id), names.get(held.facilitator_id, "")
        lines.append(Line(held.id, label, leader, state, len(done), len(scorers), held.ends))
    held_about = {consent.id for _, consent in found}
    offers = [Offer(one.id, names.get(one.employee_id, ""), one.id in held_about) for one in offered]
    return Listed(permit, lines, offers, queries.agreed(session, quality_plan.current(session)))


def _state(word: Consent, *, compared: bool, finished: bool) -> str:
    if word is not Consent.GIVEN:
        return "asked" if word is Consent.ASKED else "refused"
    return "compared" if compared else "finished" if finished else "scoring"
