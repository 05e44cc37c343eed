"""Setting up a training, seeing it, and closing it before its last day; its calls are asked for elsewhere."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.calibration.rules import label
from kcc.coaching.consents import queries as consents
from kcc.coaching.training import queries, rules
from kcc.coaching.training.model import Training, TrainingParticipant
from kcc.coaching.training.rules import Kind
from kcc.db import new_id
from kcc.errors import N_, Invalid, NotFound
from kcc.notices import outbox
from kcc.people import queries as people

WHO = {
    Kind.CUSTOMER_CONTACT: (Function.EMPLOYEE, Function.COACH),
    Kind.COACHING: (Function.COACH,),
}
"""Who may be in which kind of training (CAL-2)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A training as somebody wants to hold it."""

    name: str
    kind: str
    begins: date | None
    ends: date | None
    participant_ids: Collection[str]


@dataclass(frozen=True, slots=True)
class Call:
    """A call in a training: a label and no name, no day."""

    id: str
    label: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Held:
    """A training as somebody in it sees it."""

    permit: Permit
    training: Training
    trainer: str
    participants: list[str]
    leads: bool
    begun: bool
    calls: list[Call]


def plan(session: Session, actor: Actor, wanted: Plan) -> Training:
    """Set up a training whose trainer is the actor. Who is in it does not change afterwards: employees who
    are asked for a call are told who will hear it.
    """
    permit = policy.permit(actor, Action.TRAINING_PLAN, Subject("training"))
    name, today = rules.named(wanted.name), clock.today()
    if wanted.kind not in set(Kind):
        raise Invalid("kind", N_("Choose what the training is about."))
    if wanted.begins is None or wanted.ends is None:
        raise Invalid("ends" if wanted.begins else "begins", N_("Fill in the first and the last day."))
    rules.dated(wanted.begins, wanted.ends, today)
    chosen = set(wanted.participant_ids) - {actor.person_id}
    _require_fitting(session, chosen, Kind(wanted.kind))
    training = Training(
        id=new_id(),
        name=name,
        kind=wanted.kind,
        trainer_id=actor.person_id,
        begins=wanted.begins,
        ends=wanted.ends,
        created_at=clock.now(),
    )
    record.act(session, permit, training=training.id)
    session.add(training)
    session.flush()
    session.add_all(TrainingParticipant(training_id=training.id, person_id=one) for one in sorted(chosen))
    trainer = people.names(session, [actor.person_id]).get(actor.person_id, "")
    for one in sorted(chosen):
        outbox.tell(session, one, "training.invited", trainer=trainer, name=name, day=wanted.begins)
    session.flush()
    return training


def candidates(session: Session, kind: Kind) -> list[tuple[str, str]]:
    """(id, name) of those who may be in a training of this kind today."""
    ids = consents.holders(session, WHO[kind], clock.today())
    return sorted(people.names(session, ids).items(), key=lambda one: one[1])


def read(session: Session, actor: Actor, training_id: str) -> Held:
    """A training, for its trainer and those in it; logged."""
    facts = queries.facts(session, training_id, clock.now())
    permit = policy.permit(actor, Action.TRAINING_READ, Subject("training", training_id), facts)
    training = session.get(Training, training_id)
    if training is None:
        raise NotFound
    record.act(session, permit)
    names = people.names(session, {training.trainer_id, *facts.participant_ids})
    calls = queries.calls_in(session, training_id, clock.now()) if facts.begun else []
    return Held(
        permit=permit,
        training=training,
        trainer=names.get(training.trainer_id, ""),
        participants=sorted(names[one] for one in facts.participant_ids if one in names),
        leads=training.trainer_id == actor.person_id,
        begun=facts.begun,
        calls=[Call(one.id, label(one.id), ms) for one, ms in calls],
    )


def close(session: Session, actor: Actor, training_id: str) -> None:
    """Close a training of one's own now: from here on nobody hears its calls."""
    facts = queries.facts(session, training_id, clock.now())
    permit = policy.permit(actor, Action.TRAINING_LEAD, Subject("training", training_id), facts)
    record.act(session, permit, act="closed")
    session.get_one(Training, training_id).closed_at = clock.now()
    session.flush()


def _require_fitting(session: Session, chosen: Collection[str], kind: Kind) -> None:
    if not chosen:
        raise Invalid("participants", N_("Choose who is in the training."))
    if len(chosen) > rules.MOST:
        raise Invalid("participants", N_("Choose at most %(most)s people."), most=rules.MOST)
    if set(chosen) - consents.holding(session, chosen, WHO[kind], clock.today()):
        if kind is Kind.COACHING:
            raise Invalid("participants", N_("A training in coaching skills is for coaches only."))
        raise Invalid("participants", N_("A training is for employees and coaches."))
