"""How a conversation reads for somebody: appointment, texts that they may see, signatures, what changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching import quality_plan
from kcc.coaching import queries as coaching
from kcc.coaching.conversation import appointments, points, queries, rules, signing, texts, writing
from kcc.coaching.conversation.appointments import Appointment
from kcc.coaching.conversation.model import Conversation, ReportSignature, SignedVersion
from kcc.coaching.conversation.points import Point
from kcc.coaching.conversation.rules import Arranged, Part, Side, Standing
from kcc.coaching.conversation.sitting_down import side_of, texts_of
from kcc.coaching.conversation.texts import Together, Whole
from kcc.coaching.model import Report
from kcc.coaching.quality_plan import Form
from kcc.errors import NotFound
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class View:
    """One's own view, as its writer goes on with it."""

    text: str = ""
    revision: int = 0
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Signed:
    """One version that was signed: its text, and by whom and when."""

    version: int
    text: Whole
    signatures: Mapping[Side, ReportSignature]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as one of both reads it. `whole` is what would be signed now, with views only once they
    are shared; `mine` is the reader's own. `suggested` says that the points come from the form and were not
    saved here. `signed` are the versions signed by both, oldest first; `seen` is what `signing.sign` asks.
    """

    permit: Permit
    report_id: str
    employee_id: str
    coach_id: str | None
    finished_at: datetime
    form: Form
    side: Side
    standing: Standing
    state: Arranged
    appointment: Appointment
    begins_at: datetime | None
    minutes: int | None
    sequence: int
    whole: Whole
    mine: View
    revision: int
    suggested: bool
    earlier: list[Point]
    signatures: Mapping[Side, ReportSignature]
    signed: list[Signed]
    seen: str

    @property
    def people(self) -> set[str]:
        """Everybody who is named in it."""
        signers = {row.person_id for one in self.signed for row in one.signatures.values()}
        signers |= {row.person_id for row in self.signatures.values()}
        return signers | {self.employee_id} | ({self.coach_id} if self.coach_id else set())

    @property
    def waits_for_me(self) -> bool:
        """Whether the next step is the reader's."""
        waiting = self.side in rules.WAITING[self.standing]
        return waiting and self.side not in self.signatures

    @property
    def lacking(self) -> list[str]:
        """What must be written before anybody signs."""
        return list(texts.missing(self.whole))

    @property
    def before(self) -> Signed | None:
        """The last version that both signed, where the text has been changed since."""
        return self.signed[-1] if self.signed and self.signed[-1].version < self.whole.version else None


def read(session: Session, keys: KeyStore, actor: Actor, report_id: str) -> Talk:
    """A conversation, for employee and coach once the report is finished (REP-4); logged as reading it."""
    facts = coaching.report_facts(session, report_id, clock.now())
    permit = policy.permit(actor, Action.REPORT_READ, Subject("report", report_id), facts)
    if not facts.finished:
        raise NotFound
    record.act(session, permit, part="conversation")
    return of(session, keys, permit, report_id)


def of(session: Session, keys: KeyStore, permit: Permit, report_id: str) -> Talk:
    """The same for whoever holds a permit to read this report, or to take it along."""
    if permit.action is not Action.REPORT_TAKE:
        permit.require(Action.REPORT_READ, Subject("report", report_id))
    report = session.get(Report, report_id)
    if report is None or report.finished_at is None:
        raise NotFound
    key, row, side = keys.get(report_id), session.get(Conversation, report_id), side_of(permit)
    kept, given = texts_of(session, report_id), queries.signatures(session, report_id)
    earlier = points.carried(session, keys, report)
    whole, together = signing.whole(key, report, row, kept, earlier), kept.get(Part.TOGETHER)
    mine = kept.get(Part(side.value))
    return Talk(
        permit=permit,
        report_id=report_id,
        employee_id=report.employee_id,
        coach_id=report.coach_id,
        finished_at=report.finished_at,
        form=quality_plan.form(session, report.form_version),
        side=side,
        standing=rules.standing(queries.facts_of(row, given), clock.now()),
        state=Arranged(row.state) if row else Arranged.OPEN,
        appointment=appointments.appointment(key, row) if row else Appointment(),
        begins_at=row.begins_at if row else None,
        minutes=row.minutes if row else None,
        sequence=row.sequence if row else 0,
        whole=whole,
        mine=View(writing.opened(key, mine), mine.revision, mine.shared_at is not None) if mine else View(),
        revision=together.revision if together else 0,
        suggested=together is None,
        earlier=earlier,
        signatures=given.get(whole.version, {}),
        signed=[
            _signed(session, key, report_id, version, sides)
            for version, sides in sorted(given.items())
            if set(sides) == set(Side)
        ],
        seen=signing.stamp(row, kept),
    )


def suggested(whole: Whole) -> Together:
    """What a conversation begins with: the points that the coach noted on the form."""
    noted = {number: whole.monitoring.get(f"point-{number}", "") for number in texts.POINTS}
    return Together(points={number: text for number, text in noted.items() if text})


def _signed(
    session: Session, key: bytes, report_id: str, version: int, sides: Mapping[Side, ReportSignature]
) -> Signed:
    kept = session.get_one(SignedVersion, (report_id, version))
    return Signed(version, signing.signed_text(key, kept), sides)
