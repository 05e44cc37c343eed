"""Hostile input on every route of the url map, as every profile: no 500, nothing reflected, one shape."""

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from itertools import count, islice
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from kcc.access import policy
from kcc.access.actions import Action
from kcc.clock import Frozen
from kcc.stores import Stores
from kcc.web import routes, security
from tests.access import world as worlds
from tests.access.world import UNKNOWN, World
from tests.centre import Centre
from tests.conftest import Client
from tests.web import hostile
from tests.whole import WHOLE

PEOPLE = ("anna", "bob", "coach", "lead", "manager", "officer", "administrator", "council")
THINGS = {
    "recording_id": ("call.live", "call.threat", "call.to-report", "call.sealed"),
    "sample_id": ("sample.fresh", "sample.begun", "sample.draft", "sample.complete"),
    "report_id": ("report.finished", "report.draft"),
}
"""What stands in an address by the name of its place; people by themselves, whatever else is unknown."""
MACHINES = ("recordings_api.put", "recordings_api.post_vcon", "scim.serve")
"""Asked by their own descriptions: tests/recordings/test_schema.py, and scim2-tester in tests/people/scim."""
SAID = set(security.headers(secure=False)) | {"Content-Security-Policy", "Cache-Control"}
LEAKS = ("Traceback", "sqlalchemy", "werkzeug.", "psycopg", "site-packages", "OperationalError")


class Fields(HTMLParser):
    """The fields of each form on a page, by the address that it is sent to."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._address, self._form = address, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self._form = urlsplit(said.get("action") or self._address).path
        elif tag in {"input", "select", "textarea", "button"} and said.get("name"):
            self.found.setdefault(self._form, []).append(str(said["name"]))


class Attack:
    """One world, and everybody's browser on it."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world
        self.clients: dict[str, Client] = {}
        self.tokens: dict[str, str] = {}
        self.fields: dict[str, list[str]] = {}
        self.actions = routes.declared(app)
        self.asked = 0
        self._turn = count()

    def browser(self, name: str) -> None:
        """Somebody's, signed in and with a form token; nobody's has an empty name."""
        client = self.clients.setdefault(name, Client(self.app, self.world.stores))
        if name:
            client.sign_in(getattr(self.world.centre, name))
        self.tokens[name] = client.token()

    def who(self, action: Action) -> str:
        """Somebody who has a function for it, each in turn; every fifth time anybody at all."""
        turn = next(self._turn)
        may = [
            n
            for n in PEOPLE
            if policy.may_visit(self.world.centre.actor(getattr(self.world.centre, n)), action)
        ]
        among = [*PEOPLE, ""] if turn % 5 == 4 or not may else may
        return among[turn % len(among)]

    def some(self, all_: Iterator[Any], one_in: int = 1) -> Iterator[Any]:
        """Each so-many-th, others each time; a third of that on PostgreSQL, which is slower to ask."""
        slow = self.world.stores.database.url.get_backend_name() != "sqlite"
        step = one_in * 3 if slow else one_in
        return islice(all_, next(self._turn) % step, None, step)

    def address(self, rule: Rule, value: str | None = None) -> str:
        """An address of the route, about something that exists, or about `value`, put in as it stands."""
        chosen = {name: value or self._thing(name) for name in rule.arguments}
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda place: chosen[place[1]], rule.rule)

    def _thing(self, name: str) -> str:
        if name == "person_id":
            return self.world.centre.anna
        words = [word for word in THINGS.get(name, ()) if word in self.world.ids]
        known = self.world.ids[words[next(self._turn) % len(words)]] if words else UNKNOWN
        return {"code": "main", "path": "kcc.css", "lease_id": self.world.ids["lease"]}.get(name, known)

    def send(self, name: str, method: str, address: str, **more: Any) -> TestResponse:
        """Ask, and look at the answer."""
        # A client with cookies of its own would put them in the place of these.
        bare = "Cookie" in more.get("headers", {})
        flask = self.app.test_client(use_cookies=False) if bare else self.clients[name].flask
        headers = {"X-CSRFToken": self.tokens[name]} | more.pop("headers", {})
        query = more.pop("query", "")
        answer = flask.open(
            address, method=method, headers=headers, query_string=query, buffered=True, **more
        )
        self.asked += 1
        sent = (
            f"{name or 'nobody'}: {method} {address[:80]}?{query[:60]} {str(headers)[:200]} {str(more)[:200]}"
        )
        look(answer, method, sent)
        if name and (answer.status_code == 401 or answer.headers.get("Location", "").startswith("/signin")):
            self.browser(name)  # their session is over: the next request is made in a new one
        return answer


def look(answer: TestResponse, method: str, sent: str) -> None:
    """Whatever is asked: no 500, all headers, cookies as they must be, nothing reflected, one shape."""
    assert answer.status_code < 500 or answer.status_code == 503, f"{answer.status_code} {sent}"
    assert set(answer.headers.keys()) >= SAID, sent
    for cookie in answer.headers.getlist("Set-Cookie"):
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "path=/", "samesite=lax"} <= attributes, f"{cookie} {sent}"
    assert not any("kcc7" in name.lower() for name, _ in answer.headers.items()), sent
    assert not any(one.startswith("kcc7") for one in answer.headers.getlist("Set-Cookie")), sent
    assert not set(answer.headers.get("Location", "")) & set("<>\"'\r\n"), sent
    text = answer.get_data().decode("utf-8", "replace")
    assert hostile.MARK not in text, sent
    assert "<script>kcc7" not in text, sent
    assert hostile.SUM not in text, sent
    assert not [leak for leak in LEAKS if leak in text], sent
    if 300 <= answer.status_code < 400 and "Location" in answer.headers:
        assert re.match(r"/(?![/\\])", answer.headers["Location"]), sent
    if answer.status_code >= 400 and method != "HEAD":
        in_shape(answer, text, sent)


