"""What provisioning writes down, and the words it takes in: each text is looked at before it is stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from scim2_models import InvalidValueException
from sqlalchemy.orm import Session

from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import PersonFacts
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import record
from kcc.people.roster import Code, Email, Text

PERSON = "person"
"""What the audit calls somebody."""
KINDS: Mapping[Any, TypeAdapter[str]] = {kind: TypeAdapter(kind) for kind in (Code, Text, Email)}


def allowed(session: Session, actor: Actor, kind: str, subject_id: str = "", **detail: Any) -> None:
    """Ask the policy and write the line of one request about one thing or a list; AccessDenied otherwise."""
    facts = PersonFacts(subject_id) if kind == PERSON and subject_id else None
    record.act(session, permit(actor, Action.PEOPLE_PROVISION, Subject(kind, subject_id), facts), **detail)


def happened(session: Session, actor: Actor, changes: Iterable[tuple[str, str]]) -> None:
    """Write one line for each person concerned: words and days, never content."""
    words: dict[str, list[str]] = defaultdict(list)
    for person_id, word in changes:
        words[person_id].append(word)
    record.acts(
        session,
        ((_about(actor, person_id), {"changes": said}) for person_id, said in words.items()),
    )


def _about(actor: Actor, person_id: str) -> Permit:
    return permit(actor, Action.PEOPLE_PROVISION, Subject(PERSON, person_id), PersonFacts(person_id))


def code(name: str, value: str | None) -> str:
    """A number or agent id: 1 to 64 characters that can be printed."""
    return _checked(Code, name, value)


def text(name: str, value: str | None) -> str | None:
    """A name or an id of theirs: at most 200 characters that can be printed; nothing stays nothing."""
    return _checked(Text, name, value) if value and value.strip() else None


def email(name: str, value: str | None) -> str | None:
    """An address; nothing stays nothing."""
    if not value:
        return None
    text(name, value)
    return _checked(Email, name, value)


def _checked(kind: Any, name: str, value: str | None) -> str:
    try:
        return KINDS[kind].validate_python((value or "").strip())
    except ValidationError as fault:
        problem = fault.errors()[0]["msg"].removeprefix("Value error, ")
        raise InvalidValueException(detail=f"{name}: {problem}") from fault
