"""The officer's search: written down before it answers, exact, paged, taken out whole (ACC-5)."""

import base64
import csv
import io
import json
import random
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from kcc import clock
from kcc.access import deeds
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, Post
from kcc.access.policy import Permit, Subject
from kcc.audit import inclusion, record, searching, tree, verify
from kcc.audit.checkpoints import hand_over
from kcc.audit.model import AuditLine
from kcc.audit.notes import Note, contains
from kcc.audit.signing import SigningKey
from kcc.audit.tiles import Tiles
from kcc.clock import Frozen
from kcc.errors import AccessDenied, NotFound, Refused
from kcc.insight import exports, search
from kcc.insight.search import Query
from kcc.people.model import Person
from kcc.scheduler import auditing
from kcc.stores import Stores
from tests.access import world as worlds
from tests.access.world import World
from tests.audit.lines import Watch, all_lines, body, refused_by_the_database
from tests.centre import Centre
from tests.conftest import Client
from tests.recordings.test_views import text

As = Callable[[str], Client]


@pytest.fixture
def world(stores: Stores, centre: Centre, now: Frozen) -> World:
    found = worlds.build(stores, centre, now)
    now.move(timedelta(minutes=1))
    return found


def found(stores: Stores, query: Query) -> list[int]:
    """The ids of the lines that fit, without searching (which would leave lines)."""
    with stores.database.read() as session:
        return [line.id for line in searching.every(session, search.wanted(session, query), None, 5000)]


@pytest.mark.rule("ACC-5")
def test_every_search_finds_exactly_what_fits(world: World) -> None:
    """Every person, role and kind, all together, held against looking at each line."""
    centre, lines = world.centre, all_lines(world.stores)
    for who, role, kind in product(
        (None, centre.anna, centre.coach, centre.lead), search.ROLES, ("", "refused", "other", *deeds.KINDS)
    ):
        expected = [line for line in lines if fits(line, who, role, kind)]
        got = found(world.stores, Query(who, role, kind))
        assert len(got) == len(set(got)), (who, role, kind)
        assert set(got) == {line.id for line in expected}, (who, role, kind)


def fits(line: AuditLine, who: str | None, role: str, kind: str) -> bool:
    about = who in (line.about_id, str(line.subject).removeprefix("person:"))
    person = {"about": about, "by": who == line.actor_id, "either": about or who == line.actor_id}
    actions = {action.value for action in deeds.of_kind(kind)}
    of_kind = not line.allowed if kind == "refused" else line.action in actions
    return of_kind and (who is None or person[role])


@pytest.mark.rule("ACC-5")
def test_a_period_and_a_call(world: World, stores: Stores) -> None:
    """Days as the centre has them; a call with all that was done to its sample and report."""
    begun = min(line.at for line in all_lines(stores))
    assert set(found(stores, Query(since=begun))) == {line.id for line in all_lines(stores)}
    assert found(stores, Query(until=begun)) == []
    last = max(line.at for line in all_lines(stores))
    newest = {line.id for line in all_lines(stores) if line.at == last}
    assert set(found(stores, Query(since=last))) == newest
    call, sample = world.ids["call.of-finished"], world.ids["sample.finished"]
    subjects = {f"recording:{call}", f"sample:{sample}", f"report:{world.ids['report.finished']}"}
    subjects.add(f"opinion:{world.ids['opinion.taken']}")
    expected = {line.id for line in all_lines(stores) if line.subject in subjects}
    assert set(found(stores, Query(call_id=call))) == expected
    assert len(expected) >= 3
    by_coach = {
        line.id for line in all_lines(stores) if line.id in expected and line.actor_id == world.centre.coach
    }
    assert set(found(stores, Query(world.centre.coach, "by", call_id=call))) == by_coach


