"""What people are told behind the second wall, word for word as without it: the very same database, asked
through the web's role by somebody's session and as kcc itself.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text, update
from sqlalchemy.pool import NullPool

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, Post, system
from kcc.access.policy import Permit, Subject
from kcc.app import create_app
from kcc.audit import record
from kcc.audit.model import AuditLine, AuditSeal
from kcc.clock import Frozen
from kcc.people import sessions, signin
from kcc.scheduler import auditing
from kcc.stores import Stores
from kcc.wall.rights import Role
from tests.access.test_matrix import PEOPLE, bare
from tests.access.world import UNKNOWN, World
from tests.centre import PASSWORD
from tests.conftest import Client

THINGS = (
    *(
        "call.live",
        "call.sealed",
        "call.due",
        "call.erasing",
        "call.bobs",
        "call.nobodys",
        "call.of-finished",
    ),
    *("call.of-fresh", "call.of-threat", "call.of-rejected", "call.unknown"),
)


class Both:
    """Two applications over one database, and everybody's browser in each, with one and the same session."""

    def __init__(self, walled: Flask, stores: Stores, world: World, url: str) -> None:
        self.world, self.superuser = world, create_engine(url, poolclass=NullPool)
        apps = (walled, create_app(stores))
        self.browsers: dict[str, list[Client]] = {}
        for name in PEOPLE:
            with stores.database.write() as session:
                secret = sessions.begin(session, getattr(world.centre, name))
            self.browsers[name] = [Client(app, stores) for app in apps]
            for browser in self.browsers[name]:
                browser.flask.set_cookie("kcc", secret)

    def ask(self, name: str, method: str, address: str, data: Any = None) -> str:
        """What somebody is answered, the same in both: each in turn, as if nobody had asked before."""
        behind, without = (self._answer(browser, method, address, data) for browser in self.browsers[name])
        assert behind == without, (name, method, address, data)
        return behind[2]

    def _answer(self, browser: Client, method: str, address: str, data: Any) -> tuple[int, Any, str]:
        with self._undone():
            answer = browser.get(address) if method == "GET" else browser.post(address, data, buffered=True)
            status, headers, page = bare(answer)
        return status, {n: v for n, v in headers.items() if n in ("Location", "Content-Type")}, page

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """Without the lines that asking leaves."""
        with self.superuser.connect() as connection:
            last = connection.scalar(text("SELECT max(id) FROM audit_line"))
        yield
        with self.superuser.begin() as connection:
            connection.execute(text("DELETE FROM audit_line WHERE id > :last"), {"last": last})
            connection.execute(text("SELECT setval('audit_line_id_seq', :last)"), {"last": last})


@pytest.fixture
def both(
    app: Flask, web_stores: Stores, stores: Stores, world: World, now: Frozen, database_url: str
) -> Both:
    """A world in which things were heard, reported, tried and refused, a moment ago."""
    assert app.extensions["kcc.stores"] is web_stores
    assert stores.acting(Role.WEB) is stores
    _happen(app, stores, world)
    now.move(timedelta(minutes=1))
    auditing.checkpoint(stores)
    with stores.database.write() as session:
        session.execute(update(AuditSeal).values(broken_since=clock.now(), broken="changed"))
    found = Both(app, stores, world, database_url)
    now.move(timedelta(minutes=1))
    return found


def _happen(app: Flask, stores: Stores, world: World) -> None:
    centre, ids = world.centre, world.ids
    with stores.database.write() as session:
        signin.set_password(session, system("cli"), centre.anna, PASSWORD, min_length=15)
        record.act(session, _of_former_days(centre.anna), changes=["name"])
    for name, address in (
        ("anna", f"/calls/{ids['call.live']}/listen"),
        ("coach", f"/samples/{ids['sample.fresh']}/listen"),
        ("other_coach", f"/samples/{ids['sample.fresh']}/listen"),
        ("bob", f"/calls/{ids['call.live']}/listen"),
    ):
        Client(app, stores).sign_in(getattr(centre, name)).post(address)


def _of_former_days(person_id: str) -> Permit:
    """An act of an earlier version, which wrote a person as subject only."""
    cli = Actor("system:cli", "kcc", frozenset({Post(Function.SYSTEM)}))
    return Permit(cli, Function.SYSTEM, Action.PEOPLE_IMPORT, None, Subject("person", person_id), None, "x")


