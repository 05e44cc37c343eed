"""A call's whole life with split roles: set up by the command line, taken in, drawn, heard, scored, reported,
erased; and nothing that anybody does on the way lacks a right.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, text, update

from kcc import clock, config
from kcc.access.actor import system
from kcc.audit.model import AuditLine
from kcc.cli import cli
from kcc.clock import Frozen
from kcc.coaching import drawing, planning
from kcc.coaching.model import SampledCall
from kcc.db import Database
from kcc.people import passwords, tokens
from kcc.people.model import Person
from kcc.recordings.model import Recording, Tombstone
from kcc.scheduler import runner
from kcc.stores import Stores
from kcc.wall.rights import Role
from tests import postgres, walled
from tests.access.world import COMPLETE, DRAW_DAY
from tests.centre import PASSWORD, Centre
from tests.conftest import Client
from tests.sounds import wav
from tests.test_cli import deliver

ANOTHER = "vijf ezels in de bonte wei"


@pytest.fixture
def people(stores: Stores, centre: Centre) -> Centre:
    """The centre, whose people can sign in with a password."""
    with stores.database.write() as session:
        session.execute(update(Person).values(password_hash=passwords.hashed(PASSWORD)))
    return centre


@pytest.fixture
def signed_in(app: Flask, web_stores: Stores) -> Callable[[str], Client]:
    """Makes a browser in which somebody signed in by the form."""

    def enter(number: str) -> Client:
        browser = Client(app, web_stores)
        sent = {"number": number, "password": PASSWORD, "next": ""}
        assert browser.post("/signin", sent).status_code == 303
        return browser

    return enter


def taken_in(stores: Stores, intake: Stores, app: Flask, centre: Centre) -> None:
    """Calls by files and by the recorders' interface."""
    by_file = replace(centre, stores=intake)
    for agent in ("anna", "bob"):
        by_file.calls(6, agent)
    by_file.call(line="private")
    with stores.database.write() as session:
        token = tokens.create(session, system("cli"), "exchange")
    described = {"start": clock.now().isoformat(), "agent_id": "agent-anna", "line": "main"}
    described |= {"direction": "incoming", "scope": "external", "nature": "business"}
    headers = {"Authorization": f"Bearer {token}", "Kcc-Call": json.dumps(described)}
    answer = app.test_client().put("/api/v1/recordings/by-http", data=wav(25), headers=headers)
    assert answer.status_code == 201, answer.text


@pytest.mark.rule("ACC-2", "RET-1", "SAM-3", "SAM-5", "REP-4", "THR-1")
def test_from_the_exchange_to_the_tombstone(
    app: Flask,
    stores: Stores,
    intake_stores: Stores,
    people: Centre,
    signed_in: Callable[[str], Client],
    now: Frozen,
) -> None:
    """Intake by its role, draw and erasure by the jobs', everything else by a browser through the web's."""
    with stores.database.write() as session:
        planning.propose(session, system("announce"), clock.today(), stores.settings)
    now.set(clock.start_of_day(DRAW_DAY) + timedelta(hours=9))
    taken_in(stores, intake_stores, app, people)
    drawing.run(stores, clock.today())
    with stores.database.read() as session:
        drawn = select(SampledCall).where(SampledCall.employee_id == people.anna).order_by(SampledCall.slot)
        first, second = session.scalars(drawn).all()[:2]
        threat = next(
            one
            for one in session.scalars(select(Recording.id).where(Recording.employee_id == people.anna))
            if one not in (first.recording_id, second.recording_id)
        )
    _coach_scores(signed_in("coach"), first.id, second.id)
    _employee_reads(signed_in("anna"), threat)
    assert "Anna" in signed_in("lead").get("/team").text
    _administrator_looks(signed_in("administrator"))
    assert {run.outcome for run in runner.catch_up(stores, leading=True)} == {"done"}

    now.move(timedelta(days=28))
    assert {run.outcome for run in runner.catch_up(stores)} == {"done"}
    with stores.database.read() as session:
        assert set(session.scalars(select(Recording.id))) == {threat}
        assert len(session.scalars(select(Tombstone.recording_id)).all()) == 12


def _coach_scores(coach: Client, first: str, second: str) -> None:
    assert coach.get("/samples").status_code == 200
    opened = coach.post(f"/samples/{first}/listen", headers={"Accept": "application/json"})
    told = coach.get(opened.headers["Location"]).get_json()
    assert coach.get(told["sound_url"], headers={"Range": "bytes=0-1000"}).status_code == 206
    assert coach.get(told["state_url"]).status_code == 204
    assert coach.post(told["close_url"]).status_code == 204
    assert coach.post(f"/samples/{first}", {"revision": "0", **COMPLETE}).status_code == 303
    finished = coach.post(f"/samples/{first}/finish", {"revision": "1"})
    assert finished.status_code == 303, finished.text
    assert coach.get(finished.headers["Location"]).status_code == 200
    assert coach.post(f"/samples/{second}", {"revision": "0", "answer-3": "yes"}).status_code == 303
    left = coach.post(f"/samples/{second}/not-representative", {"reason": "private"})
    assert left.status_code == 303
    assert "heeft een ander" in coach.get("/samples").text, "another call was drawn, by the system"


