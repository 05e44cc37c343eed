"""An identity provider with its token, on the small centre, with groups that give functions."""

import copy
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from kcc import config
from kcc.access.actor import system
from kcc.audit.model import AuditLine
from kcc.people import tokens
from kcc.people.model import FunctionPeriod, Person
from kcc.people.tokens import Kind
from kcc.scim_settings import Scim, ScimGroup
from kcc.stores import Stores
from tests.people.centre import Centre

AGENT = "urn:kcc:params:scim:schemas:extension:agent:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
GIVES = (
    ScimGroup(group="Team Red", function="employee", team="red", customer_calls=True),
    ScimGroup(group="Team Blue", function="employee", team="blue"),
    ScimGroup(group="leads-of-red", function="team_lead", team="red"),
    ScimGroup(group="Coaches", function="coach", department="permits"),
    ScimGroup(group="Admins", function="administrator"),
    ScimGroup(group="Mistaken", function="employee", team="nowhere"),
)


@pytest.fixture
def settings(settings: config.Settings) -> config.Settings:
    return settings.model_copy(update={"scim": Scim(enabled=True, groups=GIVES)})


class Provider:
    """An identity provider: sends what it is told with its token, and looks at what became of it."""

    def __init__(self, app: Flask, stores: Stores) -> None:
        self.client, self.stores = app.test_client(), stores
        with stores.database.write() as session:
            token = tokens.create(session, system("test"), "idp", Kind.SCIM)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}

    def again(self) -> "Provider":
        """The same provider on another connection."""
        other = copy.copy(self)
        other.client = self.client.application.test_client()
        return other

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(f"/scim/v2{path}", method=method, data=data, headers=self.headers | names)

    def user(self, number: str, **said: Any) -> str:
        """A new user's id."""
        answer = self.ask("POST", "/Users", {"schemas": [USER], "userName": number} | said)
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])  # type: ignore[index]

    def group(self, name: str, *members: str, **said: Any) -> str:
        """A new group's id."""
        people = [{"value": member} for member in members]
        answer = self.ask(
            "POST", "/Groups", {"schemas": [GROUP], "displayName": name, "members": people} | said
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])  # type: ignore[index]

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> TestResponse:
        """A PATCH with these operations."""
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": operations}, **headers)

    def add(self, group: str, *members: str) -> TestResponse:
        """Put people into a group."""
        people = [{"value": member} for member in members]
        return self.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": people})

    def take(self, group: str, member: str) -> TestResponse:
        """Take somebody out of a group."""
        return self.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{member}"]'})

    def found(self, kind: str, scim_filter: str) -> list[str]:
        """The names that a filter finds."""
        answer = self.client.get(
            f"/scim/v2/{kind}", query_string={"filter": scim_filter}, headers=self.headers
        )
        assert answer.status_code == 200, answer.text
        name = "userName" if kind == "Users" else "displayName"
        return [one[name] for one in answer.json.get("Resources", [])]  # type: ignore[union-attr]

    def held(self, person_id: str) -> list[tuple[str, str, str | None]]:
        """What somebody held and holds: function, first day, first day without."""
        query = select(FunctionPeriod).where(FunctionPeriod.person_id == person_id)
        with self.stores.database.read() as session:
            rows = session.scalars(query.order_by(FunctionPeriod.begins, FunctionPeriod.function))
            return [(r.function, str(r.begins), r.ends and str(r.ends)) for r in rows]

    def person(self, person_id: str) -> Person:
        """The person as stored."""
        with self.stores.database.read() as session:
            return session.get_one(Person, person_id)

    def lines(self) -> list[dict[str, Any]]:
        """The audit's lines of this provider, oldest first."""
        query = select(AuditLine.body).where(AuditLine.action == "people:provision").order_by(AuditLine.id)
        with self.stores.database.read() as session:
            return [json.loads(body) for body in session.scalars(query) if body]


@pytest.fixture
def idp(app: Flask, stores: Stores, centre: Centre) -> Provider:
    assert centre.stores is stores
    return Provider(app, stores)
