"""A coach asks an employee for a drawn call: once for each purpose, and never again after a no (CAL-1)."""

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import Consent
from kcc.access.policy import Permit, Subject
from kcc.access.purposes import Purpose
from kcc.audit import record
from kcc.coaching import queries as coaching
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.model import SampledCall
from kcc.coaching.training import queries as trainings
from kcc.db import inserting, new_id
from kcc.errors import N_, Invalid, Refused
from kcc.notices import outbox
from kcc.people import queries as people

ASKED_BEFORE = N_("This employee was asked about this call before. Nobody is asked twice.")


def permit(session: Session, actor: Actor, sample_id: str) -> Permit:
    """The permit to ask about a drawn call: it stands in an open sample of somebody the actor coaches."""
    facts = coaching.sample_facts(session, sample_id, clock.now())
    return policy.permit(actor, Action.CONSENT_ASK, Subject("sample", sample_id), facts)


def ask_for_training(session: Session, actor: Actor, sample_id: str, training_id: str) -> str:
    """Ask for the use of a drawn call in a training of one's own; gives the consent's id."""
    allowed = permit(session, actor, sample_id)
    mine = {one.id: one for one in trainings.led_by(session, [actor.person_id], clock.today())}
    if training_id not in mine:
        raise Invalid("training_id", N_("Choose one of your trainings."))
    consent = begin(session, allowed, sample_id, Purpose.TRAINING, training_id)
    name = people.names(session, [actor.person_id]).get(actor.person_id, "")
    outbox.tell(
        session, consent.employee_id, "consent.asked_training", coach=name, training=mine[training_id].name
    )
    return consent.id


def begin(
    session: Session, allowed: Permit, sample_id: str, purpose: Purpose, training_id: str | None = None
) -> CallConsent:
    """Write down that it was asked, with the permit for it; Refused when it was before, by anybody."""
    allowed.require(Action.CONSENT_ASK, Subject("sample", sample_id))
    sample = session.get_one(SampledCall, sample_id)
    values = {
        "id": new_id(),
        "recording_id": sample.recording_id,
        "employee_id": sample.employee_id,
        "purpose": purpose.value,
        "training_id": training_id,
        "state": Consent.ASKED.value,
        "asked_by_id": allowed.actor.person_id,
        "asked_at": clock.now(),
    }
    record.act(session, allowed, purpose=purpose.value)
    # Of two who ask at once the database lets one through; an offer that stands is no question either.
    asked = inserting(session, CallConsent, **values)
    session.execute(asked.on_conflict_do_nothing(index_elements=["recording_id", "purpose"]))
    consent = session.get(CallConsent, values["id"])
    if consent is None:
        raise Refused(ASKED_BEFORE, rule="CAL-1", code="asked_before")
    return consent
