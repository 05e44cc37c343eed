"""Taking calls in: every answer and code, what is kept for each, and what a refused call leaves behind."""

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from kcc import clock, config, sections
from kcc.access import actor as actors
from kcc.access.actor import Actor, Function, Post
from kcc.access.facts import RecordingState
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import AccessDenied, Unavailable
from kcc.people.model import AgentId
from kcc.recordings import erasure, intake, queries
from kcc.recordings.intake import Answer
from kcc.recordings.model import Line
from kcc.recordings.sources.metadata import CallMetadata
from kcc.recordings.unknown_sound import UnknownSound
from kcc.stores import Stores
from kcc.vault.fields import open_text
from kcc.vault.keystore import KeyGone
from kcc.vault.sealing import SealedReader
from tests.centre import Centre
from tests.recordings import traces
from tests.sounds import wav

NUMBER = "+31207654321"
HOUR = timedelta(hours=1)


def opened(stores: Stores, recording_id: str) -> bytes:
    """The file as recorded, unsealed again."""
    with stores.blobs.open(recording_id) as blob:
        reader = SealedReader(stores.keys.get(recording_id), recording_id.encode(), blob.read_at, blob.size)
        return reader.read(0, reader.size)


@pytest.mark.parametrize("encoding", ["pcm16", "alaw", "ulaw"])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_call_is_stored_sealed_and_comes_back_byte_for_byte(
    centre: Centre, stores: Stores, encoding: str, channels: int
) -> None:
    content = wav(2.0, encoding, channels)
    receipt = centre.call(content=content, remote_number=NUMBER)
    row = traces.recording(stores)
    assert (receipt.answer, receipt.code, receipt.receipt) == (Answer.STORED, "stored", row.receipt)
    assert (row.state, row.employee_id, row.duration_ms) == ("live", centre.anna, 2000)
    assert (row.encoding, row.channels, row.rate, row.size) == (encoding, channels, 8000, len(content))
    assert opened(stores, row.id) == content
    sealed = row.remote_number
    assert sealed is not None
    place = f"recording.remote_number:{row.id}"
    assert open_text(stores.keys.get(row.id), place, sealed) == NUMBER
    assert receipt.done


@pytest.mark.rule("SEC-1")
def test_nothing_of_the_sound_or_the_number_lies_there_in_the_clear(centre: Centre, stores: Stores) -> None:
    content = b"RIFF" + wav(5.0)[4:]
    centre.call(content=content, remote_number=NUMBER)
    (blob,) = traces.files(stores)
    assert content[100:140] not in blob.read_bytes()
    assert not traces.holds_text(stores, NUMBER)


def test_the_same_call_again_gets_the_same_receipt(centre: Centre, stores: Stores) -> None:
    content = wav(1.0)
    first = centre.call(call_id="x/1", content=content)
    again = centre.call(call_id="x/1", content=content)
    assert (again.answer, again.receipt) == (Answer.KNOWN, first.receipt)
    assert traces.amounts(stores) == (1, 1, 1)


def test_the_same_id_with_other_bytes_is_refused_and_counted(centre: Centre, stores: Stores) -> None:
    content = wav(1.0)
    centre.call(call_id="x", content=content)
    other = centre.call(call_id="x", content=wav(1.0, hertz=700.0))
    assert (other.answer, other.code, other.done) == (Answer.REFUSED, "other_bytes", False)
    assert opened(stores, traces.recording(stores).id) == content
    assert traces.refusals(stores) == {("main", "other_bytes"): 1}


@pytest.mark.usefixtures("centre")
def test_one_id_of_two_recorders_is_two_calls(stores: Stores) -> None:
    call = CallMetadata.of(
        {"call_id": "x", "start": clock.now() - HOUR, "agent_id": "agent-anna", "line": "main"}
        | {"direction": "incoming", "scope": "external"}
    )
    for recorder in ("one", "two"):
        receipt = intake.take_in(stores, actors.system("test"), recorder, call, [wav(1.0)])
        assert receipt.answer is Answer.STORED
    assert traces.amounts(stores) == (2, 2, 2)


def test_a_call_whose_stored_sound_is_lost_is_not_confirmed_again(centre: Centre, stores: Stores) -> None:
    content = wav(1.0)
    centre.call(call_id="x", content=content)
    stores.blobs.delete([traces.recording(stores).id])
    with pytest.raises(Unavailable) as told:
        centre.call(call_id="x", content=content)
    assert told.value.code == "sound_missing"


