"""A caller's calls are found by number, through a digest whose key dies with the day's last recording."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from kcc import clock
from kcc.access.actor import Actor, Function, Post, system
from kcc.audit.model import AuditLine
from kcc.cli import cli
from kcc.clock import Frozen
from kcc.errors import AccessDenied, Invalid
from kcc.recordings import callers, erasure, findings, intake, registration
from kcc.recordings.callers import FoundCall
from kcc.recordings.model import CallerDay, Recording
from kcc.recordings.registration import Entry
from kcc.stores import Stores
from tests.centre import Centre
from tests.recordings import traces

NUMBER, WRITTEN = "+31612345678", "06-12345678"
OFFICER = Actor("fg", "FG", frozenset({Post(Function.DATA_PROTECTION_OFFICER)}))


def find(stores: Stores, number: str = NUMBER, actor: Actor = OFFICER) -> list[FoundCall]:
    with stores.database.write() as session:
        return callers.calls_of_caller(stores, session, actor, number, "AVG-2026-7")


def days(stores: Stores) -> list[CallerDay]:
    with stores.database.read() as session:
        return list(session.scalars(select(CallerDay).order_by(CallerDay.day)))


@pytest.mark.rule("SUB-1")
def test_a_callers_calls_are_found_however_the_number_was_written(centre: Centre, stores: Stores) -> None:
    """Over several days, oldest first, quarantined ones too; nobody else's."""
    for hours, number in ((30, WRITTEN), (60, NUMBER), (1, "sip:0031612345678@pbx"), (2, "0612345679")):
        centre.call(start=clock.now() - timedelta(hours=hours), remote_number=number)
    centre.call(agent="stranger", start=clock.now() - timedelta(hours=90), remote_number=NUMBER)
    found = find(stores, "06 1234 5678")
    assert [round((clock.now() - call.started_at) / timedelta(hours=1)) for call in found] == [90, 60, 30, 1]
    assert [call.state for call in found] == ["quarantined", "live", "live", "live"]
    assert {(call.line, call.direction, call.due_rule) for call in found} == {("main", "incoming", "RET-1")}
    assert found[1].due_at == found[1].started_at + timedelta(days=28)
    assert find(stores, "0699999999") == []


@pytest.mark.parametrize("number", [None, "anonymous", "1234"])
def test_who_withholds_the_number_leaves_no_mark(centre: Centre, stores: Stores, number: str | None) -> None:
    centre.call(remote_number=number)
    row = traces.recording(stores)
    assert (row.caller_day_id, row.caller_digest) == (None, None)
    assert (days(stores), traces.day_keys(stores)) == ([], [])


@pytest.mark.rule("PUR-3")
def test_a_sealed_call_has_no_mark(centre: Centre, stores: Stores) -> None:
    """Its number is not kept at all."""
    centre.call(line="direct", remote_number=NUMBER)
    assert traces.recording(stores).caller_digest is None
    assert find(stores) == []


def test_a_day_is_the_centres_and_has_its_own_key(centre: Centre, stores: Stores, now: Frozen) -> None:
    """Two calls of one evening share a key, the one after midnight has another; digests tell no sameness."""
    midnight = clock.start_of_day(clock.today())
    for minutes in (-20, -10, 10):
        centre.call(start=midnight + timedelta(minutes=minutes), remote_number=NUMBER)
    first, second, third = traces.recordings(stores)
    assert first.caller_day_id == second.caller_day_id != third.caller_day_id
    assert first.caller_digest == second.caller_digest != third.caller_digest
    assert [one.day for one in days(stores)] == [clock.today() - timedelta(days=1), clock.today()]
    assert len(traces.day_keys(stores)) == 2
    assert traces.holds_text(stores, NUMBER, WRITTEN, NUMBER[1:]) == []
    assert now() == clock.now()


@pytest.mark.rule("RET-8")
def test_the_days_key_dies_with_its_last_recording(centre: Centre, stores: Stores, now: Frozen) -> None:
    """Not before, and not with another day's; the row of the day goes with it."""
    start = clock.now() - timedelta(hours=3)
    for hours in (0, 2):
        centre.call(start=start + timedelta(hours=hours), remote_number=NUMBER)
    centre.call(start=start - timedelta(days=1), remote_number=NUMBER)
    kept = traces.recordings(stores)[1:]
    now.set(start + timedelta(days=28, hours=1))
    erasure.erase_due(stores, system("erase"))
    assert [row.id for row in traces.recordings(stores)] == [kept[1].id]
    assert traces.day_keys(stores) == [callers.PREFIX + str(kept[1].caller_day_id)]
    assert [call.recording for call in find(stores)] == [kept[1].id]
    now.move(timedelta(hours=2))
    erasure.erase_due(stores, system("erase"))
    assert (traces.day_keys(stores), days(stores), list(stores.keys.ids(callers.PREFIX))) == ([], [], [])


