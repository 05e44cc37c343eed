"""Explanations and reasons that planning keeps: sealed under a key of their own row, which erases them."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching.planned.model import QuotaException, UnannouncedAgreement
from kcc.stores import Stores
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyGone, KeyStore

EXPLANATION, REFUSAL = "quota_exception.explanation", "unannounced_agreement.reason"
GONE = b""


def seal(keys: KeyStore, kind: str, id_: str, text: str) -> bytes:
    """A text under a new key of its row."""
    return seal_text(keys.create(id_), f"{kind}:{id_}", text)


def read(keys: KeyStore, kind: str, id_: str, sealed: bytes) -> str | None:
    """What it says; None once it is erased."""
    if sealed == GONE:
        return None
    try:
        return open_text(keys.get(id_), f"{kind}:{id_}", sealed)
    except KeyGone:
        return None  # its key went just now, the column follows


def forget(stores: Stores, employee_id: str) -> None:
    """Erase all that was explained about somebody as employee, when that function ends. Repeatable."""
    with stores.database.read() as session:
        ids = [*_explained(session, employee_id), *_refused(session, employee_id)]
    if not ids:
        return
    stores.keys.destroy(ids)
    with stores.database.write() as session:
        permit = policy.permit(system("erase"), Action.REPORT_ERASE, Subject("person", employee_id))
        record.act(session, permit, step="explanations erased", number=len(ids))
        session.execute(update(QuotaException).where(QuotaException.id.in_(ids)).values(explanation=GONE))
        of_agreements = update(UnannouncedAgreement).where(UnannouncedAgreement.id.in_(ids))
        session.execute(of_agreements.values(reason=GONE))


def _explained(session: Session, employee_id: str) -> list[str]:
    mine = QuotaException.employee_id == employee_id
    return list(
        session.scalars(select(QuotaException.id).where(mine, func.length(QuotaException.explanation) > 0))
    )


def _refused(session: Session, employee_id: str) -> list[str]:
    mine = UnannouncedAgreement.employee_id == employee_id
    some = func.length(UnannouncedAgreement.reason) > 0
    return list(session.scalars(select(UnannouncedAgreement.id).where(mine, some)))
