"""Answering the data protection officer's "may this person do that, and why": reads the question, gathers the
facts as the doors do, and writes down that it was asked; nothing of what is asked about is opened.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.explaining import Answer, explain
from kcc.access.facts import Facts, PersonFacts, ProgressFacts
from kcc.access.policy import Subject
from kcc.access.purposes import Purpose
from kcc.audit import record
from kcc.coaching import queries as coaching
from kcc.coaching.calibration import queries as calibrations
from kcc.coaching.consents import queries as consents
from kcc.coaching.draws import queries as proofs
from kcc.coaching.opinions import queries as opinions
from kcc.coaching.progress import own as progress
from kcc.coaching.summaries import queries as summaries
from kcc.coaching.training import queries as trainings
from kcc.errors import N_, Invalid, NotFound
from kcc.investigation import queries as cases
from kcc.people import queries as people
from kcc.recordings import queries as recordings
from kcc.recordings.redaction import queries as disclosures
from kcc.threat.joint_listening import queries as joint_sessions


def _person(session: Session, person_id: str, _: datetime) -> PersonFacts:
    people.number_of(session, person_id)  # or NotFound
    return PersonFacts(person_id)


def _progress(session: Session, person_id: str, _: datetime) -> ProgressFacts:
    people.number_of(session, person_id)  # or NotFound
    return progress.facts(session, person_id)


FACTS: Mapping[str, Callable[[Session, str, datetime], Facts]] = {
    "recording": recordings.facts,
    "sample": coaching.sample_facts,
    "report": coaching.report_facts,
    "proof": proofs.facts,
    "opinion": opinions.facts,
    "consent": consents.offer_facts,
    "calibration": calibrations.facts,
    "training": trainings.facts,
    "training_call": trainings.call_facts,
    "joint": joint_sessions.facts,
    "person": _person,
    "case": cases.facts,
    "case_call": cases.call_facts,
    "progress": _progress,
    "summary": summaries.facts,
    "disclosure": disclosures.facts,
}
"""Where the facts of each kind of thing come from: one line a kind, the same function that its doors ask."""
ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Question:
    """May the person with this number do this, to this thing, for this purpose, at this moment?"""

    number: str
    action: Action
    thing: Subject | None
    purpose: Purpose | None
    at: datetime


def answer(session: Session, asker: Actor, asked: Mapping[str, str], seeing: Session | None = None) -> Answer:
    """Answer one question (number, action, object, purpose, at), leaving a line in the log about the person.

    Functions and relations are those of the day of `at`, deadlines are judged at it; what a thing has become
    is told as it is now. `seeing` reads the facts where the asker's own session reaches no thing of others.
    Invalid where the question names nothing that can be; NotFound never.
    """
    question = read(asked)
    person_id = people.by_number(session, question.number).id
    actor = people.actor_of(session, person_id, clock.local_day(question.at))
    permit = policy.permit(asker, Action.ACCESS_EXPLAIN, Subject("person", person_id), PersonFacts(person_id))
    facts = _facts(seeing or session, question)
    found = Answer(
        question.number,
        question.thing,
        None if question.thing is None else facts is not None,
        question.at,
        explain(actor, question.action, facts, question.purpose),
    )
    known = str(question.thing) if found.exists else question.thing and question.thing.kind
    record.act(session, permit, action=question.action, object=known, may=found.may)
    return found


def read(asked: Mapping[str, str]) -> Question:
    """Understand a question as it was typed, or Invalid with the field."""
    number = asked.get("number", "").strip()
    if not number or "\0" in number:
        raise Invalid("number", N_("Fill in the number of a person."))
    try:
        action = Action(asked.get("action", "").strip())
    except ValueError:
        raise Invalid("action", N_("Choose what it is about.")) from None
    purpose = asked.get("purpose", "").strip()
    if purpose and purpose not in set(Purpose):
        raise Invalid("purpose", N_("Choose a purpose from the list."))
    thing = _thing(asked.get("object", "").strip())
    return Question(number, action, thing, Purpose(purpose) if purpose else None, _at(asked.get("at", "")))


def _thing(text: str) -> Subject | None:
    if not text:
        return None
    kind, _, id_ = text.partition(":")
    if kind not in FACTS or not id_:
        raise Invalid(
            "object",
            N_("Write what kind of thing it is and its id, for example recording:1f… (%(kinds)s)."),
            kinds=", ".join(FACTS),
        )
    return Subject(kind, id_)


def _at(text: str) -> datetime:
    if not text.strip():
        return clock.now()
    try:
        at = datetime.fromisoformat(text.strip())
        local = at if at.tzinfo else at.replace(tzinfo=clock.LOCAL)
        clock.local_day(local)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("at", N_("Write a day and a time, for example 2026-11-03 14:05.")) from None


def _facts(session: Session, question: Question) -> Facts | None:
    thing = question.thing
    if thing is None or not ID.fullmatch(thing.id):
        return None
    try:
        return FACTS[thing.kind](session, thing.id, question.at)
    except NotFound:
        return None