@pytest.mark.rule("RET-8")
def test_a_call_that_was_erased_does_not_come_back(centre: Centre, stores: Stores, now: Frozen) -> None:
    content, start = wav(1.0), clock.now() - HOUR
    centre.call(call_id="x", content=content, start=start, agent_id="nobody")
    now.move(timedelta(days=7))
    assert erasure.erase_due(stores, actors.system("erase")).erased == 1
    again = centre.call(call_id="x", content=content, start=start, agent_id="nobody")
    assert (again.answer, again.code, again.rule) == (Answer.REFUSED, "erased", "RET-8")
    assert traces.amounts(stores) == (0, 0, 0)


# PUR-3, PUR-4, PUR-5: what a line says of its calls


@pytest.mark.rule("PUR-3")
@pytest.mark.parametrize(
    ("described", "code"),
    [
        ({"scope": "internal"}, "internal_call"),
        ({"line": "direct"}, "direct_line"),
        ({"line": "direct", "agent_id": "nobody"}, "direct_line"),
    ],
)
def test_calls_off_the_recorded_exchange_are_registered_and_no_key_is_ever_made(
    centre: Centre, stores: Stores, described: dict[str, str], code: str
) -> None:
    content = wav(3.0)
    receipt = centre.call(content=content, remote_number=NUMBER, **described)
    row = traces.recording(stores)
    assert (receipt.answer, receipt.code, row.state, row.reason) == (Answer.STORED, code, "sealed", code)
    assert traces.amounts(stores) == (1, 0, 0)
    assert (row.remote_number, row.encoding, row.duration_ms) == (None, None, 3000)
    with stores.database.read() as session:
        assert queries.facts(session, row.id, clock.now()).state is RecordingState.SEALED
    with pytest.raises(KeyGone):
        stores.keys.get(row.id)
    again = centre.call(call_id=row.call_id, content=content, **described)
    assert (again.answer, again.receipt) == (Answer.KNOWN, receipt.receipt)


@pytest.mark.rule("PUR-4")
@pytest.mark.parametrize("content", [wav(1.0), b"<html>no sound</html>", b""], ids=["wav", "html", "empty"])
@pytest.mark.parametrize(
    "start", [-HOUR, timedelta(days=-400), timedelta(days=400)], ids=["now", "old", "future"]
)
def test_of_a_private_call_only_a_count_remains(
    centre: Centre, stores: Stores, content: bytes, start: timedelta
) -> None:
    receipt = centre.call(
        content=content,
        start=clock.now() + start,
        line="private",
        agent_id="marker-agent",
        call_id="marker-call",
        remote_number=NUMBER,
    )
    assert (receipt.answer, receipt.code, receipt.rule) == (Answer.REFUSED, "private_line", "PUR-4")
    assert (receipt.destroy_source, receipt.done) == (True, True)
    assert traces.amounts(stores) == (0, 0, 0)
    assert traces.refusals(stores) == {("private", "private_line"): 1}
    assert not traces.holds_text(stores, "marker-agent", "marker-call", NUMBER)
    with stores.database.read() as session:
        assert session.query(AuditLine).filter(AuditLine.action == "recording:intake").count() == 0


@pytest.mark.usefixtures("centre")
def test_the_sound_of_a_private_call_is_not_even_read(stores: Stores) -> None:
    def never() -> Iterator[bytes]:
        pytest.fail("the sound was read")
        yield b""

    call = CallMetadata.of(
        {"call_id": "x", "start": clock.now(), "agent_id": "agent-anna", "line": "private"}
        | {"direction": "incoming", "scope": "external"}
    )
    assert intake.take_in(stores, actors.system("test"), "exchange", call, never()).destroy_source


@pytest.mark.rule("PUR-5")
def test_a_line_records_from_the_day_its_welcome_text_says_so(centre: Centre, stores: Stores) -> None:
    told = date(2026, 10, 20)
    with stores.database.write() as session:
        session.add(Line(code="new", name="Nieuw", kind="recorded", welcome_text_since=told))
    begins = clock.start_of_day(told)
    before = centre.call(start=begins - timedelta(seconds=1), line="new")
    since = centre.call(start=begins, line="new")
    never = centre.call(line="silent")
    assert [one.code for one in (before, since, never)] == ["no_welcome_text", "stored", "no_welcome_text"]
    assert {before.rule, never.rule} == {"PUR-5"}
    assert traces.amounts(stores) == (1, 1, 1)


