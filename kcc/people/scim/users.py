"""Users: a person comes, changes, is made inactive and goes; nobody is deleted, what they hold is ended."""

from typing import Any

from scim2_models import UniquenessException
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor
from kcc.db import new_id
from kcc.people import sessions
from kcc.people.model import AgentId, Person
from kcc.people.rules import SHARED_AGENT_ID
from kcc.people.scim import posts, saying
from kcc.people.scim.model import ScimAccount, ScimGroup, ScimMember
from kcc.people.scim.queries import called
from kcc.people.scim.resources import Agent
from kcc.scim_settings import Scim

LANGUAGES = {"nl": "nl"}
"""By the first letters of what was said; everything else is English, the other language kcc speaks."""


def create(session: Session, actor: Actor, scim: Scim, said: Any) -> str:
    """Take in a user; gives the id. UniquenessException when the number is somebody's who was not deleted."""
    number = saying.code("userName", said.user_name)
    person = session.scalar(select(Person).where(Person.number == number).with_for_update())
    account = session.get(ScimAccount, person.id) if person else None
    if person is not None and (account is None or account.deleted_at is None):
        raise UniquenessException(detail="This userName is somebody's already")
    if person is None:
        person = Person(id=new_id(), number=number, name=number, language="nl")
        session.add(person)
        session.flush()
    saying.happened(session, actor, [(person.id, "taken in")])
    _take_over(session, actor, scim, person, _account(session, person), said)
    return person.id


def update(session: Session, actor: Actor, scim: Scim, person_id: str, said: Any) -> None:
    """Make a user what is said now, in whole; what is the same already is left alone."""
    person = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()
    number = saying.code("userName", said.user_name)
    if number != person.number:
        if session.scalar(select(Person.id).where(Person.number == number)):
            raise UniquenessException(detail="This userName is somebody's already")
        person.number = number
        saying.happened(session, actor, [(person_id, "number")])
    _take_over(session, actor, scim, person, _account(session, person), said)


def remove(session: Session, actor: Actor, person_id: str) -> None:
    """End all that a user holds and let them be unknown here, until a user with their number comes again."""
    person = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()
    saying.happened(session, actor, [(person_id, "taken away")])
    session.execute(delete(ScimMember).where(ScimMember.person_id == person_id))
    account = _account(session, person)
    account.deleted_at = clock.now()
    for told in ("external_id", "display_name", "formatted_name", "given_name", "family_name"):
        setattr(account, told, None)
    posts.end_all(session, actor, person_id)
    sessions.end_of_person(session, person_id)
    _agent_id(session, actor, person_id, None)
    session.flush()


def _account(session: Session, person: Person) -> ScimAccount:
    found = session.get(ScimAccount, person.id)
    if found is None:
        # Who came by an import keeps their name until the provider says another.
        display = person.name if person.name != person.number else None
        now = clock.now()
        found = ScimAccount(person_id=person.id, display_name=display, created_at=now, changed_at=now)
        session.add(found)
    return found


def _take_over(
    session: Session, actor: Actor, scim: Scim, person: Person, account: ScimAccount, said: Any
) -> None:
    was_active = account.active is not False and account.deleted_at is None
    changed = [*_names(person, account, said), *_others(person, account, said)]
    account.active, account.deleted_at, account.changed_at = said.active, None, clock.now()
    saying.happened(session, actor, ((person.id, word) for word in changed))
    session.flush()
    agent = said[Agent].agent_id if said[Agent] else None
    _agent_id(session, actor, person.id, saying.code("agentId", agent) if agent else None)
    if said.active is False:
        if was_active:
            saying.happened(session, actor, [(person.id, "made inactive")])
        posts.end_all(session, actor, person.id)
    elif not was_active:
        saying.happened(session, actor, [(person.id, "made active")])
        _come_back(session, actor, scim, person.id)


def _names(person: Person, account: ScimAccount, said: Any) -> list[str]:
    name = said.name
    values = {
        "display_name": saying.text("displayName", said.display_name),
        "formatted_name": saying.text("name.formatted", name.formatted if name else None),
        "given_name": saying.text("name.givenName", name.given_name if name else None),
        "family_name": saying.text("name.familyName", name.family_name if name else None),
    }
    was = [person.name, *(getattr(account, column) for column in values)]
    for column, value in values.items():
        setattr(account, column, value)
    person.name = called(account, person.number)[:200]
    return [] if was == [person.name, *values.values()] else ["name"]


def _others(person: Person, account: ScimAccount, said: Any) -> list[str]:
    changed = []
    external_id = saying.text("externalId", said.external_id)
    if external_id != account.external_id:
        account.external_id = external_id
        changed.append("external id")
    first = next((mail.value for mail in said.emails or [] if mail.value), None)
    if (address := saying.email("emails", first)) != person.email:
        person.email = address
        changed.append("email")
    language = LANGUAGES.get(said.preferred_language[:2].lower(), "en") if said.preferred_language else None
    if language != account.preferred_language:  # said anew; said again, it undoes nobody's own choice
        account.preferred_language = language
        person.language = language or person.language
        changed.append("language")
    return changed


def _come_back(session: Session, actor: Actor, scim: Scim, person_id: str) -> None:
    query = select(ScimGroup).join(ScimMember, ScimMember.group_id == ScimGroup.id)
    groups = session.scalars(query.where(ScimMember.person_id == person_id))
    given = posts.gifts(session, scim, groups)
    posts.settle(session, actor, scim, [person_id], frozenset[posts.Gift]().union(*given.values()))


def _agent_id(session: Session, actor: Actor, person_id: str, said: str | None) -> None:
    """Bring the agent id in line today: others end, a new one begins; UniquenessException for a taken one.

    Who has several by an import keeps them while the provider says the one that it was shown.
    """
    today = clock.today()
    later = or_(AgentId.ends.is_(None), AgentId.ends > today)
    query = select(AgentId).where(AgentId.person_id == person_id, later).order_by(AgentId.agent_id)
    known = session.scalars(query).all()
    if said == next((row.agent_id for row in known if row.begins <= today), None):
        return
    if said is not None:
        others = select(AgentId.id).where(AgentId.agent_id == said, later, AgentId.person_id != person_id)
        if session.scalar(others.limit(1)):
            raise UniquenessException(detail=f"agentId: {SHARED_AGENT_ID}")
    for row in known:
        saying.happened(session, actor, [(person_id, f"an agent id ends {today}")])
        if row.begins >= today:
            session.delete(row)
        else:
            row.ends = today
    if said is not None:
        saying.happened(session, actor, [(person_id, f"an agent id begins {today}")])
        session.add(AgentId(person_id=person_id, agent_id=said, begins=today))
    session.flush()
