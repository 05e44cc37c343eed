"""What becomes of calls whose line is changed by the administrator: over HTTP and from a folder, by kind and
by the moment at which a call was made and came.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.engine import make_url

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.coaching import queries as coaching
from kcc.people import tokens
from kcc.recordings import marks, rules
from kcc.recordings.model import Line, Recording
from kcc.recordings.register import words
from kcc.recordings.register.changing import LineValues
from kcc.recordings.rules import LineKind
from kcc.sections import Sampling
from kcc.stores import Stores
from tests.centre import BEGAN, Centre
from tests.conftest import Client
from tests.recordings import traces
from tests.recordings.inbox import SOUND, left, put, run
from tests.recordings.test_api import header
from tests.sounds import wav

As = Callable[[str], Client]
HOUR = timedelta(hours=1)
NEVER_MADE = ("direct", "internal")


@pytest.fixture
def register(stores: Stores, centre: Centre, browser_as: As) -> Callable[..., None]:
    """Changes a line as the administrator does, saying that the warnings were read."""

    def changed(code: str, kind: str, since: date | None = BEGAN) -> None:
        browser = browser_as(centre.administrator)
        with stores.database.read() as session:
            line = session.get(Line, code)
        day = since.isoformat() if since else ""
        sent = {"name": "Lijn", "kind": kind, "welcome_text_since": day, "reason": "Besluit."}
        sent |= {"understood": f"{kind} {day}"}
        if line is None:
            answer = browser.post("/lines/new", sent | {"code": code})
        else:
            answer = browser.post(f"/line/{code}/change", sent | {"revision": str(line.revision)})
        assert answer.status_code == 303, answer.text

    return changed


@contextmanager
def keys_made(stores: Stores) -> Iterator[Callable[[], int]]:
    """How many keys were ever made in the block, also those destroyed since: the key store itself counts."""
    file = make_url(stores.settings.keystore.url).database
    with closing(sqlite3.connect(str(file), isolation_level=None)) as connection:
        connection.execute("CREATE TABLE made (id)")
        connection.execute(
            "CREATE TRIGGER made AFTER INSERT ON vault_key BEGIN INSERT INTO made VALUES (1); END"
        )
        yield lambda: int(connection.execute("SELECT count(*) FROM made").fetchone()[0])


@pytest.mark.rule("PUR-3")
@pytest.mark.parametrize("kind", NEVER_MADE)
def test_a_sealed_lines_call_has_no_key_ever_and_no_sound_anywhere(
    app: Flask,
    stores: Stores,
    centre: Centre,
    register: Callable[..., None],
    browser_as: As,
    kind: str,
    tmp_path: Path,
) -> None:
    """Not one that was made and destroyed: none is ever asked for; the recorder is told to let go of it."""
    register("desk", kind, None)
    with stores.database.write() as session:
        token = tokens.create(session, system("test"), "exchange")
    sent = {"Authorization": f"Bearer {token}", "Kcc-Call": header(line="desk")}
    marks.key(stores.keys)  # the one of all tombstones, made at the first call whatever becomes of it
    with keys_made(stores) as made:
        path = f"/api/v1/recordings/{quote('call-1')}"
        answer = app.test_client().put(path, data=SOUND, content_length=len(SOUND), headers=sent)
        put(tmp_path / "inbox", "call-2.wav", wav(2.0), line="desk")
        told = run(stores, tmp_path / "inbox")["call-2.wav"]
        assert made() == 0
        centre.call(call_id="ordinary")
        assert made() == 2, "the watch sees the keys of a call and of its day"
    code = "internal_call" if kind == "internal" else "direct_line"
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["remove_source"]) == (
        201,
        code,
        True,
    )
    assert (told.code, told.removed, left(tmp_path / "inbox")) == (code, True, set())
    assert traces.amounts(stores) == (3, 1, 1), "the key and the blob are the ordinary call's"
    sealed = [row for row in traces.recordings(stores) if row.line == "desk"]
    assert {(row.state, row.reason, row.remote_number) for row in sealed} == {("sealed", code, None)}
    for person in (centre.anna, centre.coach, centre.lead, centre.administrator):
        for row in sealed:
            listen = browser_as(person).post(f"/calls/{row.id}/listen")
            assert listen.status_code == 404


@pytest.mark.rule("PUR-4", "PUR-3", "PUR-5")
def test_a_changed_kind_brings_nothing_back(
    stores: Stores, centre: Centre, register: Callable[..., None], now: Frozen
) -> None:
    """Calls that began while the line was another are answered as then, however late they come."""
    begun, expected = {}, {}
    for kind, code in (
        ("private", "private_line"),
        ("excluded", "line_excluded"),
        ("direct", "direct_line"),
        ("internal", "internal_call"),
    ):
        register("moody", kind)
        now.move(HOUR)
        begun[kind], expected[kind] = clock.now(), code
        now.move(HOUR)
    register("moody", "recorded")
    now.move(HOUR)
    # Each call lived under all kinds that came after its own: the strictest decides.
    assert centre.call(line="moody", start=begun["private"]).code == "private_line"
    assert centre.call(line="moody", start=begun["excluded"]).code == "line_excluded"
    assert centre.call(line="moody", start=begun["direct"]).code == "direct_line"
    assert centre.call(line="moody", start=begun["internal"]).code == "internal_call"
    assert traces.amounts(stores) == (2, 0, 0)
    assert centre.call(line="moody", start=clock.now()).code == "stored"


@pytest.mark.rule("PUR-3", "PUR-5")
def test_what_was_refused_once_is_refused_again(
    centre: Centre, register: Callable[..., None], now: Frozen
) -> None:
    """Also when the line was of a refusing kind for a minute only, after the call."""
    start = clock.now()
    register("main", "excluded")
    assert centre.call(call_id="x", start=start).code == "line_excluded"
    now.move(timedelta(minutes=1))
    register("main", "recorded")
    now.move(HOUR)
    assert centre.call(call_id="x", start=start).code == "line_excluded"
    assert centre.call(call_id="y", start=clock.now() - HOUR).code == "stored", (
        "it began as the change was made"
    )


@pytest.mark.rule("PUR-4")
def test_a_line_turned_private_destroys_what_arrives_and_leaves_what_is_kept(
    stores: Stores, centre: Centre, register: Callable[..., None], browser_as: As, tmp_path: Path
) -> None:
    """The recording of before stays its employee's own until its date; a backlog goes, at the source too."""
    centre.call(call_id="kept", content=SOUND)
    register("main", "private", None)
    put(tmp_path / "inbox", "late.wav", wav(3.0), line="main")
    put(tmp_path / "inbox", "kept.wav", SOUND, line="main")
    answers = run(stores, tmp_path / "inbox")
    assert {name: (one.code, one.removed) for name, one in answers.items()} == {
        "late.wav": ("private_line", True),
        "kept.wav": ("private_line", True),
    }
    assert left(tmp_path / "inbox") == set()
    row = traces.recording(stores)
    assert (row.call_id, row.state) == ("kept", "live")
    assert browser_as(centre.anna).post(f"/calls/{row.id}/listen").status_code == 303


