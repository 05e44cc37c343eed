"""The door of identity providers: one token opens it and no other, in limits and in one shape."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from kcc.access.actor import system
from kcc.app import create_app
from kcc.people import tokens
from kcc.people.scim import api, filters
from kcc.people.tokens import Kind
from kcc.scim_settings import Scim
from kcc.stores import Stores
from tests.people.centre import Centre
from tests.people.scim.conftest import AGENT, USER, Provider

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@pytest.mark.rule("ACC-1", "ACC-4")
def test_each_machines_token_opens_its_own_door_alone(app: Flask, stores: Stores, idp: Provider) -> None:
    """A recorder's not this one, this one not the recorders'; nor a session, nor none, nor a revoked one."""
    with stores.database.write() as session:
        recorder = tokens.create(session, system("test"), "exchange")
        revoked = tokens.create(session, system("test"), "old", Kind.SCIM)
        row = tokens.find(session, revoked, Kind.SCIM)
        assert row is not None
        tokens.revoke(session, system("test"), row.id)
    client = app.test_client()
    for sent in (f"Bearer {recorder}", f"Bearer {revoked}", "Bearer", "Basic x", ""):
        answer = client.get("/scim/v2/Users", headers={"Authorization": sent})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert (answer.json or {})["schemas"] == [ERROR]
    own = idp.headers["Authorization"]
    put = client.put("/api/v1/recordings/1", data=b"x", headers={"Authorization": own})
    assert put.status_code == 401
    for page in ("/calls", "/status", "/account", "/lines"):
        assert client.get(page, headers={"Authorization": own}).status_code == 302


@pytest.mark.rule("ACC-5")
def test_every_request_is_a_line_also_one_that_only_looks(idp: Provider, centre: Centre) -> None:
    """Who, what and how many; never a name or a number."""
    anna = centre.id("1001")
    idp.found("Users", 'userName eq "1001"')
    idp.ask("GET", f"/Users/{anna}")
    idp.ask("GET", f"/Users/{'0' * 32}")
    said = [(line["subject"], line["detail"].get("act"), line["function"]) for line in idp.lines()]
    assert said == [("person", "search", "provisioner"), (f"person:{anna}", "read", "provisioner")]
    assert "Anna" not in json.dumps(idp.lines())
    for line in idp.lines():
        kind, _, id_ = line["subject"].partition(":")
        assert line["about"] == (id_ if kind == "person" and id_ else None), "each finds what is about them"


def test_what_is_not_there_is_said_in_the_same_shape(idp: Provider) -> None:
    """Whatever the path, the method, the type or the body."""
    for method, path, body, status in (
        ("GET", "/Users/x", None, 404),
        ("GET", "/Users/%00", None, 404),
        ("GET", f"/Users/{'a' * 5000}", None, 404),
        ("GET", "/Nothing", None, 404),
        ("GET", "/", None, 404),
        ("GET", "/Me", None, 501),
        ("POST", "/Bulk", {}, 501),
        ("DELETE", "/Users", None, 405),
        ("POST", "/Users", b"{", 400),
        ("POST", "/Users", b"", 400),
        ("POST", "/Users", b"\xff", 400),
        ("POST", "/Users", [], 400),
        ("POST", "/Users", b"[" * 100_000, 400),
        ("PATCH", "/Users/x", {}, 400),
        ("GET", "/Users?startIndex=x", None, 400),
        ("GET", "/Users?sortBy=userName", None, 501),
    ):
        answer = idp.ask(method, path, body)
        assert (answer.status_code, answer.content_type) == (status, "application/scim+json"), (method, path)
        assert (answer.json or {})["schemas"] == [ERROR]
        assert (answer.json or {})["status"] == str(status)


def test_a_body_may_be_so_large_and_no_larger(idp: Provider) -> None:
    answer = idp.ask("POST", "/Users", b" " * (api.LARGEST + 1))
    assert answer.status_code == 413
    assert (answer.json or {})["schemas"] == [ERROR]


def test_whoever_comes_too_often_waits(app: Flask, stores: Stores, idp: Provider) -> None:
    """As recorders do, with a budget of its own for each token; and strangers by their address."""
    per_minute = stores.settings.server.strangers_per_minute
    client = app.test_client()
    answers = [client.get("/scim/v2/Users").status_code for _ in range(per_minute + 1)]
    assert answers == [401] * per_minute + [429]
    assert idp.ask("GET", "/ServiceProviderConfig").status_code == 200, "who is known does not wait for them"


FOUND: list[tuple[str, list[str]]] = [
    ('userName eq "1001"', ["1001"]),
    ('username EQ "1001"', ["1001"]),
    (f'{USER}:userName eq "1001"', ["1001"]),
    ('userName ne "1001"', ["2001", "3001", "9001"]),
    ('userName gt "2001"', ["3001", "9001"]),
    ('userName ge "2001" and userName lt "9"', ["2001", "3001"]),
    ('displayName co "DE VRIES"', ["1001"]),
    ('displayName sw "anna" or displayName ew "mulder"', ["1001", "3001"]),
    ('not (displayName co "a")', []),
    ('emails.value eq "ANNA@example.org"', ["1001"]),
    ('emails[value sw "anna@"]', ["1001"]),
    ('emails eq "anna@example.org"', ["1001"]),
    ("emails pr", ["1001"]),
    ("not (emails pr)", ["2001", "3001", "9001"]),
    ('not (emails.value eq "anna@example.org")', ["2001", "3001", "9001"]),
    ("emails.value eq null", ["2001", "3001", "9001"]),
    ("active eq true", ["1001", "2001", "3001", "9001"]),
    ("active eq false", []),
    (f'{AGENT}:agentId eq "4101"', ["1001"]),
    ('externalId eq "x"', []),
    ('meta.created gt "2026-01-01T00:00:00Z"', []),
    ('groups[value eq "x"]', []),
    ('displayName co "%"', []),
    ('displayName co "_"', []),
    ('displayName eq "\' OR 1=1 --"', []),
    ('displayName eq "a\\u0000b"', []),
    ('displayName eq "é\\ud83d\\ude00"', []),
]


def test_a_filter_finds_whom_it_describes(idp: Provider) -> None:
    """In the order of their numbers."""
    for scim_filter, found in FOUND:
        assert idp.found("Users", scim_filter) == found, scim_filter


HOSTILE = [
    "",
    "userName",
    'userName eq "1001',
    "userName eq 1001",
    'userName xx "1001"',
    'nothing eq "x"',
    'password eq "x"',
    'emails[value eq "x"',
    "active gt true",
    'active eq "yes"',
    "userName co null",
    'meta.created gt "yesterday"',
    'meta.created gt "2026-01-01T00:00:00"',
    "(" * 30_000 + 'userName eq "x"' + ")" * 30_000,
    "not (" * 300 + 'userName eq "x"' + ")" * 300,
    'userName eq "' + "x" * filters.LONGEST + '"',
    " or ".join(['userName eq "x"'] * 200),
]


def test_a_hostile_filter_is_refused_and_breaks_nothing(idp: Provider) -> None:
    """By address and in a body; the door still works."""
    search = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
    for scim_filter in HOSTILE:
        ways: list[tuple[str, str, Any]] = [
            ("GET", f"/Users?filter={quote(scim_filter)}", None),
            ("POST", "/Users/.search", {"schemas": [search], "filter": scim_filter}),
        ]
        for method, path, body in ways:
            answer = idp.ask(method, path, body)
            assert answer.status_code == 400, (method, scim_filter[:80], answer.text)
            assert (answer.json or {})["schemas"] == [ERROR]
    assert idp.found("Users", 'userName eq "1001"') == ["1001"]


def test_pages_go_by_index_and_tell_the_total(idp: Provider) -> None:
    """The last page is short, one beyond is empty, a count of none tells the total alone."""
    seen: list[str] = []
    for start in (1, 3):
        page = idp.ask("GET", f"/Users?startIndex={start}&count=2").json or {}
        assert (page["totalResults"], page["itemsPerPage"], page["startIndex"]) == (4, 2, start)
        seen += [user["userName"] for user in page["Resources"]]
    assert seen == ["1001", "2001", "3001", "9001"]
    for query in ("startIndex=5", "startIndex=99999999999999999999", "count=0", "count=-1"):
        page = idp.ask("GET", f"/Users?{query}").json or {}
        assert (page["totalResults"], page.get("Resources", [])) == (4, []), query


def test_only_what_was_asked_for_is_shown(idp: Provider, centre: Centre) -> None:
    shown = idp.ask("GET", f"/Users/{centre.id('1001')}?attributes=emails").json
    assert set(shown or {}) == {"schemas", "id", "emails"}
    shown = idp.ask("GET", f"/Users/{centre.id('1001')}?excludedAttributes=emails,displayName").json
    assert not {"emails", "displayName"} & set(shown or {})


def test_where_the_door_is_not_wanted_there_is_none(stores: Stores) -> None:
    """Off unless the settings say so."""
    closed = replace(stores, settings=stores.settings.model_copy(update={"scim": Scim()}))
    assert create_app(closed).test_client().get("/scim/v2/Users").status_code == 404