@pytest.mark.rule("ACC-5")
def test_each_search_is_written_down_before_it_answers(world: World, browser_as: As) -> None:
    """Who searched for whom, in what; and what cannot be written down answers nothing."""
    officer, stores = browser_as(world.centre.officer), world.stores
    watch = Watch(stores)
    answer = officer.post(
        "/audit", {"person": "anna", "role": "about", "kind": "reports", "since": "2026-11-16"}
    )
    assert answer.status_code == 303
    where = answer.headers["Location"]
    assert "person=" + world.centre.anna in where
    assert watch.new() == [], "who is meant was looked up, nothing was searched"
    page = text(officer.get(where).text)
    assert "Anna Jansen (anna), het gaat over deze persoon" in page
    assert "Vulde een formulier over een gesprek in" in page
    assert watch.new() == [("audit:search", "audit:search", True)]
    said = body(all_lines(stores)[-1])
    since = clock.start_of_day(worlds.DRAW_DAY).isoformat()
    assert said["detail"] == {
        "person": world.centre.anna,
        "role": "about",
        "kind": "reports",
        "since": since,
        "page": "first",
    }
    assert said["about"] is None
    actor = world.centre.actor(world.centre.officer)
    with refused_by_the_database(stores), pytest.raises(DBAPIError), stores.database.write() as session:
        search.look(session, actor, Query(world.centre.anna))


@pytest.mark.rule("ACC-5")
def test_people_and_calls_are_found_by_what_an_officer_knows(
    world: World, browser_as: As, stores: Stores
) -> None:
    """A number, part of a name whatever its case, our id or the recorder's; several, nobody, none."""
    officer = browser_as(world.centre.officer)
    for person in ("anna", "Anna J", "aNNA jANSEN", f" {world.centre.anna} "):
        answer = officer.post("/audit", {"person": person})
        assert f"person={world.centre.anna}" in answer.headers["Location"], person
    many = officer.post("/audit", {"person": "Jansen", "since": "2026-11-16"})
    assert many.status_code == 422
    assert "Meer mensen hebben dit in hun naam" in many.text
    assert "administrator: Administrator Jansen" in text(many.text)
    assert 'value="2026-11-16"' in many.text
    for person in ("%", "_", "Niemand", "' OR 1=1 --"):
        assert officer.post("/audit", {"person": person}).status_code == 422, person
    call = world.ids["call.live"]
    assert f"call={call}" in officer.post("/audit", {"call": call}).headers["Location"]
    assert officer.post("/audit", {"call": "nothing"}).status_code == 422
    wrong = officer.post("/audit", {"role": "boss", "kind": "x", "since": "nu", "until": "2026-99-01"})
    assert wrong.status_code == 422
    assert wrong.text.count('class="rvo-form-feedback') == 4
    for mangled in ("person=x", "call=../..", "before=x", "role=boss", "since=nu"):
        assert officer.get(f"/audit/found?{mangled}").status_code == 422, mangled
    with stores.database.write() as session:
        session.execute(update(Person).where(Person.id == world.centre.bob).values(name="50%_Bob"))
    assert f"person={world.centre.bob}" in officer.post("/audit", {"person": "0%_b"}).headers["Location"]


