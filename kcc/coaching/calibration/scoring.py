"""A coach's own blind sheet in a calibration session: saving and finishing it; comparing is comparing's."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import draft as drafts
from kcc.coaching import quality_plan
from kcc.coaching.assessment import ChangedElsewhere
from kcc.coaching.calibration import comparing, queries
from kcc.coaching.calibration.model import Calibration, CalibrationScorer, CalibrationSheet
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.draft import Draft, Incomplete
from kcc.db import inserting, new_id
from kcc.errors import N_, Invalid, NotFound
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore

OURS = ("answer-", "remark-")
"""The fields of a form that are scored here: findings and points belong to a report with its employee."""


def place(sheet_id: str) -> str:
    """The place for which a sheet is sealed."""
    return f"calibration.sheet:{sheet_id}"


def save(
    session: Session,
    keys: KeyStore,
    actor: Actor,
    calibration_id: str,
    revision: int,
    changes: Mapping[str, str],
) -> CalibrationSheet:
    """Change some answers and remarks of one's own sheet that stands at `revision`.

    ChangedElsewhere when it was saved from another window since; Invalid names a field that is wrong.
    """
    permit = _permit(session, actor, calibration_id)
    held = _locked(session, calibration_id)
    if strange := next((field for field in changes if not field.startswith(OURS)), None):
        raise Invalid(strange, N_("The form has no such field."))
    key = key_of(session, keys, held)
    sheet = _sheet(session, key, held, actor.person_id)
    kept = _at_revision(key, sheet, revision)
    new = drafts.changed(quality_plan.form(session, held.form_version), kept, changes)
    if new == kept:
        return sheet
    record.act(session, permit, revision=revision + 1)
    sheet.content = seal_text(key, place(sheet.id), drafts.dump(new))
    sheet.revision, sheet.saved_at = revision + 1, clock.now()
    session.flush()
    return sheet


def finish(session: Session, keys: KeyStore, actor: Actor, calibration_id: str, revision: int) -> bool:
    """Finish one's own sheet: it changes no more; whether all have finished, so that they lie open now.

    draft.Incomplete names the items without an answer; ChangedElsewhere as for save.
    """
    permit = _permit(session, actor, calibration_id)
    held = _locked(session, calibration_id)
    key = key_of(session, keys, held)
    kept = _at_revision(key, _sheet(session, key, held, actor.person_id), revision)
    if unanswered := drafts.missing(quality_plan.form(session, held.form_version), kept):
        numbers = ", ".join(map(str, unanswered))
        message = N_("Answer these items first: %(numbers)s.")
        raise Incomplete(f"answer-{unanswered[0]}", message, unanswered, numbers=numbers)
    record.act(session, permit, act="finished")
    mine = session.get_one(CalibrationScorer, (calibration_id, actor.person_id))
    mine.finished_at = clock.now()
    session.flush()
    return comparing.when_all_have_finished(session, held)


def content(key: bytes, sheet: CalibrationSheet) -> Draft:
    """What a sheet says."""
    return drafts.load(open_text(key, place(sheet.id), sheet.content))


def key_of(session: Session, keys: KeyStore, held: Calibration) -> bytes:
    """The recording's key, under which a session's sheets are sealed: they end with it, backups included."""
    recording_id = session.scalar(select(CallConsent.recording_id).where(CallConsent.id == held.consent_id))
    return keys.get(str(recording_id))


def sheet_of(session: Session, calibration_id: str, coach_id: str) -> CalibrationSheet | None:
    """A coach's sheet, if they have begun one."""
    mine = (CalibrationSheet.calibration_id == calibration_id, CalibrationSheet.coach_id == coach_id)
    return session.scalar(select(CalibrationSheet).where(*mine))


def _permit(session: Session, actor: Actor, calibration_id: str) -> Permit:
    facts = queries.facts(session, calibration_id, clock.now())
    subject = Subject("calibration", calibration_id)
    return policy.permit(actor, Action.CALIBRATION_SCORE, subject, facts)


def _locked(session: Session, calibration_id: str) -> Calibration:
    """The session, while nobody else finishes, compares or ends it."""
    held = session.get(Calibration, calibration_id, with_for_update=True, populate_existing=True)
    if held is None or held.compared_at is not None or held.ended_at is not None:
        raise NotFound
    return held


def _sheet(session: Session, key: bytes, held: Calibration, coach_id: str) -> CalibrationSheet:
    """The coach's sheet, begun if there is none."""
    found = sheet_of(session, held.id, coach_id)
    if found is not None:
        return found
    id_ = new_id()
    values = {"id": id_, "calibration_id": held.id, "coach_id": coach_id, "revision": 0}
    sealed = seal_text(key, place(id_), drafts.dump({}))
    session.execute(inserting(session, CalibrationSheet, **values, content=sealed, saved_at=clock.now()))
    return session.get_one(CalibrationSheet, id_)


def _at_revision(key: bytes, sheet: CalibrationSheet, revision: int) -> Draft:
    kept = content(key, sheet)
    if sheet.revision != revision:
        raise ChangedElsewhere(sheet.revision, sheet.saved_at, kept)
    return kept