@pytest.mark.parametrize(
    ("line", "code", "rule", "counted"),
    [("excluded", "line_excluded", "PUR-3", "excluded"), ("unheard-of", "line_unknown", "PUR-5", "?")],
)
def test_other_lines_refuse_and_the_file_stays_with_its_recorder(
    centre: Centre, stores: Stores, line: str, code: str, rule: str, counted: str
) -> None:
    receipt = centre.call(line=line)
    assert (receipt.answer, receipt.code, receipt.rule, receipt.done) == (Answer.REFUSED, code, rule, False)
    assert traces.refusals(stores) == {(counted, code): 1}
    assert traces.amounts(stores) == (0, 0, 0)


def test_calls_with_network_relations_are_stored(centre: Centre) -> None:
    assert centre.call(line="network").code == "stored"


# Whose call it is


@pytest.mark.rule("RET-1")
@pytest.mark.parametrize("agent", ["nobody", "agent-coach", "agent-shared"])
def test_a_call_that_cannot_be_placed_waits_seven_days_for_nobody(
    centre: Centre, stores: Stores, now: Frozen, agent: str
) -> None:
    with stores.database.write() as session:
        for person, code in ((centre.anna, "shared"), (centre.bob, "shared"), (centre.coach, "coach")):
            session.add(AgentId(person_id=person, agent_id=f"agent-{code}", begins=date(2024, 1, 1)))
    receipt = centre.call(agent_id=agent)
    row = traces.recording(stores)
    reason = "agent_ambiguous" if agent == "agent-shared" else "agent_unknown"
    assert (receipt.answer, receipt.code, receipt.done) == (Answer.QUARANTINED, reason, True)
    assert (row.state, row.reason, row.employee_id) == ("quarantined", reason, None)
    assert row.due_at == clock.now() + timedelta(days=7)
    with stores.database.read() as session:
        assert queries.quarantine_by_reason(session) == {reason: 1}
    now.move(timedelta(days=7))
    erasure.erase_due(stores, actors.system("erase"))
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.rule("RET-1")
def test_quarantine_never_outlasts_the_ordinary_term(centre: Centre, stores: Stores) -> None:
    start = clock.now() - timedelta(days=27)
    centre.call(start=start, agent_id="nobody")
    assert traces.recording(stores).due_at == start + timedelta(days=28)


@pytest.mark.rule("RET-1")
def test_stricter_limits_of_the_installation_count(centre: Centre, stores: Stores) -> None:
    limits = sections.Limits(recording_days=10, quarantine_days=2)
    strict = Stores(
        stores.settings.model_copy(update={"limits": limits}), stores.database, stores.keys, stores.blobs
    )
    centre.stores = strict
    assert centre.call(start=clock.now() - timedelta(days=10)).code == "past_term"
    centre.call()
    centre.call(agent_id="nobody", start=clock.now())
    live, waiting = traces.recordings(stores)
    assert live.due_at == live.started_at + timedelta(days=10)
    assert waiting.due_at == clock.now() + timedelta(days=2)


# Times


@pytest.mark.parametrize(
    ("away", "code"),
    [
        (timedelta(0), "stored"),
        (timedelta(minutes=5), "stored"),
        (timedelta(minutes=5, seconds=1), "start_in_future"),
        (-timedelta(days=28) + timedelta(seconds=1), "stored"),
        (-timedelta(days=28), "past_term"),
    ],
)
@pytest.mark.rule("RET-1")
def test_only_a_call_within_its_term_comes_in(
    centre: Centre, stores: Stores, away: timedelta, code: str
) -> None:
    assert centre.call(start=clock.now() + away).code == code
    assert traces.amounts(stores)[0] == (code == "stored")


@pytest.mark.parametrize("line", ["main", "private", "unheard-of", "direct"])
@pytest.mark.parametrize(
    "start",
    [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)],
)
def test_the_ends_of_the_calendar_are_answered(
    centre: Centre, stores: Stores, start: datetime, line: str
) -> None:
    receipt = centre.call(start=start, line=line)
    late = "past_term" if start.year == 1 else "start_in_future"
    assert receipt.code == ("private_line" if line == "private" else late)
    assert traces.amounts(stores) == (0, 0, 0)


# Bad sound