def in_shape(answer: TestResponse, text: str, sent: str) -> None:
    """A page of ours with a way on, or problem details."""
    if answer.content_type == "application/problem+json":
        told = answer.get_json()
        assert told["status"] == answer.status_code, sent
        assert told["detail"], sent
        assert told["title"], sent
        assert told["code"], sent
        return
    assert answer.content_type == "text/html; charset=utf-8", f"{answer.content_type} {sent}"
    assert 'lang="' in text, sent
    assert "</html>" in text, sent
    assert "<h1" in text, sent


@pytest.fixture
def attack(app: Flask, stores: Stores, centre: Centre, now: Frozen) -> Attack:
    attack = Attack(app, worlds.build(stores, centre, now))
    attack.world.ids["lease"] = UNKNOWN
    for name in (*PEOPLE, ""):
        attack.browser(name)
    opened = attack.send("anna", "POST", f"/calls/{attack.world.ids['call.live']}/listen", headers=JSON)
    attack.world.ids["lease"] = opened.headers["Location"].split("/")[2]
    return attack


JSON = {"Accept": "application/json"}


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every route that browsers use, by method; signing out comes last."""
    found = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.endpoint not in MACHINES
    ]
    yield from sorted(found, key=lambda one: (one[0].endpoint == "people.sign_out", one[0].rule, one[1]))


@pytest.mark.rule("SEC-1")
@pytest.mark.in_part("postgresql")
def test_forms_take_anything_and_give_nothing_back(attack: Attack, now: Frozen) -> None:
    """Each form with the fields that its pages show, and what may come in their place."""
    for rule, method in rules(attack.app):
        if method == "GET":
            for name in PEOPLE:
                address = attack.address(rule)
                page = Fields(address)
                page.feed(attack.send(name, "GET", address).get_data().decode("utf-8", "replace"))
                attack.fields |= page.found
    posts = [rule for rule, method in rules(attack.app) if method != "GET"]
    assert len(posts) > 15
    for rule in posts:
        (method,) = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        now.move(timedelta(minutes=1))
        for body in attack.some(hostile.bodies(fields_of(attack, rule)), one_in=2 if WHOLE else 4):
            name = attack.who(attack.actions[rule.endpoint])
            if rule.endpoint == "people.sign_out":
                name = ""
            headers = JSON if next(attack._turn) % 4 == 0 else {}
            attack.send(name, method, attack.address(rule), headers=headers, **body)


def fields_of(attack: Attack, rule: Rule) -> list[str]:
    """Those that a page showed for this address, else some that many have."""
    pattern = re.compile(re.sub(r"<[^>]+>", "[^/]+", rule.rule))
    shown = {name for path, names in attack.fields.items() if pattern.fullmatch(path) for name in names}
    return sorted((shown or {"reason", "next", "number", "revision", "name", "code"}) - {"csrf_token"})


@pytest.mark.rule("SEC-1")
@pytest.mark.in_part("postgresql")
def test_addresses_questions_and_headers_take_anything(attack: Attack) -> None:
    """Every page with broken questions, odd ids in each place, and absurd headers; the same each time."""
    pages = [rule for rule, method in rules(attack.app) if method == "GET"]
    asked = [
        f"{name}={{}}" for name in ("before", "since", "until", "direction", "next", "after", "q", "page")
    ]
    values = [value for value in hostile.VALUES if len(value) < 1000]
    turn = random.Random(20261103)
    for rule in attack.some(iter(pages)):
        action = attack.actions[rule.endpoint]
        for value in turn.sample(hostile.ADDRESSES, 4) if rule.arguments else ():
            attack.send(attack.who(action), "GET", attack.address(rule, value))
        for query in turn.sample(hostile.QUERIES, 4):
            attack.send(attack.who(action), "GET", attack.address(rule), query=query)
        for value in turn.sample(values, 3):
            question = {name.split("=")[0]: value for name in asked}
            attack.send(attack.who(action), "GET", attack.address(rule), query=hostile.encoded(question))
        for headers in turn.sample(hostile.HEADERS, 4):
            attack.send(attack.who(action), "GET", attack.address(rule), headers=headers)


@pytest.mark.rule("SEC-1")
@pytest.mark.in_part("postgresql")
def test_methods_that_a_route_does_not_have(attack: Attack) -> None:
    """Also none at all, in the one shape; TRACE gives nothing back."""
    for rule in attack.some(iter({rule.rule: rule for rule, _ in rules(attack.app)}.values())):
        has = {
            m
            for one in attack.app.url_map.iter_rules()
            if one.rule == rule.rule
            for m in one.methods or set()
        }
        for method in hostile.METHODS:
            if method not in has:
                name = attack.who(attack.actions[rule.endpoint])
                answer = attack.send(name, method, attack.address(rule))
                assert answer.status_code in {302, 401, 404, 405}, (method, rule)


def test_every_profile_took_part(attack: Attack) -> None:
    """Whoever has a function is signed in here."""
    functions = {
        f for n in PEOPLE for f in attack.world.centre.actor(getattr(attack.world.centre, n)).functions
    }
    machines = {"recorder", "system", "provisioner"}
    assert {str(grant.function) for grant in policy.TABLE if grant.function} - machines <= set(
        map(str, functions)
    )