def _employee_reads(anna: Client, threat: str) -> None:
    page = anna.get("/reports").text
    (report,) = {line.split('"')[0] for line in page.split('href="/reports/')[1:]}
    assert anna.get(f"/reports/{report}").status_code == 200
    assert anna.post(f"/calls/{threat}/listen").status_code == 303
    reported = anna.post(f"/calls/{threat}/threat", {"kind": "verbal", "account": "Hij schold."})
    assert reported.status_code == 303
    assert anna.get(f"/calls/{threat}").status_code == 200
    changed = {"current": PASSWORD, "password": ANOTHER, "again": ANOTHER}
    assert anna.post("/account/password", changed).status_code == 303
    assert anna.post("/preferences", {"language": "en", "next": "/account"}).status_code == 303
    assert anna.get("/account").status_code == 200
    assert anna.post("/signout").status_code == 303
    assert anna.get("/calls").status_code == 302


def _administrator_looks(administrator: Client) -> None:
    assert administrator.get("/status").status_code == 200
    assert "13" in administrator.get("/line/main").text, "calls are counted, though none is reached"
    assert administrator.get("/metrics").status_code == 200
    sent = {"code": "second", "name": "Tweede", "kind": "recorded", "welcome_text_since": "2026-11-01"}
    assert administrator.post("/lines/new", sent | {"reason": "Zo besloten."}).status_code == 303


def test_a_refusal_is_written_down_though_the_thing_is_out_of_reach(
    stores: Stores, people: Centre, signed_in: Callable[[str], Client]
) -> None:
    """Somebody else's call is not found by the web's role: the log still has who asked for it."""
    people.call("bob")
    with stores.database.read() as session:
        bobs = session.scalar(select(Recording.id))
    anna = signed_in("anna")
    for method, path in (("get", ""), ("post", "/listen"), ("get", "/threat"), ("post", "/threat")):
        assert getattr(anna, method)(f"/calls/{bobs}{path}").status_code == 404
        assert getattr(anna, method)(f"/calls/{'0' * 32}{path}").status_code == 404
    with stores.database.read() as session:
        refused = select(AuditLine.subject).where(AuditLine.allowed.is_(False))
        assert session.scalars(refused).all() == [f"recording:{bobs}"] * 4


# --- the command line ---

Run = Callable[..., Result]


@pytest.fixture
def bare_url(postgres_url: str) -> Iterator[str]:
    """A database in which nothing was made yet."""
    with postgres.database(postgres_url) as url:
        yield url


def kcc(tmp_path: Path, section: dict[str, str]) -> Run:
    """Runs a command with these settings of the database."""
    lines = "\n".join(f'{name} = "{value}"' for name, value in section.items())
    file = tmp_path / "kcc.toml"
    file.write_text(f'[database]\n{lines}\n[log]\nlevel = "error"\n')

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--config", str(file), *arguments])

    return run


def test_an_operator_splits_the_roles_of_an_installation(
    bare_url: str, tmp_path: Path, now: Frozen, an_hour_ago: str
) -> None:
    """From the printed SQL to calls taken in and erased; migrating again in between; and back again."""
    run = kcc(tmp_path, walled.urls(bare_url))
    printed = run("database", "roles")
    with psycopg.connect(bare_url.replace("+psycopg", "")) as superuser:
        for _ in range(2):
            superuser.execute(printed.stdout)
            superuser.commit()
        passes = printed.stdout.replace(walled.OWNER, "kcc")
        with pytest.raises(psycopg.errors.RaiseException, match="a superuser passes every wall"):
            superuser.execute(passes)
        superuser.rollback()
    for _ in range(2):
        assert run("migrate").exit_code == 0
    with closing(Stores.open(config.load(tmp_path / "kcc.toml"))) as stores:
        from tests.centre import build

        build(stores)
    file = deliver(tmp_path / "in", "call-1", an_hour_ago)
    assert run("ingest", str(file.parent)).exit_code == 0
    assert run("migrate").exit_code == 0, "with something behind the wall"
    assert json.loads(run("status", "--json").stdout)["recordings"]["live"] == 1
    assert run("audit", "export", str(tmp_path / "log")).exit_code == 0
    now.move(timedelta(days=29))
    assert run("erase").exit_code == 0
    assert json.loads(run("status", "--json").stdout)["recordings"]["erased"] == 1

    alone = kcc(tmp_path, {"url": walled.as_role(bare_url, walled.OWNER)})
    assert alone("database", "roles").exit_code == 1, "no roles are named"
    assert alone("migrate").exit_code == 0
    assert json.loads(alone("status", "--json").stdout)["recordings"]["erased"] == 1
    assert reached(bare_url, Role.JOBS) == 0, "without the wall the other roles reach nothing, not everything"


@pytest.fixture
def an_hour_ago(now: Frozen) -> str:
    """As a recorder writes it."""
    return (now() - timedelta(hours=1)).isoformat()


def reached(url: str, role: Role) -> Any:
    """How many tombstones a role sees."""
    with closing(Database(walled.as_role(url, walled.NAMES[role]))) as database, database.read() as session:
        return session.scalar(text("SELECT count(*) FROM tombstone"))


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ({"web_url": "postgresql+psycopg://w@h/d"}, "all five"),
        ({f"{role}_url": "postgresql+psycopg://one@h/d" for role in Role}, "of its own"),
        ({f"{role}_url": f"sqlite:///{role}.db" for role in Role}, "all five"),
    ],
)
def test_roles_are_split_altogether_or_not_at_all(
    section: dict[str, str], fault: str, tmp_path: Path
) -> None:
    """A wall with a hole would be worse than none: everything is said at once."""
    main = {"url": "postgresql+psycopg://owner@h/d"}
    with pytest.raises(config.ConfigError, match=fault):
        config.parse({"database": main | section}, tmp_path)
