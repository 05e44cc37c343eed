"""Both coaches' scores side by side, and what employee and first coach conclude from them together (REP-8);
the report itself is never changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import OpinionState
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import assessment, quality_plan
from kcc.coaching.model import Report
from kcc.coaching.opinions import asking, ending, queries, rules, sealing
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.opinions.rules import Pair
from kcc.coaching.quality_plan import Form
from kcc.errors import N_, AccessDenied, Invalid, NotFound, Refused
from kcc.notices import outbox
from kcc.vault.keystore import KeyStore


class ConclusionChanged(Refused):
    """The conclusion was changed since this page was shown; `kept` is what it says now."""

    def __init__(self, revision: int, kept: str) -> None:
        message = N_(
            "The conclusion was changed in the meantime. Nothing is lost: compare both and save again."
        )
        super().__init__(message, code="changed_elsewhere")
        self.revision, self.kept = revision, kept


@dataclass(frozen=True, slots=True)
class Compared:
    """A report and its second opinion side by side, as one of the three reads them.

    `why` and `conclusion` are between employee and first coach: for the second coach they are empty.
    `writable` says that the reader may write and confirm the conclusion, `confirmed` that they did.
    """

    permit: Permit
    opinion: SecondOpinion
    form: Form
    pairs: Mapping[int, Pair]
    why: str
    conclusion: str
    writable: bool
    confirmed: bool


def read(session: Session, keys: KeyStore, actor: Actor, opinion_id: str) -> Compared:
    """Both sheets, for the employee and both coaches, once both are finished; every reading is logged."""
    facts = queries.facts(session, opinion_id, clock.now())
    subject = Subject("opinion", opinion_id)
    permit = policy.permit(actor, Action.OPINION_COMPARE, subject, facts)
    found = session.get_one(SecondOpinion, opinion_id)
    report = session.get(Report, found.report_id)
    if report is None:
        raise NotFound
    record.act(session, permit)
    form, key = quality_plan.form(session, found.form_version), keys.get(opinion_id)
    first = assessment.content(keys.get(report.id), report)
    one_of_two = actor.person_id in (found.employee_id, found.coach_id)
    return Compared(
        permit=permit,
        opinion=found,
        form=form,
        pairs=rules.pairs(form, first, sealing.sheet(key, found)),
        why=sealing.why(key, found) if one_of_two else "",
        conclusion=sealing.conclusion(key, found) if one_of_two else "",
        writable=_may_conclude(session, actor, opinion_id),
        confirmed=_confirmed(found, actor),
    )


def write(
    session: Session, keys: KeyStore, actor: Actor, opinion_id: str, revision: int, text: str
) -> SecondOpinion:
    """Change the conclusion that stands at `revision`; what one of the two confirmed before counts no more.

    ConclusionChanged when the other changed it since; Invalid when it is empty or too long.
    """
    permit, found = _to_conclude(session, actor, opinion_id)
    text = asking.checked("conclusion", text, rules.LONGEST_CONCLUSION)
    key = keys.get(opinion_id)
    _at_revision(found, key, revision)
    if not text:
        raise Invalid("conclusion", N_("Write what you conclude from both scores."))
    if text == sealing.conclusion(key, found):
        return found
    record.act(session, permit, step="written", revision=revision + 1)
    found.conclusion = sealing.seal(key, opinion_id, "conclusion", text)
    found.conclusion_revision, found.conclusion_saved_at = revision + 1, clock.now()
    anew = found.employee_agreed_at or found.coach_agreed_at
    found.employee_agreed_at = found.coach_agreed_at = found.coach_agreed_id = None
    session.flush()
    if anew:
        _tell_the_other(session, found, actor, "opinion.reopened")
    return found


def confirm(session: Session, keys: KeyStore, actor: Actor, opinion_id: str, revision: int) -> SecondOpinion:
    """Confirm the conclusion as it stands at `revision`; once both have, it is concluded and never changes.

    ConclusionChanged when it says something else by now; confirming twice changes nothing.
    """
    permit, found = _to_conclude(session, actor, opinion_id)
    _at_revision(found, keys.get(opinion_id), revision)
    if not found.conclusion:
        raise Invalid("conclusion", N_("Write what you conclude from both scores."))
    if _confirmed(found, actor):
        return found
    record.act(session, permit, step="confirmed", revision=revision)
    now = clock.now()
    if actor.person_id == found.employee_id:
        found.employee_agreed_at = now
    else:
        found.coach_agreed_at, found.coach_agreed_id = now, actor.person_id
    if found.employee_agreed_at and found.coach_agreed_at:
        found.concluded_at = now
    session.flush()
    _tell_of_confirming(session, found, actor)
    return found


def _to_conclude(session: Session, actor: Actor, opinion_id: str) -> tuple[Permit, SecondOpinion]:
    facts = queries.facts(session, opinion_id, clock.now())
    permit = policy.permit(actor, Action.OPINION_CONCLUDE, Subject("opinion", opinion_id), facts)
    found = ending.locked(session, opinion_id)
    if found is None or queries.state(found, clock.now()) is not OpinionState.SCORED:
        raise NotFound
    return permit, found


def _at_revision(found: SecondOpinion, key: bytes, revision: int) -> None:
    if found.conclusion_revision != revision:
        raise ConclusionChanged(found.conclusion_revision, sealing.conclusion(key, found))


def _may_conclude(session: Session, actor: Actor, opinion_id: str) -> bool:
    facts = queries.facts(session, opinion_id, clock.now())
    try:
        policy.permit(actor, Action.OPINION_CONCLUDE, Subject("opinion", opinion_id), facts)
    except AccessDenied:
        return False
    return True


def _confirmed(found: SecondOpinion, actor: Actor) -> bool:
    if actor.person_id == found.employee_id:
        return found.employee_agreed_at is not None
    return found.coach_agreed_at is not None and actor.person_id == found.coach_id


def _tell_of_confirming(session: Session, found: SecondOpinion, actor: Actor) -> None:
    if found.concluded_at is None:
        _tell_the_other(session, found, actor, "opinion.agreed")
        return
    day = clock.local_day(found.asked_at)
    for person_id in sorted({found.employee_id, found.coach_id or "", found.second_id or ""} - {""}):
        about = None if person_id == found.employee_id else found.employee_id
        outbox.tell(session, person_id, "opinion.concluded", about_id=about, day=day)


def _tell_the_other(session: Session, found: SecondOpinion, actor: Actor, word: str) -> None:
    other = found.coach_id if actor.person_id == found.employee_id else found.employee_id
    if other:
        about = None if other == found.employee_id else found.employee_id
        outbox.tell(session, other, word, about_id=about, person=actor.name)
