"""A transferred call becomes a recording for each employee, with a key and a deadline of its own."""

from datetime import timedelta

import pytest

from kcc import clock
from kcc.access.actor import system
from kcc.recordings import segments, transfers
from kcc.recordings.intake import Answer, Desk, Receipt
from kcc.recordings.sources.described import Described, Spell, divide
from kcc.recordings.unknown_sound import UnknownSound
from kcc.stores import Stores
from kcc.vault.sealing import SealedReader
from tests.centre import Centre
from tests.coded import MADE, encoded
from tests.recordings import traces
from tests.sounds import wav

pytestmark = pytest.mark.usefixtures("centre")
SOUND = wav(40.0)


def described(*, line: str = "main", second: str = "agent-bob") -> Described:
    """Anna for twenty seconds, five of music, then somebody else."""
    start = clock.now() - timedelta(hours=1)
    moved = [start + timedelta(seconds=seconds) for seconds in (20, 25)]
    spells = [Spell("agent-anna", start, moved[0]), Spell(second, moved[1])]
    values = {"call_id": "t", "direction": "incoming", "scope": "external", "line": line}
    return divide("exchange", values, start, spells, others=1)


def take_in(stores: Stores, call: Described, content: bytes = SOUND) -> list[Receipt]:
    return transfers.take_in(Desk(stores), system("test"), call, lambda: [content])


@pytest.mark.rule("RET-1", "RGT-1")
def test_each_employee_gets_the_part_they_spoke(stores: Stores, centre: Centre) -> None:
    receipts = take_in(stores, described())
    assert [one.answer for one in receipts] == [Answer.STORED, Answer.STORED]
    first, second = traces.recordings(stores)
    assert [(one.employee_id, one.duration_ms) for one in (first, second)] == [
        (centre.anna, 20_000),
        (centre.bob, 15_000),
    ]
    assert second.due_at - first.due_at == second.started_at - first.started_at == timedelta(seconds=25)
    assert len(set(traces.keys(stores))) == 2
    again = take_in(stores, described())
    assert [one.answer for one in again] == [Answer.KNOWN, Answer.KNOWN]
    assert [one.receipt for one in again] == [one.receipt for one in receipts]


def test_the_samples_of_a_part_are_those_of_the_call(stores: Stores) -> None:
    take_in(stores, described())
    row = traces.recordings(stores)[1]
    blob = stores.blobs.open(row.id)
    reader = SealedReader(stores.keys.get(row.id), row.id.encode(), blob.read_at, blob.size)
    kept = reader.read(row.data_offset or 0, row.data_bytes or 0)
    blob.close()
    whole = segments.measure([SOUND])
    assert kept == SOUND[whole.data_offset + 25 * 8000 : whole.data_offset + 40 * 8000]


def test_who_cannot_be_placed_waits_in_quarantine_alone(stores: Stores, centre: Centre) -> None:
    receipts = take_in(stores, described(second="agent-nobody"))
    assert [one.code for one in receipts] == ["stored", "agent_unknown"]
    assert transfers.decisive(receipts).answer is Answer.QUARANTINED
    assert [one.employee_id for one in traces.recordings(stores)] == [centre.anna, None]


def test_an_unplaced_part_is_nobodys_even_if_its_agent_is_known(stores: Stores) -> None:
    start = clock.now() - timedelta(hours=1)
    later = start + timedelta(seconds=5)
    values = {"call_id": "t", "direction": "incoming", "scope": "external", "line": "main"}
    call = divide(
        "exchange", values, start, [Spell("agent-anna", start), Spell("agent-bob", later)], others=1
    )
    assert [one.code for one in take_in(stores, call)] == ["transfer_unclear", "stored"]
    first, _ = traces.recordings(stores)
    assert (first.employee_id, first.reason) == (None, "transfer_unclear")
    assert first.due_at <= clock.now() + timedelta(days=7)


@pytest.mark.rule("PUR-4")
@pytest.mark.parametrize("content", [SOUND, b"no sound"], ids=["wav", "text"])
def test_a_private_call_is_destroyed_however_many_spoke(stores: Stores, content: bytes) -> None:
    assert transfers.decisive(take_in(stores, described(line="private"), content)).destroy_source
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.rule("PUR-3")
def test_the_parts_of_a_direct_call_are_registered_without_sound(stores: Stores) -> None:
    assert [one.code for one in take_in(stores, described(line="direct"))] == ["direct_line"] * 2
    assert traces.amounts(stores) == (2, 0, 0)


def test_what_is_not_whole_is_taken_in_by_no_part(stores: Stores) -> None:
    with pytest.raises(UnknownSound):
        take_in(stores, described(), SOUND[:-10])
    assert traces.amounts(stores) == (0, 0, 0)


def test_who_came_after_the_sound_had_ended_has_no_part(stores: Stores) -> None:
    assert [one.code for one in take_in(stores, described(), wav(20.0))] == ["stored"]


FORMS = {name: make for name, (make, *_) in MADE.items()} | {
    "pcm8": lambda s: encoded("wav", "pcm_u8", 8000, s, 2),
    "pcm24": lambda s: encoded("wav", "pcm_s24le", 16000, s),
    "float": lambda s: encoded("wav", "pcm_f32le", 48000, s),
}


@pytest.mark.rule("RET-1", "RGT-1")
@pytest.mark.parametrize(
    "name", ["pcm8", "pcm24", "float", "wav-gsm", "wav-ima", "opus", "m4a", "mp3-stereo"]
)
def test_a_transferred_call_of_any_form_is_each_ones_own(stores: Stores, centre: Centre, name: str) -> None:
    content = FORMS[name](40.0)
    call = described()
    crumbs = [content[at : at + 7001] for at in range(0, len(content), 7001)]
    receipts = transfers.take_in(Desk(stores), system("test"), call, lambda: crumbs)
    assert [one.answer for one in receipts] == [Answer.STORED, Answer.STORED]
    first, second = traces.recordings(stores)
    assert (first.employee_id, second.employee_id) == (centre.anna, centre.bob)
    assert first.duration_ms == 20_000
    assert abs(second.duration_ms - 15_000) < 400
    again = take_in(stores, call, content)
    assert [one.receipt for one in again] == [one.receipt for one in receipts]


def test_a_transferred_call_that_was_cut_off_is_taken_in_by_no_part(stores: Stores) -> None:
    with pytest.raises(UnknownSound) as refused:
        take_in(stores, described(), MADE["opus"][0](40.0)[:-3000])
    assert refused.value.code == "sound_truncated"
    assert traces.recordings(stores) == []