def many(stores: Stores, number: int) -> None:
    """Lines of all kinds by one coach, some refused, three a second."""
    coach = Actor("c" * 32, "=HYPERLINK(1)", frozenset({Post(Function.COACH)}))
    rows, actions = [], list(Action)
    for index in range(number):
        permit = Permit(
            coach, None, actions[index % len(actions)], None, Subject("recording", f"{index:032}"), None, ""
        )
        at = clock.now() - timedelta(days=1, seconds=index // 3)
        rows.append(record._row(at, permit, allowed=index % 7 > 0, rule=None, detail={"n": index}))
    with stores.database.write() as session:
        session.execute(insert(AuditLine), rows)


@pytest.mark.rule("ACC-5")
def test_an_export_has_every_line_once_with_the_search_on_top(
    stores: Stores, centre: Centre, browser_as: As
) -> None:
    """More than one piece of it, in both forms; what is written from now on is not in it; no formula."""
    many(stores, 1200)
    officer = browser_as(centre.officer)
    expected = [line for line in all_lines(stores) if line.actor_id == "c" * 32 and not line.allowed]
    sent = {"kind": "refused", "since": clock.local_day(clock.now() - timedelta(days=2)).isoformat()}
    before = Watch(stores)
    got = officer.post("/audit/found", {**sent, "form": "jsonl"})
    assert got.headers["Content-Disposition"] == 'attachment; filename="audit-search-2026-11-03.jsonl"'
    assert before.new() == [("audit:export", "audit:search", True)]
    head, *lines = [json.loads(line) for line in got.text.splitlines()]
    assert (head["kcc-audit-search"], head["by"]) == (1, "Officer Jansen")
    assert head["search"]["kind"] == "refused"
    assert {line["reference"] for line in lines} == {line.commitment.hex() for line in expected}
    assert len(lines) == len(expected)
    assert [line["at"] for line in lines] == sorted((line["at"] for line in lines), reverse=True)
    rows = list(csv.reader(io.StringIO(officer.post("/audit/found", {**sent, "form": "csv"}).text)))
    assert json.loads(rows[0][1])["search"] == head["search"]
    assert rows[1] == [*exports.COLUMNS, "detail", "reference"]
    assert [row[-1] for row in rows[2:]] == [line["reference"] for line in lines]
    assert {row[2] for row in rows[2:]} == {"'=HYPERLINK(1)"}
    everything = officer.post("/audit/found", {"form": "jsonl"}).text.splitlines()
    assert len(everything) >= 1200
    assert officer.post("/audit/found", {"form": "exe"}).status_code == 422


@pytest.mark.rule("ACC-5")
def test_taking_out_is_written_down_or_does_not_happen(
    stores: Stores, centre: Centre, browser_as: As
) -> None:
    """A search, the whole log and one line alike; and each only for the officer."""
    many(stores, 3)
    auditing.checkpoint(stores)
    officer, line = browser_as(centre.officer), all_lines(stores)[0]
    ways = (("/audit/found", {"form": "csv"}), ("/audit/log", {}), ("/audit/proof", {"line": str(line.id)}))
    actor = centre.actor(centre.officer)
    taking: tuple[Callable[[], object], ...] = (
        lambda: exports.begin(stores, actor, Query(), "csv"),
        lambda: auditing.export_pieces(stores, actor),
        lambda: exports.line(stores, actor, line.id),
    )
    with refused_by_the_database(stores):
        for take in taking:
            with pytest.raises(DBAPIError):
                take()
    watch = Watch(stores)
    for where, sent in ways:
        answer = officer.post(where, sent)
        assert answer.status_code == 200, where
        assert "HYPERLINK" in answer.text
        assert [(action, allowed) for action, _, allowed in watch.new()] == [("audit:export", True)], where
    with pytest.raises(AccessDenied):
        exports.begin(stores, centre.actor(centre.administrator), Query(), "csv")


@pytest.mark.rule("ACC-5")
def test_the_whole_log_from_the_page_proves_itself(stores: Stores, centre: Centre, browser_as: As) -> None:
    """The same file as `kcc audit export` writes, its own line in it."""
    many(stores, 40)
    log = browser_as(centre.officer).post("/audit/log", {}).data
    report = verify.check(BytesIO(log), (), SigningKey(stores.settings.audit.key_file).public)
    assert report.findings == []
    assert report.size == len(all_lines(stores))


def proven(stores: Stores, line_id: int) -> dict[str, object]:
    with stores.database.read() as session:
        return inclusion.prove(session, line_id)


@pytest.mark.rule("ACC-5")
def test_one_line_is_proven_without_the_others(
    stores: Stores, centre: Centre, browser_as: As, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command that checks logs; any change of it, of its place or of the way up is found."""
    many(stores, 300)
    key = SigningKey(stores.settings.audit.key_file)
    auditing.checkpoint(stores)
    lines = all_lines(stores)
    officer = browser_as(centre.officer)
    answer = officer.post("/audit/proof", {"line": str(lines[256].id)})
    (tmp_path / "line.json").write_bytes(answer.data)
    assert verify.verify(tmp_path / "line.json", None, base64.b64encode(key.public).decode()) == 0
    assert "unchanged" in capsys.readouterr().out
    told = json.loads(answer.data)
    assert json.loads(told["body"])["name"] == "=HYPERLINK(1)"
    assert verify.check_line(told, (), b"k" * 32).findings
    chance = random.Random(7)
    for number in range(200):
        assert verify.check_line(tampered(told, chance), (), key.public).findings, number
    for nothing in ({}, {**told, "path": None}, {**told, "checkpoint": "x"}, {**told, "position": "x"}):
        assert verify.check_line(nothing).findings


def tampered(told: dict[str, object], chance: random.Random) -> dict[str, object]:
    """The proof with one thing in it changed."""
    name = chance.choice(["body", "salt", "position", "path", "checkpoint"])
    if name == "position":
        return {**told, name: int(str(told[name])) + chance.choice([-1, 1, 2**20])}
    if name == "path":
        path = list(told["path"])  # type: ignore[call-overload]
        at = chance.randrange(len(path))
        cut, other = path[:at] + path[at + 1 :], [*path[:at], chance.randbytes(32).hex(), *path[at + 1 :]]
        return {**told, name: chance.choice([cut, other, [*path, path[0]]])}
    value = str(told[name])
    at = chance.randrange(len(value))
    return {**told, name: value[:at] + chance.choice([c for c in "a0Z" if c != value[at]]) + value[at + 1 :]}


def test_paths_are_right_in_trees_of_every_size(stores: Stores) -> None:
    """Every leaf of trees of up to 70 leaves, and of one that spans tiles; no leaf is at another's place."""
    chance = random.Random(5)
    data = [chance.randbytes(32) for _ in range(600)]
    with stores.database.write() as session:
        Tiles(session).append(0, data)
        tiles = Tiles(session)
        for size in (*range(1, 71), 256, 257, 600):
            note = Note("", "o", size, tiles.root(size), 1, clock.now(), None, None)
            for position in range(size) if size <= 70 else (0, 1, 255, size - 1):
                path = tiles.inclusion(position, size)
                leaf = tree.leaf_hash(data[position])
                assert contains(note, position, leaf, path), (size, position)
                assert not contains(note, position, tree.leaf_hash(b"x"), path)
                assert size == 1 or not contains(note, (position + 1) % size, leaf, path), (size, position)
                assert not contains(note, size, leaf, path)


@pytest.mark.rule("ACC-5")
def test_a_line_is_proven_after_its_key_was_followed_by_another(stores: Stores, now: Frozen) -> None:
    """Whoever knows the first key or the new one; not before it is signed, nor once it is erased."""
    many(stores, 2)
    first, line = SigningKey(stores.settings.audit.key_file), all_lines(stores)[0]
    with pytest.raises(Refused):
        proven(stores, line.id)
    auditing.checkpoint(stores)
    new = hand_over(stores.database, first)
    many(stores, 1)
    now.move(timedelta(hours=2))
    auditing.checkpoint(stores)
    later = proven(stores, max(one.id for one in all_lines(stores)))
    assert verify.check_line(later, (), first.public).findings == []
    assert verify.check_line(later, (), new.public).findings == []
    assert verify.check_line({**later, "keys": []}, (), first.public).findings
    with stores.database.write() as session:
        session.execute(update(AuditLine).where(AuditLine.id == line.id).values(salt=None, body=None))
    with pytest.raises(Refused):
        proven(stores, line.id)
    with pytest.raises(NotFound):
        proven(stores, 10**6)


@pytest.mark.rule("ACC-5")
def test_works_council_and_officer_see_checkpoints(
    stores: Stores, centre: Centre, browser_as: As, now: Frozen
) -> None:
    """In pages, with the file that a place would hold; nothing about anybody."""
    council = browser_as(centre.council)
    assert "Er is nog niets ondertekend" in council.get("/checkpoints").text
    for _ in range(52):
        many(stores, 1)
        auditing.checkpoint(stores)
        now.move(timedelta(minutes=10))
    council = browser_as(centre.council)
    page = council.get("/checkpoints").text
    assert page.count("/checkpoints/") == 50
    assert "Jansen" not in page.replace("Council Jansen", "")
    older = council.get("/checkpoints?before=3").text
    assert older.count("/checkpoints/") == 2
    files = [council.get(f"/checkpoints/{number}").text for number in (1, 2)]
    assert verify.check_held(files, SigningKey(stores.settings.audit.key_file).public).findings == []
    assert council.get("/checkpoints/99").status_code == 404
    assert council.get(f"/checkpoints/{10**30}").status_code == 404
    assert council.get("/checkpoints?before=x").status_code == 422
