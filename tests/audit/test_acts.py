"""Every act and refusal leaves one line, on pages, the API and in verbs; without its line no act happens."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.coaching import assessment, drawing, planning, replacing, reports, sheets
from kcc.people import sessions, signin, tokens
from kcc.recordings import erasure, listening
from kcc.stores import Stores
from kcc.threat import incidents
from tests.access import world as worlds
from tests.access.world import World
from tests.audit.lines import Watch, all_lines, body, refused_by_the_database
from tests.centre import PASSWORD, Centre
from tests.conftest import Client
from tests.sounds import wav

BrowserAs = Callable[[str], Client]
DESCRIBED = {
    "agent_id": "agent-anna",
    "direction": "incoming",
    "scope": "external",
    "line": "main",
    "remote_number": "+31201234567",
    "nature": "business",
}


@pytest.fixture
def world(stores: Stores, centre: Centre, now: Frozen) -> World:
    return worlds.build(stores, centre, now)


@pytest.mark.rule("ACC-5")
def test_each_act_on_a_page_leaves_its_line(world: World, browser_as: BrowserAs) -> None:
    """One for each request, about the thing that was reached, with the purpose where there is sound."""
    ids, centre = world.ids, world.centre
    anna, coach, lead = browser_as(centre.anna), browser_as(centre.coach), browser_as(centre.lead)
    administrator = browser_as(centre.administrator)
    watch = Watch(world.stores)
    call, sample = ids["call.live"], ids["sample.begun"]
    acts: list[tuple[Client, str, str, dict[str, str] | None, list[tuple[str, str]]]] = [
        (anna, "GET", f"/calls/{call}", None, [("recording:read", f"recording:{call}")]),
        (anna, "POST", f"/calls/{call}/listen", {}, [("recording:play", f"recording:{call}")]),
        (
            anna,
            "POST",
            f"/calls/{call}/threat",
            {"kind": "verbal", "account": "Hij schold."},
            [("threat:report", f"recording:{call}")],
        ),
        (
            anna,
            "GET",
            f"/reports/{ids['report.finished']}",
            None,
            [("report:read", f"report:{ids['report.finished']}")],
        ),
        (
            coach,
            "GET",
            f"/reports/{ids['report.finished']}",
            None,
            [("report:read", f"report:{ids['report.finished']}")],
        ),
        (coach, "GET", "/samples", None, [("sample:list", "sample")]),
        (
            coach,
            "GET",
            f"/samples/{ids['sample.fresh']}",
            None,
            [("sample:read", f"sample:{ids['sample.fresh']}")],
        ),
        (coach, "GET", f"/samples/{sample}", None, [("report:read", f"report:{ids['report.begun']}")]),
        (coach, "POST", f"/samples/{sample}/listen", {}, [("sample:play", f"sample:{sample}")]),
        (
            coach,
            "POST",
            f"/samples/{sample}",
            {"revision": "0", "answer-3": "yes"},
            [("report:score", f"report:{ids['report.begun']}")],
        ),
        (
            coach,
            "POST",
            f"/samples/{ids['sample.complete']}/finish",
            {"revision": "1"},
            [("report:finish", f"report:{ids['report.complete']}")],
        ),
        (lead, "GET", "/team", None, [("team:read", "team")]),
        (administrator, "GET", "/status", None, [("status:read", "status")]),
        (administrator, "GET", "/lines", None, [("lines:read", "line")]),
        (administrator, "GET", "/line/main", None, [("lines:read", "line:main")]),
        (
            administrator,
            "POST",
            "/line/main/change",
            {"revision": "1", "name": "Hoofdlijn", "kind": "recorded", "reason": "Besluit."}
            | {"welcome_text_since": "2023-01-01", "understood": "recorded 2023-01-01"},
            [("line:change", "line:main")],
        ),
        (
            administrator,
            "POST",
            "/lines/new",
            {"code": "two", "name": "Twee", "kind": "direct", "reason": "Besluit."},
            [("line:change", "line:two")],
        ),
    ]
    for browser, method, address, sent, lines in acts:
        answer = browser.get(address) if method == "GET" else browser.post(address, sent)
        assert answer.status_code in (200, 303), address
        assert watch.new() == [(action, subject, True) for action, subject in lines], address


@pytest.mark.rule("ACC-5")
def test_each_refusal_on_a_page_leaves_its_line(world: World, browser_as: BrowserAs) -> None:
    """Who asked, for what, about whom; once, whichever way it was asked."""
    ids, centre = world.ids, world.centre
    bob, lead, other = browser_as(centre.bob), browser_as(centre.lead), browser_as(centre.other_coach)
    watch = Watch(world.stores)
    call, sample, report = ids["call.live"], ids["sample.fresh"], ids["report.finished"]
    for browser, method, address, action, subject in (
        (bob, "GET", f"/calls/{call}", "recording:read", f"recording:{call}"),
        (bob, "POST", f"/calls/{call}/listen", "recording:play", f"recording:{call}"),
        (bob, "POST", f"/calls/{call}/threat", "threat:report", f"recording:{call}"),
        (bob, "GET", f"/reports/{report}", "report:read", f"report:{report}"),
        (bob, "GET", f"/samples/{sample}", "sample:read", "route:scoring.sample"),
        (lead, "GET", f"/calls/{call}", "recording:read", "route:recordings.my_call"),
        (lead, "GET", f"/reports/{report}", "report:read", "route:coaching.report"),
        (lead, "GET", "/status", "status:read", "route:status.show"),
        (other, "GET", f"/samples/{sample}", "sample:read", f"sample:{sample}"),
        (other, "POST", f"/samples/{sample}/listen", "sample:play", f"sample:{sample}"),
        (other, "POST", f"/samples/{sample}/not-representative", "sample:reject", f"sample:{sample}"),
        (other, "GET", f"/reports/{report}", "report:read", f"report:{report}"),
    ):
        answer = browser.get(address) if method == "GET" else browser.post(address, {"reason": "private"})
        assert answer.status_code == 404
        assert watch.new() == [(action, subject, False)], address
        said = body(all_lines(world.stores)[-1])
        assert said["rule"]
        assert said["function"]
        assert said["about"] == (None if subject.startswith("route:") else centre.anna)


@pytest.mark.rule("ACC-5")
@pytest.mark.usefixtures("centre")
def test_a_recorder_leaves_a_line_for_each_call(client: Client, stores: Stores) -> None:
    """Taken in, refused by a rule, or not to be understood; of a private call not even that (PUR-4)."""
    with stores.database.write() as session:
        token = tokens.create(session, system("test"), "exchange")
    watch = Watch(stores)
    start = (clock.now() - timedelta(hours=1)).isoformat()
    for line, described, status, written in (
        ("main", True, 201, 1),
        ("silent", True, 422, 1),
        ("private", True, 422, 0),
        ("main", False, 422, 1),
    ):
        told = json.dumps({**DESCRIBED, "line": line, "start": start}) if described else "{"
        answer = client.flask.put(
            f"/api/v1/recordings/{line}-{status}",
            data=wav(21.0),
            headers={"Authorization": f"Bearer {token}", "Kcc-Call": told},
        )
        assert answer.status_code == status, answer.text
        new = watch.new()
        assert [(action, allowed) for action, _, allowed in new] == [("recording:intake", True)] * written
    assert all(body(one)["actor"].startswith("recorder:") for one in all_lines(stores)[-3:])


@pytest.mark.rule("ACC-5", "SEC-1")
def test_signing_in_and_out_leaves_a_line_each(client: Client, centre: Centre, stores: Stores) -> None:
    """And so does an attempt that fails, for a known number and for an unknown one."""
    with stores.database.write() as session:
        signin.set_password(session, system("test"), centre.anna, PASSWORD, min_length=15)
    watch = Watch(stores)
    for number, password, allowed in (
        ("anna", "wrong", False),
        ("nobody", PASSWORD, False),
        ("anna", PASSWORD, True),
    ):
        client.post("/signin", {"number": number, "password": password})
        assert [(action, was) for action, _, was in watch.new()] == [("signin:start", allowed)], number
    client.post("/signout", {})
    assert [(action, was) for action, _, was in watch.new()] == [("account:manage", True)]
    assert PASSWORD not in repr([line.body for line in all_lines(stores)])


Verb = Callable[[World], object]


def _as(verb: Callable[..., object], who: str, *things: str) -> Verb:
    """A verb that takes (session, actor, ids …)."""

    def run(world: World) -> object:
        actor = world.centre.actor(getattr(world.centre, who), _session_of(world, who))
        with world.stores.database.write() as session:
            return verb(session, actor, *(world.ids.get(thing, thing) for thing in things))

    return run


def _session_of(world: World, who: str) -> str | None:
    with world.stores.database.read() as session:
        limits = world.stores.settings.signin
        open_ones = sessions.open_sessions(session, getattr(world.centre, who), limits)
    return open_ones[0].id if open_ones else None


def _keyed(verb: Callable[..., object], who: str, *things: object) -> Verb:
    """A verb that takes (session, keys, actor, ids …)."""

    def run(world: World) -> object:
        actor = world.centre.actor(getattr(world.centre, who))
        named = [world.ids.get(thing, thing) if isinstance(thing, str) else thing for thing in things]
        with world.stores.database.write() as session:
            return verb(session, world.stores.keys, actor, *named)

    return run


def _report(world: World) -> object:
    anna = world.centre.actor(world.centre.anna)
    with world.stores.database.write() as session:
        return incidents.report(world.stores, session, anna, world.ids["call.live"], "verbal", "Hij schold.")


def _reject(world: World) -> object:
    coach = world.centre.actor(world.centre.coach)
    return replacing.reject(world.stores, coach, world.ids["sample.begun"], "private")


def _announce(world: World) -> object:
    world.now.move(timedelta(days=25))
    try:
        with world.stores.database.write() as session:
            return planning.propose(session, system("announce"), clock.today(), world.stores.settings)
    finally:
        world.now.move(timedelta(days=-25))


def _token(world: World) -> object:
    with world.stores.database.write() as session:
        return tokens.create(session, system("cli"), "exchange")


def _sign_in(world: World) -> object:
    with world.stores.database.write() as session:
        return sessions.begin(session, world.centre.anna)


def _set_password(world: World) -> object:
    with world.stores.database.write() as session:
        signin.set_password(session, system("cli"), world.centre.anna, PASSWORD, min_length=15)
    return None


# That none of them happens without its line is tested in test_no_line_no_act.
VERBS: dict[str, Verb] = {
    "read an own call": _as(listening.read_own, "anna", "call.live"),
    "open an own call": lambda world: _open_own(world),
    "report a threat": _report,
    "read a sheet": _keyed(sheets.read, "coach", "sample.draft"),
    "begin a report": _keyed(assessment.open_report, "coach", "sample.fresh"),
    "save a report": _keyed(assessment.save, "coach", "report.draft", 1, {"answer-4": "no"}),
    "finish a report": _keyed(assessment.finish, "coach", "report.complete", 1),
    "read a report": _keyed(reports.read, "anna", "report.finished"),
    "find a call not representative": _reject,
    "announce": _announce,
    "erase": lambda world: erasure.erase_due(world.stores, system("erase")),
    "refill": lambda world: drawing.refill_all(world.stores),
    "take a call in": lambda world: world.centre.call(seconds=21),
    "seal a call off": lambda world: world.centre.call(seconds=21, line="direct"),
    "refuse a call": lambda world: world.centre.call(seconds=21, line="silent"),
    "make a token": _token,
    "sign in": _sign_in,
    "set a password": _set_password,
}


def _open_own(world: World) -> object:
    anna = world.centre.actor(world.centre.anna, _session_of(world, "anna"))
    with world.stores.database.write() as session:
        return listening.open_own(session, anna, world.ids["call.live"], 10)


@pytest.mark.rule("ACC-5")
def test_a_refusal_that_cannot_be_written_down_is_still_a_refusal(
    world: World, browser_as: BrowserAs
) -> None:
    """And a page that cannot be logged is not shown."""
    anna, bob = browser_as(world.centre.anna), browser_as(world.centre.bob)
    with refused_by_the_database(world.stores):
        for browser in (anna, bob):
            answer = browser.get(f"/calls/{world.ids['call.live']}")
            assert answer.status_code in (500, 503)
            assert "no line" not in answer.text
            assert "Hoofdlijn" not in answer.text
    assert anna.get(f"/calls/{world.ids['call.live']}").status_code == 200


@pytest.mark.rule("ACC-5")
def test_no_line_tells_what_was_said_or_written(world: World, browser_as: BrowserAs) -> None:
    """No number, no account of a threat, no answer, remark, finding or point; every line verifies."""
    anna, coach = browser_as(world.centre.anna), browser_as(world.centre.coach)
    said = {
        "account": "Geheim verhaal over de beller",
        "remark-3": "Geheime opmerking",
        "finding-well": "Geheime bevinding",
        "point-1": "Geheim verbeterpunt",
    }
    call, sample = world.ids["call.to-report"], world.ids["sample.fresh"]
    assert anna.post(f"/calls/{call}/threat", {"kind": "stalking", **said}).status_code == 303
    answer = coach.post(f"/samples/{sample}", {"revision": "0", "answer-3": "no", **said})
    assert answer.status_code == 303
    world.now.move(timedelta(days=29))
    erasure.erase_due(world.stores, system("erase"))
    bodies = [line.body or "" for line in all_lines(world.stores)]
    assert len(bodies) > 60
    for word in ("eheim", "31201234567", "schold", "Vraag door", "answer-3"):
        assert not [text for text in bodies if word in text], word
    keys = {key for line in all_lines(world.stores) for key in body(line)}
    assert keys == {
        "v",
        "at",
        "actor",
        "name",
        "function",
        "action",
        "purpose",
        "subject",
        "about",
        "allowed",
        "rule",
        "detail",
    }


@pytest.mark.rule("ACC-5")
def test_employees_see_who_listened_when_and_what_for(world: World, browser_as: BrowserAs) -> None:
    """The coach's listening and their own, with name and purpose; a refused attempt is no listening."""
    coach, anna = browser_as(world.centre.coach), browser_as(world.centre.anna)
    other = browser_as(world.centre.other_coach)
    sample, call = world.ids["sample.fresh"], world.ids["call.of-fresh"]
    assert coach.post(f"/samples/{sample}/listen", {}).status_code == 303
    assert other.post(f"/samples/{sample}/listen", {}).status_code == 404
    assert anna.post(f"/calls/{call}/listen", {}).status_code == 303
    anna.flask.set_cookie("language", "en")
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", anna.get(f"/calls/{call}").text))
    assert "Coach Jansen" in page
    assert "monitoring call quality" in page
    assert "hearing your own call" in page
    assert "Other Coach Jansen" not in page
