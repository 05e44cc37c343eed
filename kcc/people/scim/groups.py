"""Groups: they come, get and lose members and go; what membership gives begins and ends in posts."""

from collections.abc import Collection

from scim2_models import InvalidValueException, UniquenessException
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor
from kcc.db import new_id
from kcc.people.queries import AT_ONCE
from kcc.people.scim import posts, saying
from kcc.people.scim.model import ScimGroup, ScimMember
from kcc.people.scim.queries import ID, known_people
from kcc.people.scim.resources import Group
from kcc.scim_settings import Scim


def create(session: Session, actor: Actor, scim: Scim, said: Group) -> str:
    """Take in a group with its members; gives its id."""
    now = clock.now()
    group = ScimGroup(id=new_id(), display_name=_name(session, said, ""), created_at=now, changed_at=now)
    group.external_id = saying.text("externalId", said.external_id)
    session.add(group)
    session.flush()
    members = _members(session, said)
    posts.locked(session, members)
    _change_members(session, group.id, members, set())
    given = posts.gifts(session, scim, [group])[group.id]
    saying.allowed(session, actor, "group", group.id, act="taken in", members=len(members))
    posts.settle(session, actor, scim, members, given)
    return group.id


def update(session: Session, actor: Actor, scim: Scim, group_id: str, said: Group) -> None:
    """Make a group what is said now, in whole; who stays in it keeps what they hold."""
    group = session.scalars(select(ScimGroup).where(ScimGroup.id == group_id).with_for_update()).one()
    before, gave = _kept(session, group_id), posts.gifts(session, scim, [group])[group_id]
    members = _members(session, said)
    group.display_name = _name(session, said, group_id)
    group.external_id = saying.text("externalId", said.external_id)
    group.changed_at = clock.now()
    session.flush()
    came, went = members - before, before - members
    posts.locked(session, came | went)
    _change_members(session, group_id, came, went)
    saying.allowed(session, actor, "group", group_id, act="changed", came=len(came), went=len(went))
    gives = posts.gifts(session, scim, [group])[group_id]
    concerned = came | went if gives == gave else members | before
    posts.settle(session, actor, scim, concerned, gave | gives)


def remove(session: Session, actor: Actor, scim: Scim, group_id: str) -> None:
    """Let a group go, and end what it gave to those whom no other group gives it."""
    group = session.scalars(select(ScimGroup).where(ScimGroup.id == group_id).with_for_update()).one()
    before, gave = _kept(session, group_id), posts.gifts(session, scim, [group])[group_id]
    saying.allowed(session, actor, "group", group_id, act="taken away", members=len(before))
    posts.locked(session, before)
    session.execute(delete(ScimMember).where(ScimMember.group_id == group_id))
    session.delete(group)
    session.flush()
    posts.settle(session, actor, scim, before, gave)


def _name(session: Session, said: Group, group_id: str) -> str:
    name = saying.text("displayName", said.display_name)
    if name is None:
        raise InvalidValueException(detail="displayName: is needed")
    query = select(ScimGroup.id).where(ScimGroup.display_name == name, ScimGroup.id != group_id)
    if session.scalar(query):
        raise UniquenessException(detail="This displayName is another group's already")
    return name


def _kept(session: Session, group_id: str) -> set[str]:
    return set(session.scalars(select(ScimMember.person_id).where(ScimMember.group_id == group_id)))


def _members(session: Session, said: Group) -> set[str]:
    wanted = {member.value for member in said.members or [] if member.value}
    unknown = wanted - known_people(session, sorted(filter(ID.fullmatch, wanted)))
    if unknown:
        raise InvalidValueException(detail=f"members: {len(unknown)} of them are no users here")
    return wanted


def _change_members(session: Session, group_id: str, came: Collection[str], went: Collection[str]) -> None:
    gone = sorted(went)
    for first in range(0, len(gone), AT_ONCE):
        some = gone[first : first + AT_ONCE]
        session.execute(
            delete(ScimMember).where(ScimMember.group_id == group_id, ScimMember.person_id.in_(some))
        )
    if came:
        rows = [{"group_id": group_id, "person_id": person_id} for person_id in sorted(came)]
        session.execute(insert(ScimMember), rows)
