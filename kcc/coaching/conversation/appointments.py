"""When and where both talk (REP-3): proposed by the coach, answered by the employee, moved, cancelled."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit
from kcc.audit import record
from kcc.coaching.conversation import texts
from kcc.coaching.conversation.model import Conversation
from kcc.coaching.conversation.rules import (
    FARTHEST,
    LONGEST,
    MOST_OPTIONS,
    SHORTEST,
    Arranged,
    Side,
    length,
)
from kcc.coaching.conversation.sitting_down import Seat, names_at, place, sit_down
from kcc.coaching.model import Report
from kcc.coaching.queries import NO_CONTENT
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.notices import calendars, outbox
from kcc.people import queries as people
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore

SUMMARY = {"nl": "Coachgesprek", "en": "Coaching conversation"}
"""What an entry in somebody's calendar says: that there is a conversation, not what about."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """What the coach offers: moments, minutes and a place; and what the employee asked instead."""

    options: tuple[datetime, ...] = ()
    minutes: int = 0
    where: str = ""
    asked: str = ""


def propose(
    session: Session,
    keys: KeyStore,
    actor: Actor,
    report_id: str,
    options: Collection[datetime],
    minutes: int,
    where: str,
) -> Conversation:
    """Offer moments for a conversation; what was offered or agreed before is off (REP-3).

    Invalid names what is wrong: no moment or too many, one past or too far, too little time, no place.
    """
    seat = sit_down(session, keys, actor, report_id, Action.CONVERSATION_PROPOSE)
    offered = Appointment(_moments(options), _minutes(minutes), _where(where))
    moved = seat.row.state in (Arranged.PROPOSED, Arranged.AGREED)
    record.act(session, seat.permit, step="moved" if moved else "proposed", moments=len(offered.options))
    _leave(session, seat, Arranged.PROPOSED)
    _keep(seat, offered)
    word = "reports.talk_moved" if moved else "reports.talk_proposed"
    outbox.tell(session, seat.report.employee_id, word, coach=names_at(session, seat)["coach"])
    session.flush()
    return seat.row


def accept(session: Session, keys: KeyStore, actor: Actor, report_id: str, moment: datetime) -> Conversation:
    """Agree to one of the moments offered; to the same one twice changes nothing.

    Refused when it is not offered (any more), or has passed, and while its coach has no successor: nobody
    would be there.
    """
    seat = sit_down(session, keys, actor, report_id, Action.CONVERSATION_ANSWER)
    row, offered = seat.row, appointment(seat.key, seat.row)
    if row.state == Arranged.AGREED and row.begins_at == moment:
        return row
    if row.state != Arranged.PROPOSED or moment not in offered.options:
        raise Refused(N_("This moment is not offered any more. Look at what your coach proposes now."))
    if seat.across is None:
        raise Refused(
            N_("Whoever proposed this moment is not your coach any more. A successor proposes another."),
            rule="REP-6",
        )
    if moment <= clock.now():
        raise Refused(N_("This moment has passed. Choose another, or ask for another time."))
    record.act(session, seat.permit, step="agreed")
    row.state, row.begins_at, row.minutes = Arranged.AGREED.value, moment, offered.minutes
    row.sequence += 1
    _tell_both(session, seat, "reports.talk_agreed")
    session.flush()
    return row


def ask_another(session: Session, keys: KeyStore, actor: Actor, report_id: str, wish: str) -> Conversation:
    """Ask for another time than what was offered or agreed; `wish` says when it would suit."""
    seat = sit_down(session, keys, actor, report_id, Action.CONVERSATION_ANSWER)
    asked = texts.checked("wish", wish, texts.LONGEST_LINE)
    if not asked:
        raise Invalid("wish", N_("Write when it would suit you."))
    if seat.row.state not in (Arranged.PROPOSED, Arranged.AGREED):
        raise Refused(N_("There is no proposal to answer. Your coach makes one."))
    before = appointment(seat.key, seat.row)
    record.act(session, seat.permit, step="another time")
    _leave(session, seat, Arranged.ANOTHER)
    _keep(seat, Appointment((), before.minutes, before.where, asked))
    if seat.across:
        names, about = names_at(session, seat), seat.report.employee_id
        word = "reports.talk_another"
        outbox.tell(session, seat.across, word, about_id=about, employee=names["employee"])
    session.flush()
    return seat.row


def cancel(session: Session, keys: KeyStore, actor: Actor, report_id: str) -> Conversation:
    """Withdraw a proposal, or call an agreed conversation off; twice changes nothing."""
    seat = sit_down(session, keys, actor, report_id, Action.CONVERSATION_PROPOSE)
    if seat.row.state == Arranged.CANCELLED:
        return seat.row
    if seat.row.state == Arranged.OPEN:
        raise Refused(N_("There is no conversation to cancel."))
    record.act(session, seat.permit, step="cancelled")
    _call_off(session, seat)
    return seat.row