BAD = {
    "sound_unknown": b"<!doctype html><title>Log in</title>",
    "sound_truncated": wav(2.0)[:-100],
    "sound_empty": wav(0.0),
    "sound_unsupported": wav(1.0).replace(b"fmt \x10\x00\x00\x00\x06\x00", b"fmt \x10\x00\x00\x00\x50\x00"),
    "sound_malformed": wav(1.0).replace(b"fmt ", b"fmx "),
}


@pytest.mark.parametrize("line", ["main", "direct"])
@pytest.mark.parametrize("code", BAD)
def test_what_is_no_sound_leaves_a_count_alone(centre: Centre, stores: Stores, code: str, line: str) -> None:
    with pytest.raises(UnknownSound) as told:
        centre.call(content=BAD[code], line=line)
    assert told.value.code == code
    assert traces.amounts(stores) == (0, 0, 0)
    assert traces.refusals(stores) == {(line, code): 1}


@pytest.mark.usefixtures("centre")
def test_a_delivery_that_breaks_off_leaves_nothing(stores: Stores) -> None:
    def broken() -> Iterator[bytes]:
        yield wav(20.0)[:100_000]
        raise ConnectionResetError

    call = CallMetadata.of(
        {"call_id": "x", "start": clock.now(), "agent_id": "agent-anna", "line": "main"}
        | {"direction": "incoming", "scope": "external"}
    )
    with pytest.raises(ConnectionResetError):
        intake.take_in(stores, actors.system("test"), "exchange", call, broken())
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.usefixtures("centre")
def test_metadata_that_cannot_be_used_is_counted_under_no_line(stores: Stores) -> None:
    intake.note_refusal(stores, actors.system("test"), "metadata_invalid")
    assert traces.refusals(stores) == {("?", "metadata_invalid"): 1}


@pytest.mark.rule("ACC-1", "ACC-6")
@pytest.mark.parametrize("function", [f for f in Function if f not in (Function.SYSTEM, Function.RECORDER)])
def test_only_recorders_and_the_system_deliver(stores: Stores, function: Function) -> None:
    person = Actor("p", "P", frozenset({Post(function)}))
    call = CallMetadata.of(
        {"call_id": "x", "start": clock.now(), "agent_id": "a", "line": "main"}
        | {"direction": "incoming", "scope": "external"}
    )
    with pytest.raises(AccessDenied):
        intake.take_in(stores, person, "exchange", call, [wav(1.0)])
    assert traces.amounts(stores) == (0, 0, 0)


# At the same second


def _deliver(settings: config.Settings, at: datetime, content: bytes, gate: object, answers: object) -> None:
    with clock.frozen(at):
        stores = Stores.open(settings)
        call = CallMetadata.of(
            {"call_id": "twin", "start": at - HOUR, "agent_id": "agent-anna", "line": "main"}
            | {"direction": "incoming", "scope": "external"}
        )
        gate.wait()  # type: ignore[attr-defined]
        receipt = intake.take_in(stores, actors.system("test"), "exchange", call, [content])
        answers.put((receipt.answer, receipt.code, receipt.receipt))  # type: ignore[attr-defined]
        stores.close()


@pytest.mark.usefixtures("centre")
@pytest.mark.parametrize("same", [True, False], ids=["same bytes", "other bytes"])
def test_two_processes_with_one_call_at_the_same_second(stores: Stores, same: bool) -> None:
    spawn = multiprocessing.get_context("spawn")
    gate, answers = spawn.Barrier(2), spawn.Queue()
    contents = [wav(30.0), wav(30.0) if same else wav(30.0, hertz=700.0)]
    both = [
        spawn.Process(target=_deliver, args=(stores.settings, clock.now(), content, gate, answers))
        for content in contents
    ]
    for process in both:
        process.start()
    told = sorted(answers.get(timeout=60) for _ in both)
    for process in both:
        process.join()
    row = traces.recording(stores)
    second = (Answer.KNOWN, "known", row.receipt) if same else (Answer.REFUSED, "other_bytes", None)
    assert sorted([(Answer.STORED, "stored", row.receipt), second]) == told
    assert traces.amounts(stores) == (1, 1, 1)
    assert opened(stores, row.id) in contents


def test_what_is_kept_can_be_found_again_by_its_owner_only(centre: Centre, stores: Stores) -> None:
    centre.call("anna")
    with stores.database.read() as session:
        for person, calls in ((centre.anna, 1), (centre.bob, 0), (centre.coach, 0)):
            page = queries.own_calls(session, person, clock.now(), queries.Filter())
            assert len(page.rows) == calls