@pytest.mark.rule("PUR-5")
@pytest.mark.parametrize(("kind", "since"), [("excluded", BEGAN), ("recorded", None)])
def test_a_recorder_that_missed_our_answer_gets_it_after_the_change_too(
    stores: Stores, centre: Centre, register: Callable[..., None], kind: str, since: date | None
) -> None:
    """The call is kept: its file need not stay with the recorder because its line was changed since."""
    first = centre.call(call_id="x", content=SOUND)
    register("main", kind, since)
    again = centre.call(call_id="x", content=SOUND)
    assert (again.code, again.receipt, again.done) == ("known", first.receipt, True)
    assert centre.call(call_id="x", content=wav(9.0)).code == "other_bytes"
    assert traces.amounts(stores) == (1, 1, 1)


@pytest.mark.rule("PUR-5")
def test_the_latest_word_on_the_welcome_text_counts_for_every_call_that_arrives(
    centre: Centre, register: Callable[..., None], now: Frozen
) -> None:
    """It is a fact about the past: corrected, it lets in what was refused, or refuses what was let in."""
    day = clock.local_day(clock.now())
    assert centre.call(line="silent", call_id="x").code == "no_welcome_text"
    register("silent", "recorded", day)
    now.move(HOUR)
    assert centre.call(line="silent", call_id="x").code == "stored"
    register("silent", "recorded", day + timedelta(days=1))
    now.move(HOUR)
    assert centre.call(line="silent", call_id="y").code == "no_welcome_text"


@pytest.mark.rule("PUR-5")
def test_a_line_added_today_counts_for_calls_of_before(centre: Centre, register: Callable[..., None]) -> None:
    """Registering says what a line is; nobody decided otherwise before."""
    assert centre.call(line="newcomer", call_id="x").code == "line_unknown"
    register("newcomer", "recorded")
    assert centre.call(line="newcomer", call_id="x").code == "stored"


@pytest.mark.rule("SAM-4")
def test_a_call_made_with_network_relations_is_never_drawn_whatever_its_line_becomes(
    stores: Stores, centre: Centre, register: Callable[..., None], now: Frozen
) -> None:
    """Nor one whose line became one of network relations after it; only calls made since can be."""
    centre.call(line="network", call_id="then", seconds=30)
    centre.call(line="main", call_id="main", seconds=30)
    now.move(HOUR)
    register("network", "recorded")
    register("main", "network")
    register("main", "recorded")
    now.move(2 * HOUR)
    centre.call(line="network", call_id="since", seconds=30, start=clock.now() - HOUR)
    with stores.database.read() as session:
        drawn = list(coaching.eligible(session, centre.anna, clock.now(), Sampling()))
        names = set(session.scalars(select(Recording.call_id).where(Recording.id.in_(drawn))))
    assert names == {"since"}


def test_a_start_that_no_calendar_reaches_is_answered_after_a_change(
    centre: Centre, register: Callable[..., None]
) -> None:
    register("main", "private")
    register("main", "recorded")
    """Of the first day the line was private at some later moment; of the last, it is recorded by then."""
    assert centre.call(start=datetime.min.replace(tzinfo=UTC)).code == "private_line"
    assert centre.call(start=datetime.max.replace(tzinfo=UTC)).code == "start_in_future"


def test_the_warnings_order_kinds_as_the_rules_do() -> None:
    """A kind is warned about as stricter exactly when its verdict is."""
    day = date(2026, 11, 3)
    fates = {
        kind: list(rules.Fate).index(rules.judge_line(kind, day, day, "external").fate) for kind in LineKind
    }
    for before, after in permutations(LineKind, 2):
        told = words.consequences(LineValues("x", before, day), LineValues("x", after, day))
        assert any("From now on every call" in one for one in told) == (fates[after] > fates[before])
        assert any("counts for calls that begin after it" in one for one in told) == (
            fates[after] < fates[before]
        )
        assert any("kept already stay" in one for one in told) == (
            before in words.STORING and after not in words.STORING
        )
