"""Taking a report along (REP-4): who may, and the line that says so; the PDF itself is made by pdf."""

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching import queries
from kcc.coaching.conversation import reading
from kcc.coaching.conversation.reading import Talk
from kcc.vault.keystore import KeyStore


def take(session: Session, keys: KeyStore, actor: Actor, report_id: str) -> Talk:
    """All that goes into a report's PDF, for employee and coach; none goes to a personnel file (REP-9)."""
    facts = queries.report_facts(session, report_id, clock.now())
    permit = policy.permit(actor, Action.REPORT_TAKE, Subject("report", report_id), facts)
    record.act(session, permit, form="pdf")
    return reading.of(session, keys, permit, report_id)
