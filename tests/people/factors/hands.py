"""Doing with second factors what people do, through the real verbs; what must come of it is the tests'."""

import json
from typing import Any

from sqlalchemy import select

from kcc import clock
from kcc.access.actor import Actor
from kcc.audit.model import AuditLine
from kcc.people import queries
from kcc.people.factors import apps, recovery
from kcc.stores import Stores


def actor(stores: Stores, person_id: str, session_id: str | None = None) -> Actor:
    """The person with today's posts."""
    with stores.database.read() as session:
        found = queries.actor_of(session, person_id, clock.today())
    return Actor(found.person_id, found.name, found.posts, session_id)


def code_of(secret: str) -> str:
    """What an app shows now."""
    return apps.current_code(secret)[0]


def add_app(stores: Stores, person_id: str, name: str = "Telefoon") -> str:
    """Enrol an app; gives its secret. The code of this half minute is used up."""
    limits = stores.settings.signin
    offer = apps.offer(limits, person_id)
    with stores.database.write() as session:
        apps.add(session, limits, actor(stores, person_id), offer.ticket, name, code_of(offer.secret))
    return offer.secret


def recovery_codes(stores: Stores, person_id: str) -> list[str]:
    """Ten fresh ones."""
    with stores.database.write() as session:
        return recovery.renew(session, stores.settings.signin, actor(stores, person_id))


def told(stores: Stores) -> list[dict[str, Any]]:
    """What the audit says, oldest first."""
    with stores.database.read() as session:
        lines = session.scalars(select(AuditLine).order_by(AuditLine.id)).all()
    return [json.loads(line.body) for line in lines if line.body]
