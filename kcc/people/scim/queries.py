"""Users and groups read from our tables, one page in a few statements; writes nothing."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from scim2_models import Meta
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.people.model import AgentId, Person
from kcc.people.queries import AT_ONCE, holds_on
from kcc.people.scim.filters import Attributes, Flag, Many, Moment, Text
from kcc.people.scim.model import ScimAccount, ScimGroup, ScimMember
from kcc.people.scim.resources import GROUP, USER, Agent, AgentUser, Email, Group, Member, Membership, Name

ID = re.compile(r"[0-9a-f]{32}")
"""What our ids look like; no other is looked for."""
Row = tuple[Person, ScimAccount | None]


def called(account: ScimAccount, number: str) -> str:
    """What somebody is called by what the identity provider says, or by their number."""
    parts = " ".join(part for part in (account.given_name, account.family_name) if part)
    return account.display_name or account.formatted_name or parts or number


def users(session: Session, wanted: ColumnElement[bool], start: int, count: int) -> tuple[int, list[Any]]:
    """How many users fit, and a page of them in the order of their numbers.

    SCIM asks for pages by index, so this one place counts off rows: of people, not of calls.
    """
    query = (
        select(Person, ScimAccount)
        .outerjoin(ScimAccount, ScimAccount.person_id == Person.id)
        .where(_not_deleted(), wanted)
    )
    total = session.scalar(query.with_only_columns(func.count())) or 0
    page = session.execute(query.order_by(Person.number).offset(start).limit(count)).all()
    return total, _users(session, [(person, account) for person, account in page])


def user(session: Session, person_id: str) -> Any | None:
    """One user, unless there is none or they are deleted."""
    _, found = users(session, Person.id == person_id, 0, 1)
    return found[0] if found else None


def groups(session: Session, wanted: ColumnElement[bool], start: int, count: int) -> tuple[int, list[Group]]:
    """How many groups fit, and a page of them in the order of their names."""
    query = select(ScimGroup).where(wanted)
    total = session.scalar(query.with_only_columns(func.count())) or 0
    page = list(session.scalars(query.order_by(ScimGroup.display_name).offset(start).limit(count)))
    members = _grouped(
        session.execute(
            select(ScimMember.group_id, ScimMember.person_id)
            .where(ScimMember.group_id.in_([row.id for row in page]))
            .order_by(ScimMember.person_id)
        ).all()
    )
    return total, [_group(row, [person_id for (person_id,) in members[row.id]]) for row in page]


def group(session: Session, group_id: str) -> Group | None:
    """One group, if there is one."""
    _, found = groups(session, ScimGroup.id == group_id, 0, 1)
    return found[0] if found else None


def user_attributes() -> Attributes:
    """What users can be found by."""
    today, agents = clock.today(), str(Agent.__schema__).lower()
    return {
        "id": Text(Person.id, exact=True),
        "externalid": Text(ScimAccount.external_id, exact=True),
        "username": Text(Person.number, exact=True),
        "displayname": Text(Person.name),
        "name.formatted": Text(ScimAccount.formatted_name),
        "name.givenname": Text(ScimAccount.given_name),
        "name.familyname": Text(ScimAccount.family_name),
        "emails": Text(Person.email),
        "preferredlanguage": Text(ScimAccount.preferred_language),
        "active": Flag(func.coalesce(ScimAccount.active, True).is_(True)),
        "groups": Many(
            ScimMember.group_id,
            lambda test: exists().where(ScimMember.person_id == Person.id, test),
        ),
        f"{agents}:agentid": Many(
            AgentId.agent_id,
            lambda test: exists().where(AgentId.person_id == Person.id, holds_on(AgentId, today), test),
        ),
        "meta.created": Moment(ScimAccount.created_at),
        "meta.lastmodified": Moment(ScimAccount.changed_at),
    }


def group_attributes() -> Attributes:
    """What groups can be found by."""
    return {
        "id": Text(ScimGroup.id, exact=True),
        "externalid": Text(ScimGroup.external_id, exact=True),
        "displayname": Text(ScimGroup.display_name, exact=True),
        "members": Many(
            ScimMember.person_id,
            lambda test: exists().where(ScimMember.group_id == ScimGroup.id, test),
        ),
        "meta.created": Moment(ScimGroup.created_at),
        "meta.lastmodified": Moment(ScimGroup.changed_at),
    }


def known_people(session: Session, person_ids: Sequence[str]) -> set[str]:
    """Which of these ids are users."""
    found: set[str] = set()
    for first in range(0, len(person_ids), AT_ONCE):
        query = (
            select(Person.id)
            .outerjoin(ScimAccount, ScimAccount.person_id == Person.id)
            .where(_not_deleted(), Person.id.in_(person_ids[first : first + AT_ONCE]))
        )
        found |= set(session.scalars(query))
    return found


def _not_deleted() -> ColumnElement[bool]:
    return or_(ScimAccount.person_id.is_(None), ScimAccount.deleted_at.is_(None))


def _users(session: Session, rows: list[Row]) -> list[Any]:
    ids = [person.id for person, _ in rows]
    memberships = _grouped(
        session.execute(
            select(ScimMember.person_id, ScimGroup.id, ScimGroup.display_name)
            .join(ScimGroup, ScimGroup.id == ScimMember.group_id)
            .where(ScimMember.person_id.in_(ids))
            .order_by(ScimGroup.display_name)
        ).all()
    )
    agents = _grouped(
        session.execute(
            select(AgentId.person_id, AgentId.agent_id)
            .where(and_(AgentId.person_id.in_(ids), holds_on(AgentId, clock.today())))
            .order_by(AgentId.agent_id)
        ).all()
    )
    return [
        _user(person, account, memberships[person.id], [agent for (agent,) in agents[person.id]])
        for person, account in rows
    ]


def _grouped(rows: Iterable[Any]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(tuple(row[1:]))
    return found


def _user(person: Person, account: ScimAccount | None, groups: Any, agents: list[str]) -> Any:
    said = account or ScimAccount(person_id=person.id)
    # Whoever was given another name since, by an import, is called so here too.
    display = said.display_name if called(said, person.number) == person.name else person.name
    name = Name(formatted=said.formatted_name, given_name=said.given_name, family_name=said.family_name)
    found = AgentUser(
        id=person.id,
        external_id=said.external_id,
        user_name=person.number,
        display_name=display,
        name=name if any((said.formatted_name, said.given_name, said.family_name)) else None,
        emails=[Email(value=person.email, type="work")] if person.email else None,
        preferred_language=said.preferred_language,
        active=said.active,
        groups=[Membership(value=i, ref=f"Groups/{i}", display=name) for i, name in groups] or None,
    )
    if agents:
        found[Agent] = Agent(agent_id=agents[0])
    parts = (found.user_name, found.external_id, display, str(name), person.email, said.active)
    found.meta = _meta(USER, said, (*parts, said.preferred_language, groups, agents))
    return found


def _group(row: ScimGroup, people: list[str]) -> Group:
    members = [Member(value=i, ref=f"Users/{i}", type=USER) for i in people]
    found = Group(
        id=row.id, external_id=row.external_id, display_name=row.display_name, members=members or None
    )
    found.meta = _meta(GROUP, row, (row.display_name, row.external_id, people))
    return found


def _meta(kind: str, row: ScimAccount | ScimGroup, content: tuple[Any, ...]) -> Meta:
    """What a resource says of itself; its version is a digest, so that a change by an import counts too."""
    version = hashlib.sha256(repr(content).encode()).hexdigest()[:24]
    return Meta(
        resource_type=kind,
        created=row.created_at,
        last_modified=row.changed_at,
        version=f'W/"{version}"',
    )