@pytest.mark.rule("RET-2", "RET-8")
def test_a_hold_keeps_the_days_key_as_long_as_its_recording(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    for _ in range(2):
        centre.call(remote_number=NUMBER)
    held = traces.recordings(stores)[0]
    with stores.database.write() as session:
        session.execute(
            update(Recording).where(Recording.id == held.id).values(due_at=clock.now() + timedelta(days=180))
        )
    now.move(timedelta(days=29))
    erasure.erase_due(stores, system("erase"))
    assert [call.recording for call in find(stores)] == [held.id]
    now.move(timedelta(days=180))
    assert find(stores) == []
    erasure.erase_due(stores, system("erase"))
    assert traces.day_keys(stores) == []


@pytest.mark.rule("RET-7")
def test_what_is_due_is_not_found(centre: Centre, stores: Stores, now: Frozen) -> None:
    """Also when the job is late."""
    centre.call(remote_number=NUMBER)
    now.set(traces.recording(stores).due_at - timedelta(microseconds=1))
    assert len(find(stores)) == 1
    now.move(timedelta(microseconds=1))
    assert find(stores) == []


def test_many_at_once_end_with_one_key_a_day(centre: Centre, stores: Stores) -> None:
    """Each from a desk of its own, as processes have; all are found."""
    start = clock.now() - timedelta(hours=2)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: centre.call(start=start, seconds=1, remote_number=NUMBER), range(16)))
    assert len(find(stores)) == 16
    assert (len(days(stores)), len(traces.day_keys(stores))) == (1, 1)


