"""What people call their second factors, so that they know them apart; how many there may be."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.errors import N_, Invalid
from kcc.people.factors import queries
from kcc.people.factors.model import NAME_LENGTH
from kcc.people.model import Person

AT_MOST = 10
"""Factors of one person: enough for every device somebody has."""


def named(session: Session, person_id: str, name: str) -> str:
    """A name that this person may give one more factor; locks the person, so that two at once both count.

    Raises Invalid("name") when it is empty, too long, no line of text, or taken.
    """
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    name = " ".join(name.split())
    taken = [held.name.casefold() for held in queries.held(session, person_id)]
    if not name or not name.isprintable():
        raise Invalid("name", N_("Give it a name, for example the device it is on."))
    if len(name) > NAME_LENGTH:
        raise Invalid("name", N_("Use at most %(count)d characters."), count=NAME_LENGTH)
    if name.casefold() in taken:
        raise Invalid("name", N_("You use this name already. Choose another one."))
    if len(taken) >= AT_MOST:
        raise Invalid("name", N_("You have %(count)d ways already. Remove one first."), count=AT_MOST)
    return name
