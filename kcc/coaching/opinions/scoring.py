"""The second coach's own sheet: opening, saving and finishing it without anything of the first (REP-8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import OpinionFacts, OpinionState
from kcc.access.policy import Permit, Subject
from kcc.access.purposes import Purpose
from kcc.audit import record
from kcc.coaching import draft as drafts
from kcc.coaching import quality_plan
from kcc.coaching.assessment import ChangedElsewhere
from kcc.coaching.draft import Draft, Incomplete
from kcc.coaching.opinions import ending, queries, sealing
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.quality_plan import Form
from kcc.coaching.sheets import Call
from kcc.errors import N_, AccessDenied, Invalid, NotFound
from kcc.notices import outbox
from kcc.people import queries as people
from kcc.recordings.model import Recording
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class OpinionSheet:
    """The call and the second coach's draft; `call` is None once its sound is gone."""

    permit: Permit
    id: str
    employee_id: str
    call: Call | None
    form: Form
    draft: Draft
    revision: int
    saved_at: datetime | None
    ends_at: datetime


def read(session: Session, keys: KeyStore, actor: Actor, opinion_id: str) -> OpinionSheet:
    """The sheet of a second opinion that the actor took and has not finished; logged."""
    permit, facts = _permit(session, actor, opinion_id)
    record.act(session, permit, step="opened")
    found = session.get_one(SecondOpinion, opinion_id)
    return OpinionSheet(
        permit=permit,
        id=opinion_id,
        employee_id=found.employee_id,
        call=_call(session, actor, found, facts),
        form=quality_plan.form(session, found.form_version),
        draft=sealing.sheet(keys.get(opinion_id), found),
        revision=found.revision,
        saved_at=found.saved_at,
        ends_at=found.ends_at,
    )


def save(
    session: Session,
    keys: KeyStore,
    actor: Actor,
    opinion_id: str,
    revision: int,
    changes: Mapping[str, str],
) -> SecondOpinion:
    """Change some answers and remarks of a sheet that stands at `revision`.

    ChangedElsewhere when it was saved from another window since; Invalid names a field that is wrong: a
    second opinion is the monitoring part alone (REP-1, REP-8).
    """
    permit, _ = _permit(session, actor, opinion_id)
    found, key = _locked(session, opinion_id), keys.get(opinion_id)
    kept = _at_revision(found, key, revision)
    if other := next((field for field in changes if not field.startswith(("answer-", "remark-"))), None):
        raise Invalid(other, N_("The form has no such field."))
    new = drafts.changed(quality_plan.form(session, found.form_version), kept, changes)
    if new == kept:
        return found
    record.act(session, permit, revision=revision + 1)
    found.content = sealing.seal(key, opinion_id, "content", drafts.dump(new))
    found.revision, found.saved_at = revision + 1, clock.now()
    session.flush()
    return found


def finish(session: Session, keys: KeyStore, actor: Actor, opinion_id: str, revision: int) -> SecondOpinion:
    """Finish the sheet: nobody changes it any more, and both stand side by side for all three.

    Incomplete names what is missing; ChangedElsewhere as for save.
    """
    permit, _ = _permit(session, actor, opinion_id)
    found = _locked(session, opinion_id)
    kept = _at_revision(found, keys.get(opinion_id), revision)
    if unanswered := drafts.missing(quality_plan.form(session, found.form_version), kept):
        numbers = ", ".join(str(number) for number in unanswered)
        message = N_("Answer these items first: %(numbers)s.")
        raise Incomplete(f"answer-{unanswered[0]}", message, unanswered, numbers=numbers)
    record.act(session, permit, step="finished", revision=revision)
    found.finished_at = clock.now()
    session.flush()
    day = clock.local_day(found.asked_at)
    outbox.tell(session, found.employee_id, "opinion.scored", day=day)
    if found.coach_id and people.may_sign_in(session, [found.coach_id], clock.today()):
        outbox.tell(session, found.coach_id, "opinion.scored", about_id=found.employee_id, day=day)
    return found


def scored(session: Session, actor: Actor, opinion_id: str) -> bool:
    """Whether the actor took this and has finished it: then both can be read, and the sheet is closed."""
    facts = queries.facts(session, opinion_id, clock.now())
    mine = facts.second_id == actor.person_id
    return mine and facts.readable and facts.state is OpinionState.SCORED


def _permit(session: Session, actor: Actor, opinion_id: str) -> tuple[Permit, OpinionFacts]:
    facts = queries.facts(session, opinion_id, clock.now())
    return policy.permit(actor, Action.OPINION_SCORE, Subject("opinion", opinion_id), facts), facts


def _locked(session: Session, opinion_id: str) -> SecondOpinion:
    found = ending.locked(session, opinion_id)
    if found is None or queries.state(found, clock.now()) is not OpinionState.SCORING:
        raise NotFound
    return found


def _at_revision(found: SecondOpinion, key: bytes, revision: int) -> Draft:
    kept = sealing.sheet(key, found)
    if found.revision != revision:
        raise ChangedElsewhere(found.revision, found.saved_at or found.asked_at, kept)
    return kept


def _call(session: Session, actor: Actor, found: SecondOpinion, facts: OpinionFacts) -> Call | None:
    subject = Subject("opinion", found.id)
    try:
        policy.permit(actor, Action.OPINION_PLAY, subject, facts, Purpose.SECOND_OPINION)
    except AccessDenied:
        return None
    call = session.get_one(Recording, found.recording_id)
    return Call(call.started_at, call.duration_ms, call.direction, call.due_at)