def call_off_all(session: Session, permit: Permit, coach_id: str, employee_id: str) -> int:
    """Call off what a coach proposed to an employee or agreed for a time to come, before the reports pass to
    a successor (REP-6), who proposes moments of their own; answers how many. The caller wrote the line of it.
    """
    query = (
        select(Conversation, Report)
        .join(Report, Report.id == Conversation.report_id)
        .where(Report.coach_id == coach_id, Report.employee_id == employee_id, Report.content != NO_CONTENT)
        .where(
            or_(
                Conversation.state == Arranged.PROPOSED.value,
                and_(Conversation.state == Arranged.AGREED.value, Conversation.begins_at > clock.now()),
            )
        )
        .order_by(Conversation.report_id)
        .with_for_update(of=Conversation)
    )
    found = session.execute(query).all()
    for row, report in found:
        _call_off(session, Seat(permit, Side.COACH, report, b"", row))
    return len(found)


def _call_off(session: Session, seat: Seat) -> None:
    if not _leave(session, seat, Arranged.CANCELLED):
        coach = names_at(session, seat)["coach"]
        outbox.tell(session, seat.report.employee_id, "reports.talk_withdrawn", coach=coach)
    session.flush()


def appointment(key: bytes, row: Conversation) -> Appointment:
    """What is offered now; nothing where nothing was proposed."""
    if row.appointment is None:
        return Appointment()
    raw = json.loads(open_text(key, place("appointment", row.report_id), row.appointment))
    moments = tuple(datetime.fromisoformat(one) for one in raw["options"])
    return Appointment(moments, raw["minutes"], raw["where"], raw["asked"])


def _keep(seat: Seat, said: Appointment) -> None:
    raw = {
        "options": [moment.isoformat() for moment in said.options],
        "minutes": said.minutes,
        "where": said.where,
        "asked": said.asked,
    }
    text = json.dumps(raw, ensure_ascii=False)
    seat.row.appointment = seal_text(seat.key, place("appointment", seat.row.report_id), text)


def _leave(session: Session, seat: Seat, state: Arranged) -> bool:
    """Another state; an agreed moment is off then, which both are told, and so are their calendars."""
    was_agreed = seat.row.state == Arranged.AGREED
    seat.row.state = state.value
    if was_agreed:
        seat.row.sequence += 1
        _tell_both(session, seat, "reports.talk_cancelled")
    return was_agreed


def _tell_both(session: Session, seat: Seat, word: str) -> None:
    """When the conversation is, or was; with an entry for each one's calendar, which a letter takes along."""
    names, employee = names_at(session, seat), seat.report.employee_id
    if seat.row.begins_at is None:
        return
    local = seat.row.begins_at.astimezone(clock.LOCAL)
    at: dict[str, Any] = {"day": local.date(), "time": local.strftime("%H:%M")}
    for person_id, other in ((employee, "coach"), (seat.report.coach_id, "employee")):
        if person_id:
            said = SUMMARY.get(people.language_of(session, person_id), SUMMARY["nl"])
            entry = calendar_entry(seat.row, said)
            about = None if person_id == employee else employee
            outbox.tell(session, person_id, word, about_id=about, entry=entry, person=names[other], **at)


def calendar_entry(row: Conversation, summary: str, *, where: str = "", url: str = "") -> bytes:
    """The agreed moment for a calendar, or what takes it out again; NotFound where nothing was ever agreed.

    What goes along with a letter has neither place nor address: they are sealed, or for who is signed in.
    """
    if row.begins_at is None or row.minutes is None:
        raise NotFound
    off = row.state != Arranged.AGREED
    return calendars.entry(
        f"conversation-{row.report_id}@kcc",
        summary,
        row.begins_at,
        row.begins_at + length(row.minutes),
        sequence=row.sequence,
        cancelled=off,
        description="" if off else where,
        url=url,
    )


def _moments(options: Collection[datetime]) -> tuple[datetime, ...]:
    moments: Sequence[datetime] = sorted(set(options))
    if not moments:
        raise Invalid("option-1", N_("Propose at least one day and time."))
    if len(moments) > MOST_OPTIONS:
        raise Invalid("option-1", N_("Propose at most %(most)s moments."), most=MOST_OPTIONS)
    if moments[0] <= clock.now():
        raise Invalid("option-1", N_("A moment that you propose has passed."))
    if moments[-1] > clock.now() + FARTHEST:
        raise Invalid("option-1", N_("A moment that you propose is more than half a year away."))
    return tuple(moments)


def _minutes(minutes: int) -> int:
    if not SHORTEST <= minutes <= LONGEST:
        sentence = N_("Set aside %(least)s to %(most)s minutes.")
        raise Invalid("minutes", sentence, least=SHORTEST, most=LONGEST)
    return minutes


def _where(where: str) -> str:
    said = texts.checked("where", where, texts.LONGEST_LINE)
    if not said:
        raise Invalid("where", N_("Say where you meet, or that it is by telephone."))
    return said
