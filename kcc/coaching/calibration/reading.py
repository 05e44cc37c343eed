"""What a coach sees of a calibration session: the own blind sheet, who has finished, and once the sheets lie
open the comparison; the employee's name only for whoever leads it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import CalibrationFacts, Consent
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import quality_plan
from kcc.coaching.calibration import queries, rules, scoring
from kcc.coaching.calibration.agreement import Agreement, measure
from kcc.coaching.calibration.model import Calibration, CalibrationSheet, ItemInterpretation
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.draft import Draft
from kcc.coaching.quality_plan import Form
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.recordings.model import Recording
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class Scorer:
    """Somebody who scores, and whether they have finished."""

    name: str
    finished: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """The sheets side by side: how far they agree, and the remarks to each item, without their writers."""

    agreement: Agreement
    remarks: dict[int, list[str]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as one coach sees it. `employee` is the name, for whoever leads it alone."""

    permit: Permit
    id: str
    label: str
    leads: bool
    scores: bool
    facilitator: str
    employee: str | None
    consent: Consent
    duration_ms: int
    ends: date
    form: Form
    scorers: list[Scorer]
    finished: bool
    draft: Draft
    revision: int
    saved_at: datetime | None
    compared: Compared | None
    left_out: bool
    agreed: dict[int, ItemInterpretation]


def read(session: Session, keys: KeyStore, actor: Actor, calibration_id: str) -> Seen:
    """A session, for whoever leads it or scores in it; logged."""
    facts = queries.facts(session, calibration_id, clock.now())
    permit = policy.permit(actor, Action.CALIBRATION_READ, Subject("calibration", calibration_id), facts)
    held = session.get(Calibration, calibration_id)
    if held is None:
        raise NotFound
    record.act(session, permit)
    return _seen(session, keys, permit, held, facts)


def _seen(
    session: Session, keys: KeyStore, permit: Permit, held: Calibration, facts: CalibrationFacts
) -> Seen:
    me, owner = permit.actor.person_id, str(facts.recording.owner_id)
    leads = held.facilitator_id == me
    names = people.names(session, {held.facilitator_id, *facts.scorer_ids, *([owner] if leads else [])})
    mine = scoring.sheet_of(session, held.id, me)
    key = scoring.key_of(session, keys, held) if facts.consent is Consent.GIVEN else None
    form = quality_plan.form(session, held.form_version)
    left_out = facts.compared and not leads and me not in facts.finished_ids  # CAL-3: blind until done
    shown = key if facts.compared and not left_out else None
    return Seen(
        permit=permit,
        id=held.id,
        label=rules.label(held.id),
        leads=leads,
        scores=me in facts.scorer_ids,
        facilitator=names.get(held.facilitator_id, ""),
        employee=names.get(owner) if leads else None,
        consent=facts.consent,
        duration_ms=_duration(session, held),
        ends=held.ends,
        form=form,
        scorers=sorted(
            (Scorer(names.get(one, ""), one in facts.finished_ids) for one in facts.scorer_ids),
            key=lambda one: one.name,
        ),
        finished=me in facts.finished_ids,
        draft=scoring.content(key, mine) if key and mine else {},
        revision=mine.revision if mine else 0,
        saved_at=mine.saved_at if mine and mine.revision else None,
        compared=_compared(session, shown, held, facts, form) if shown else None,
        left_out=left_out,
        agreed=queries.agreed(session, held.form_version),
    )


def _duration(session: Session, held: Calibration) -> int:
    query = select(Recording.duration_ms).join(CallConsent, CallConsent.recording_id == Recording.id)
    return session.scalar(query.where(CallConsent.id == held.consent_id)) or 0


def _compared(
    session: Session, key: bytes, held: Calibration, facts: CalibrationFacts, form: Form
) -> Compared:
    """What those answered who had finished; whoever had not counts for nothing."""
    query = select(CalibrationSheet).where(
        CalibrationSheet.calibration_id == held.id, CalibrationSheet.coach_id.in_(facts.finished_ids)
    )
    drafts = [scoring.content(key, sheet) for sheet in session.scalars(query.order_by(CalibrationSheet.id))]
    answers = [{n: draft[f"answer-{n}"] for n in form.observable} for draft in drafts]
    remarks = {
        n: [draft[f"remark-{n}"] for draft in drafts if draft.get(f"remark-{n}")] for n in form.observable
    }
    return Compared(measure(form.observable, answers), remarks)
