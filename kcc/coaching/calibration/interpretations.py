"""What coaches agreed about an item, kept in the quality plan without the call it came from (CAL-3)."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.audit import record
from kcc.coaching import quality_plan
from kcc.coaching.calibration import queries
from kcc.coaching.calibration.model import Calibration, ItemInterpretation
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.summaries import traces
from kcc.coaching.summaries.traces import Why
from kcc.errors import N_, Invalid, Refused
from kcc.people import queries as people

LONGEST = 2000
_NUMBER = re.compile(r"\d[\d .-]{4,}\d")
"""A telephone number, a date or a client's number: nothing that the meaning of an item needs."""
_BETRAYING = (Why.DATE, Why.TIME, Why.NUMBER, Why.TELEPHONE, Why.NAME)
"""What else of a summary's traces leads back to a call, whoever's words it is."""


def agree(
    session: Session, actor: Actor, calibration_id: str, item: int, texts: tuple[str, str]
) -> ItemInterpretation:
    """Keep what was agreed about an item, in Dutch and English (one may be empty); an earlier text stays
    behind it.

    Refused before the sheets lie open; Invalid with traces of the call: its employee's name, long numbers.
    """
    facts = queries.facts(session, calibration_id, clock.now())
    subject = Subject("calibration", calibration_id)
    permit = policy.permit(actor, Action.CALIBRATION_LEAD, subject, facts)
    held = session.get_one(Calibration, calibration_id)
    if held.compared_at is None:
        raise Refused(N_("First everybody scores alone, then you agree."), rule="CAL-3", code="not_compared")
    if item not in quality_plan.form(session, held.form_version).items:
        raise Invalid("item", N_("Choose an item of the form."))
    nl, en = (_checked(field, text) for field, text in zip(("nl", "en"), texts, strict=True))
    if not nl and not en:
        raise Invalid("nl", N_("Write what you agreed."))
    _without_traces(session, held, {"nl": nl, "en": en})
    record.act(session, permit, act="agreed", item=item)
    found = ItemInterpretation(form_version=held.form_version, item=item, nl=nl, en=en, agreed_at=clock.now())
    session.add(found)
    session.flush()
    return found


def _checked(field: str, text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise Invalid(field, N_("Use at most %(most)s characters here."), most=LONGEST)
    if any(not (sign in "\n\t" or sign.isprintable()) for sign in text):
        raise Invalid(field, N_("This text holds characters that cannot be stored."))
    return text


def _without_traces(session: Session, held: Calibration, texts: dict[str, str]) -> None:
    """The text outlives the call, and everybody reads it: nothing in it may lead back (CAL-3, RET-4)."""
    whose = session.scalar(select(CallConsent.employee_id).where(CallConsent.id == held.consent_id))
    name = people.names(session, [str(whose)]).get(str(whose), "")
    parts = [part.lower() for part in name.split() if len(part) > 2]
    for field, text in texts.items():
        words = re.findall(r"\w+", text.lower())
        if any(word in words for part in parts for word in re.findall(r"\w+", part)):
            raise Invalid(field, N_("Leave out whose call it was: this text is kept without the call."))
        if _NUMBER.search(text):
            raise Invalid(field, N_("Leave out numbers and dates: this text is kept without the call."))
        if found := [one.words for one in traces.find(text, ()) if one.why in _BETRAYING]:
            said = N_("Leave out “%(words)s”: this text is kept without the call.")
            raise Invalid(field, said, words=found[0])