@pytest.mark.rule("ACC-5")
def test_who_did_what_with_my_data(both: Both) -> None:
    """Everybody's own page, whoever did it, whatever became of the call; imports and passwords, too."""
    for name in PEOPLE:
        for who in ("all", "others", "me"):
            both.ask(name, "GET", f"/my-data?who={who}")
    page = both.ask("anna", "GET", "/my-data?who=others")
    for words in ("Opende een getrokken gesprek", "jouw gesprek van", "kcc"):
        assert words in page
    with both.world.stores.database.read() as session:
        mine = AuditLine.subject == f"person:{both.world.centre.anna}"
        assert session.query(AuditLine).where(mine, AuditLine.about_id.is_(None)).count() > 0


@pytest.mark.rule("ACC-1")
def test_why_somebody_may_do_something(both: Both) -> None:
    """The verdict is the policy's on the thing as it is, not on what the officer reaches of it."""
    for number, action, thing, purpose, may in (
        ("anna", "recording:read", "recording:call.live", "", True),
        ("bob", "recording:read", "recording:call.live", "", False),
        ("anna", "recording:play", "recording:call.due", "inspection", False),
        ("anna", "recording:play", "recording:call.unknown", "inspection", False),
        ("coach", "sample:play", "sample:sample.fresh", "monitoring", True),
        ("other_coach", "sample:play", "sample:sample.fresh", "monitoring", False),
        ("coach", "report:read", "report:report.finished", "", True),
        ("anna", "report:read", "report:report.finished", "", True),
        ("anna", "report:read", "report:report.draft", "", False),
        ("administrator", "people:change", "person:anna", "", True),
    ):
        kind, _, name = thing.partition(":")
        id_ = both.world.centre.anna if kind == "person" else both.world.ids.get(name, UNKNOWN)
        asked = {"number": number, "action": action, "object": f"{kind}:{id_}", "purpose": purpose}
        page = both.ask("officer", "POST", "/who-may-what/explain", asked)
        assert ("De persoon leest" in page) is may, asked
        assert ("Dit bestaat niet" in page) is (id_ == UNKNOWN), asked
    assert both.ask("anna", "POST", "/who-may-what/explain", {"number": "anna"})


@pytest.mark.rule("ACC-5")
def test_the_officer_searches_by_call(both: Both) -> None:
    """By our id or the recorder's, one that is gone and one that never was; each line's call is told."""
    found = 0
    for thing in THINGS:
        id_ = both.world.ids.get(thing, UNKNOWN)
        both.ask("officer", "POST", "/audit", {"call": id_})
        found += "<table" in both.ask("officer", "GET", f"/audit/found?call={id_}")
    assert found >= 5
    for wanted in ("", "?kind=heard", f"?person={both.world.centre.anna}&role=about", "?kind=refused"):
        both.ask("officer", "GET", f"/audit/found{wanted}")
    page = both.ask("officer", "GET", f"/audit/found?call={both.world.ids['call.of-fresh']}")
    assert "Opende een getrokken gesprek" in page, "lines about its sample are of the call"


@pytest.mark.rule("ACC-5")
def test_what_a_search_finds_is_taken_away_whole(both: Both) -> None:
    """Every line, though it is sent when the request is over; of one call those about its sample, too."""
    with both.world.stores.database.read() as session:
        lines = session.query(AuditLine).where(AuditLine.at < clock.now()).count()
    taken = both.ask("officer", "POST", "/audit/found", {"form": "jsonl"}).splitlines()
    assert len(taken) == lines + 1 > 40
    assert json.loads(taken[1])["reference"]
    assert both.ask("officer", "POST", "/audit/found", {"form": "csv"}).count("\r\n") == lines + 2
    of_call = {"form": "jsonl", "call": both.world.ids["call.of-fresh"]}
    subjects = [
        json.loads(one).get("subject")
        for one in both.ask("officer", "POST", "/audit/found", of_call).splitlines()
    ]
    assert f"sample:{both.world.ids['sample.fresh']}" in subjects
    assert both.ask("officer", "POST", "/audit/proof", {"line": "1"})


@pytest.mark.rule("ACC-5")
def test_whoever_sees_checkpoints_sees_that_the_log_is_broken(both: Both) -> None:
    """The works council as the officer."""
    for name in PEOPLE:
        page = both.ask(name, "GET", "/checkpoints")
        assert ("kcc-checkpoint" in page or "<table" in page) is (name in ("officer", "council")), name
        both.ask(name, "GET", "/checkpoints/1")
    broken = both.ask("council", "GET", "/checkpoints")
    with both.world.stores.database.write() as session:
        session.execute(update(AuditSeal).values(broken_since=None, broken=None))
    assert both.ask("council", "GET", "/checkpoints") != broken
