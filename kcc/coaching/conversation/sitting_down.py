"""Coming to a conversation to do something: the permit, the report's key, and the row, locked."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.policy import Permit, Subject
from kcc.coaching import queries
from kcc.coaching.conversation.model import Conversation, ConversationText
from kcc.coaching.conversation.rules import Part, Side
from kcc.coaching.model import Report
from kcc.db import inserting
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody at the table: by which permit, on which side, and whose report it is about.

    `coach_id` is who sits there as coach today; nobody between a coach who left and the successor (REP-6).
    """

    permit: Permit
    side: Side
    report: Report
    key: bytes
    row: Conversation
    coach_id: str | None = None

    @property
    def across(self) -> str | None:
        """Who sits on the other side; nobody while the coach has no successor (REP-6)."""
        return self.coach_id if self.side is Side.EMPLOYEE else self.report.employee_id


def sit_down(session: Session, keys: KeyStore, actor: Actor, report_id: str, action: Action) -> Seat:
    """Take a seat, or be refused; two who come at once follow each other."""
    facts = queries.report_facts(session, report_id, clock.now())
    permit = policy.permit(actor, action, Subject("report", report_id), facts)
    report, key = session.get(Report, report_id), keys.get(report_id)
    if report is None:
        raise NotFound
    made = inserting(session, Conversation, report_id=report_id, state="open", sequence=0, version=1)
    session.execute(made.on_conflict_do_nothing())
    row = session.get(Conversation, report_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    coaches = people.coaches_of(session, report.employee_id, clock.today())
    coach_id = report.coach_id if report.coach_id in coaches else None
    return Seat(permit, side_of(permit), report, key, row, coach_id)


def side_of(permit: Permit) -> Side:
    """On which side the holder of a permit sits."""
    return Side.EMPLOYEE if permit.function is Function.EMPLOYEE else Side.COACH


def names_at(session: Session, seat: Seat) -> dict[str, str]:
    """What both are called, by side; a coach who is not named yet has no name."""
    ids = {"employee": seat.report.employee_id, "coach": seat.report.coach_id}
    found = people.names(session, [id_ for id_ in ids.values() if id_])
    return {side: found.get(id_ or "", "–") for side, id_ in ids.items()}


def texts_of(session: Session, report_id: str) -> dict[Part, ConversationText]:
    """The texts there are, as far as this session reaches them."""
    query = select(ConversationText).where(ConversationText.report_id == report_id)
    return {
        Part(text.part): text for text in session.scalars(query.execution_options(populate_existing=True))
    }


def place(kind: str, id_: str) -> str:
    """The place for which a text of a conversation is sealed."""
    return f"conversation.{kind}:{id_}"