def test_a_day_forgotten_in_that_moment_is_begun_anew(
    centre: Centre, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure ends the day between a late call's mark and its row."""
    register, ended = registration.register_all, []

    def late(database: object, entries: list[Entry]) -> object:
        if not ended:
            ended.append(callers.forget(stores))
        return register(database, entries)  # type: ignore[arg-type]

    monkeypatch.setattr(registration, "register_all", late)
    assert centre.call(remote_number=NUMBER).answer is intake.Answer.STORED
    assert ended == [1]
    assert len(find(stores)) == 1
    assert (len(days(stores)), len(traces.day_keys(stores))) == (1, 1)


def test_a_day_with_a_recording_cannot_be_forgotten(centre: Centre, stores: Stores) -> None:
    centre.call(remote_number=NUMBER)
    assert callers.forget(stores) == 0
    assert len(find(stores)) == 1


@pytest.mark.rule("RET-8")
def test_orphaned_keys_are_found_and_go_with_the_next_run(centre: Centre, stores: Stores) -> None:
    """A killed erasure destroyed the row and not the key: nothing is restored."""
    stores.keys.create(callers.PREFIX + "0" * 32)
    centre.call(remote_number=NUMBER)
    assert findings.find(stores, []).keys_without_rows == [callers.PREFIX + "0" * 32]
    erasure.erase_due(stores, system("erase"))
    assert findings.find(stores, []).clean
    assert len(find(stores)) == 1


def test_a_lost_key_is_a_finding_and_the_call_is_not_found(centre: Centre, stores: Stores) -> None:
    """What came before stays unfound; what comes after makes a key of its own for that day."""
    centre.call(remote_number=NUMBER)
    (lost,) = traces.day_keys(stores)
    stores.keys.destroy([lost])
    assert findings.find(stores, []).rows_without_keys == [lost]
    assert find(stores) == []
    centre.call(remote_number=NUMBER)
    assert len(find(stores)) == 1


@pytest.mark.rule("RET-8")
def test_rotation_wraps_the_days_keys_anew(centre: Centre, stores: Stores) -> None:
    centre.call(remote_number=NUMBER)
    stores.keys.rotate(clock.now())
    assert len(find(stores)) == 1


@pytest.mark.rule("ACC-5", "SUB-1")
def test_a_search_is_written_down_without_the_number(centre: Centre, stores: Stores) -> None:
    """One line for the search and one for each call, about its employee, with purpose and reference."""
    centre.call(remote_number=NUMBER)
    row = traces.recording(stores)
    find(stores, WRITTEN)
    with stores.database.read() as session:
        lines = list(
            session.scalars(select(AuditLine).where(AuditLine.action == "caller:find").order_by(AuditLine.id))
        )
    assert [(line.subject, line.about_id, line.purpose) for line in lines] == [
        ("caller", None, "caller_request"),
        (f"recording:{row.id}", row.employee_id, "caller_request"),
    ]
    assert all(json.loads(line.body or "")["detail"]["reference"] == "AVG-2026-7" for line in lines)
    assert traces.words_in_cells(stores, NUMBER, WRITTEN, NUMBER[3:]) == []


@pytest.mark.rule("ACC-1", "SUB-1")
def test_only_the_officer_and_the_host_search(centre: Centre, stores: Stores) -> None:
    """For a registered request alone."""
    centre.call(remote_number=NUMBER)
    for function in set(Function) - {Function.DATA_PROTECTION_OFFICER, Function.SYSTEM}:
        with pytest.raises(AccessDenied):
            find(stores, actor=Actor("p", "P", frozenset({Post(function)})))
    assert len(find(stores, actor=system("cli"))) == 1


@pytest.mark.parametrize(
    ("number", "reference", "field"),
    [
        (NUMBER, "", "reference"),
        (NUMBER, "  ", "reference"),
        (NUMBER, "x" * 41, "reference"),
        (NUMBER, "mevrouw De Vries, 06", "reference"),
        ("anonymous", "AVG-1", "number"),
        ("", "AVG-1", "number"),
    ],
)
def test_a_search_needs_a_number_and_a_reference(
    stores: Stores, number: str, reference: str, field: str
) -> None:
    with stores.database.write() as session, pytest.raises(Invalid) as refused:
        callers.calls_of_caller(stores, session, OFFICER, number, reference)
    assert refused.value.field == field


@pytest.mark.rule("SUB-1")
def test_calls_of_before_get_their_mark(centre: Centre, stores: Stores) -> None:
    """From their sealed number, once; one that names nobody stays without."""
    for number in (NUMBER, "anonymous", None):
        centre.call(remote_number=number)
    with stores.database.write() as session:
        session.execute(update(Recording).values(caller_day_id=None, caller_digest=None))
        session.execute(delete(CallerDay))
    assert find(stores) == []
    assert callers.fill(stores, system("cli")) == 1
    assert len(find(stores)) == 1
    assert callers.fill(stores, system("cli")) == 0
    with pytest.raises(AccessDenied):
        callers.fill(stores, OFFICER)


def test_the_search_goes_by_the_index(centre: Centre, stores: Stores) -> None:
    """At 5 million rows a scan would take seconds."""
    if not traces.is_sqlite(stores):
        pytest.skip("SQLite tells its plan without figures; PostgreSQL chooses by the size of the table")
    centre.call(remote_number=NUMBER)
    statement = callers.of_day("a" * 32, b"x" * 32).compile(
        stores.database.engine, compile_kwargs={"literal_binds": False, "render_postcompile": True}
    )
    with stores.database.read() as session:
        plan = (
            session.connection()
            .exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}",
                tuple(statement.params[name] for name in statement.positiontup or ()),
            )
            .all()
        )
    assert any("ix_recording_caller (caller_day_id=? AND caller_digest=?)" in row[3] for row in plan), plan


def test_the_command_asks_for_the_number(centre: Centre, stores: Stores, tmp_path: Path) -> None:
    """On standard input; the answer has no name and no number."""
    centre.call(remote_number=NUMBER)
    settings = stores.settings
    path = tmp_path / "search.toml"
    path.write_text(
        f'[database]\nurl = "{settings.database.url}"\n[keystore]\nurl = "{settings.keystore.url}"\n'
        f'root_file = "{settings.keystore.root_file}"\n[blobs]\nfolder = "{settings.blobs.folder}"\n'
    )
    words = ["--config", str(path), "recordings", "caller", "--reference", "AVG-1"]
    told = CliRunner().invoke(cli, words, input=f"{WRITTEN}\n")
    assert told.exit_code == 0, told.output
    assert "incoming main: live until" in told.output
    assert "Anna" not in told.output
    assert "12345678" not in told.output
    found = CliRunner().invoke(cli, [*words, "--json"], input=f"{WRITTEN}\n")
    assert [one["recording"] for one in json.loads(found.stdout)] == [traces.recording(stores).id]
    nobody = CliRunner().invoke(cli, words, input="")
    assert (nobody.exit_code, "telephone number" in nobody.output) == (1, True)
