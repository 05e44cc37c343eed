"""The watched drop folder: nothing is taken that is still being written, nothing twice, nothing is lost."""

import fcntl
import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from kcc import clock
from kcc.clock import Frozen
from kcc.errors import Unavailable
from kcc.recordings.decoding import proof
from kcc.recordings.drop import rounds
from kcc.recordings.drop.rounds import Watcher
from kcc.sections import Drop
from kcc.stores import Stores
from kcc.timekeeping import guard
from tests.coded import MADE
from tests.recordings import traces
from tests.recordings.drop.conftest import Dropped
from tests.recordings.inbox import SOUND, describe, put
from tests.sounds import wav
from tests.timekeeping.wayward import Wayward

pytestmark = pytest.mark.usefixtures("centre")


def test_calls_are_taken_at_the_second_look_from_folders_below(dropped: Dropped, stores: Stores) -> None:
    put(dropped.folder, "a.wav")
    put(dropped.folder, "2026/11/a.wav", wav(2.0), call_id="other")
    put(dropped.folder, "c.wav", wav(3.0), agent_id="nobody")
    put(dropped.folder, "d.wav", wav(4.0), scope="internal")
    assert (dropped.look().taken, traces.amounts(stores)) == (0, (0, 0, 0))
    found = dropped.look()
    assert (found.taken, found.waiting, found.kept, found.faults) == (4, 0, 0, [])
    assert (dropped.left(), dropped.claimed()) == (set(), 0)
    assert traces.amounts(stores) == (4, 3, 3)
    assert (dropped.folder / "2026" / "11").is_dir()


@pytest.mark.rule("PUR-4")
def test_a_private_call_goes_without_a_trace(dropped: Dropped, stores: Stores) -> None:
    put(dropped.folder, "marker-file.wav", line="private", remote_number="+31600000009")
    broken = put(dropped.folder, "broken.wav", wav(2.0), line="private", agent_id=None)
    assert b'"private"' in broken.with_suffix(".json").read_bytes()
    found = dropped.look(2)
    assert (found.kept, dropped.left(), dropped.claimed()) == (0, set(), 0)
    assert traces.refusals(stores)[("private", "private_line")] == 1
    assert traces.refusals(stores)[("?", "private_line")] == 1
    assert not traces.holds_text(stores, "marker-file", "+31600000009")


def test_a_file_that_grows_is_left_alone_also_when_its_writer_pauses(
    stores: Stores, now: Frozen, tmp_path: Path
) -> None:
    dropped = Dropped(stores, now, tmp_path / "drop", stable_seconds=150)
    path = put(dropped.folder, "a.wav", SOUND[:1000])
    for end in (2000, 4000, len(SOUND)):
        dropped.look(2)  # two minutes without a byte
        path.write_bytes(SOUND[:end])
    assert (dropped.look(2).taken, dropped.left()) == (0, {"a.wav", "a.json"})
    assert dropped.look(2).taken == 1
    assert traces.amounts(stores) == (1, 1, 1)


def test_with_decoding_off_coded_calls_wait_and_others_are_taken(
    dropped: Dropped, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that lasts: it is our own trouble, and refused/ is emptied within days."""
    for number in range(rounds.TROUBLES + 1):
        put(dropped.folder, f"{number}.mp3", MADE["mp3"][0](1.0))
    put(dropped.folder, "plain.wav")
    off = proof.Proof(on=False, reason="tried")
    with monkeypatch.context() as patched:
        patched.setitem(proof._known, stores.settings.decoding, off)
        found = dropped.look(2)
        assert (found.taken, found.refused, found.faults) == (1, 0, ["decoding_off"])
        assert dropped.look(30, minutes=61).refused == 0
    assert dropped.look(2, minutes=61).faults == []
    assert (traces.amounts(stores)[0], dropped.left()) == (rounds.TROUBLES + 2, set())


def test_an_unfinished_wav_waits_and_is_taken_once_it_is_whole(dropped: Dropped, stores: Stores) -> None:
    path = put(dropped.folder, "a.wav", SOUND[:4000])
    with path.open("ab") as writer:
        found = dropped.look(2)
        assert (found.refused, found.put_off, found.faults, dropped.claimed()) == (0, 1, [], 1)
        writer.write(SOUND[4000:])
        writer.flush()
    assert dropped.look(3).waiting == 0
    assert traces.amounts(stores) == (1, 1, 1)
    assert (dropped.left(), dropped.claimed()) == (set(), 0)


@pytest.mark.parametrize("name", ["b.wav.part", "b.wav.tmp", "b.json~", ".b.wav.Xy12", "b.filepart"])
def test_unfinished_and_hidden_names_are_not_touched(dropped: Dropped, stores: Stores, name: str) -> None:
    (dropped.folder / name).write_bytes(SOUND)
    dropped.look(90)
    assert (dropped.left(), traces.refusals(stores)) == ({name}, {})


def test_an_abandoned_unfinished_file_does_not_lie_there_for_ever(dropped: Dropped) -> None:
    (dropped.folder / "b.wav.part").write_bytes(SOUND)
    dropped.look(2)
    dropped.now.move(timedelta(hours=24))
    assert (dropped.look().refused, dropped.left()) == (1, {"refused/b.wav.part"})


@pytest.mark.parametrize("sound_first", [True, False])
def test_sound_and_sidecar_come_in_any_order(dropped: Dropped, stores: Stores, *, sound_first: bool) -> None:
    values = [("a.wav", SOUND), ("a.json", json.dumps(describe("a")).encode())]
    first, second = values if sound_first else values[::-1]
    (dropped.folder / first[0]).write_bytes(first[1])
    assert dropped.look(30).taken == 0
    (dropped.folder / second[0]).write_bytes(second[1])
    assert (dropped.look().taken, dropped.look().taken) == (0, 1)
    assert traces.refusals(stores) == {}


@pytest.mark.parametrize(
    ("name", "code"), [("a.wav", "metadata_missing"), ("a.json", "sound_missing"), ("a.txt", "file_other")]
)
def test_what_never_becomes_whole_is_refused_after_a_time(dropped: Dropped, name: str, code: str) -> None:
    content = json.dumps(describe("a")).encode() if name == "a.json" else SOUND
    (dropped.folder / name).write_bytes(content)
    assert dropped.look(60).refused == 0
    assert dropped.look(2).kept == 1
    assert dropped.left() == {f"refused/{name}"}
    assert json.loads((dropped.folder / "refused" / "a.reason.json").read_text())["code"] == code


def test_a_mark_tells_that_a_call_is_whole(stores: Stores, now: Frozen, tmp_path: Path) -> None:
    dropped = Dropped(stores, now, tmp_path / "drop", done_mark=".done")
    put(dropped.folder, "a.wav")
    put(dropped.folder, "b.wav", wav(2.0))
    assert dropped.look(5).taken == 0
    (dropped.folder / "a.done").touch()
    (dropped.folder / "b.wav.done").touch()
    dropped.look(2)
    assert (dropped.left(), traces.amounts(stores)) == (set(), (2, 2, 2))


def test_the_folder_says_whose_calls_they_are(stores: Stores, now: Frozen, tmp_path: Path) -> None:
    dropped = Dropped(stores, now, tmp_path / "drop", recorder="front-desk")
    put(dropped.folder, "a.wav", recorder=None)
    put(dropped.folder, "b.wav", wav(2.0), recorder="somebody-else")
    dropped.look(2)
    assert [row.recorder for row in traces.recordings(stores)] == ["front-desk"]
    assert dropped.left() == {"refused/b.wav", "refused/b.json"}


MASTER = (
    '"","+31201234567","100","from-trunk","","PJSIP/trunk-1","PJSIP/agent-anna-2","Queue","",'
    '"2026-11-03 08:00:00","2026-11-03 08:00:00","2026-11-03 08:00:01",1,1,"ANSWERED","DOCUMENTATION",'
    '"{id}",""\n'
)


def test_call_records_stay_and_are_read_for_sounds_that_were_claimed(
    stores: Stores, now: Frozen, tmp_path: Path
) -> None:
    settings = stores.settings.cdr.model_copy(
        update={
            "lines": {"from-trunk": "main"},
            "agent_pattern": r"PJSIP/(agent-\w+)-.*",
        }
    )
    stores.settings.__dict__["cdr"] = settings
    dropped = Dropped(stores, now, tmp_path / "drop", recorder="asterisk-2")
    sub = dropped.folder / "monitor"
    sub.mkdir()
    (sub / "1.wav").write_bytes(SOUND)
    (sub / "2.wav").write_bytes(wav(1.0, hertz=500))
    (sub / "Master.csv").write_text(MASTER.format(id="1"))
    dropped.look(2)
    assert dropped.claimed() == 1  # the exchange writes a call's record once it is over
    with (sub / "Master.csv").open("a") as file:
        file.write(MASTER.format(id="2"))
    dropped.look(4)
    assert {(row.recorder, row.call_id) for row in traces.recordings(stores)} == {
        ("asterisk-2", "1"),
        ("asterisk-2", "2"),
    }
    assert dropped.left() == {"monitor/Master.csv"}


def test_links_pipes_and_files_with_two_names_are_never_read(
    dropped: Dropped, stores: Stores, tmp_path: Path
) -> None:
    elsewhere = put(tmp_path / "elsewhere", "secret.wav")
    (dropped.folder / "link.wav").symlink_to(elsewhere)
    put(dropped.folder, "half.wav", wav(2.0)).unlink()
    os.link(elsewhere, dropped.folder / "half.wav")
    os.mkfifo(dropped.folder / "pipe.wav")
    (dropped.folder / "linked").symlink_to(elsewhere.parent)
    dropped.look(62)
    assert traces.amounts(stores) == (0, 0, 0)
    codes = {
        json.loads(path.read_text())["code"] for path in (dropped.folder / "refused").glob("*.reason.json")
    }
    assert codes == {"file_irregular", "file_linked"}
    assert dropped.left() == {
        "refused/link.wav",
        "refused/half.wav",
        "refused/half.json",
        "refused/pipe.wav",
    }
    assert elsewhere.read_bytes() == SOUND
    assert (dropped.folder / "linked").is_symlink()


def test_names_of_odd_bytes_and_ten_thousand_of_them(dropped: Dropped, stores: Stores) -> None:
    odd = os.fsencode(dropped.folder) + b"/\xff\xfe b\n.wav"
    with open(odd, "wb") as file:  # noqa: PTH123 - a name of bytes
        file.write(SOUND)
    with open(odd[:-4] + b".json", "wb") as file:  # noqa: PTH123
        file.write(json.dumps(describe("odd")).encode())
    for number in range(10_000):
        (dropped.folder / f"{number}.part").touch()
    dropped.look(2)
    assert traces.recording(stores).call_id == "odd"


def test_a_store_that_is_away_loses_and_refuses_nothing(dropped: Dropped, stores: Stores) -> None:
    for number in range(12):
        put(dropped.folder, f"{number}.wav", wav(1.0 + number / 10))
    blobs = stores.settings.blobs.folder
    blobs.rename(blobs.with_name("unmounted"))
    found = dropped.look(2)
    assert (found.refused, found.waiting, found.faults) == (0, 12, ["unavailable"])
    assert 4 <= dropped.claimed() < 12  # the others stay where they are
    dropped.look(3)
    blobs.with_name("unmounted").rename(blobs)
    found = dropped.look(30)
    assert (found.waiting, found.faults) == (0, [])
    assert traces.amounts(stores) == (12, 12, 12)
    assert traces.refusals(stores) == {}


def test_a_folder_that_is_away_is_told_and_not_taken_for_empty(dropped: Dropped, stores: Stores) -> None:
    put(dropped.folder, "a.wav")
    dropped.folder.rename(dropped.folder.with_name("unmounted"))
    assert dropped.look().faults == ["drop_away"]
    dropped.folder.mkdir()  # the bare mount point
    assert dropped.look().faults == ["drop_away"]
    dropped.folder.rmdir()
    dropped.folder.with_name("unmounted").rename(dropped.folder)
    dropped.look(2)
    assert traces.amounts(stores) == (1, 1, 1)
    with pytest.raises(Unavailable):
        rounds.prepare(Drop(folder=dropped.folder / "nowhere"))


def test_two_that_look_at_once_do_not_both_take(dropped: Dropped, stores: Stores) -> None:
    put(dropped.folder, "a.wav")
    dropped.look()
    with (dropped.folder / ".kcc" / "lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert dropped.look().faults == ["drop_busy"]
    assert (dropped.look().taken, traces.amounts(stores)) == (1, (1, 1, 1))


def test_a_file_that_is_replaced_in_the_last_moment_is_given_back(
    dropped: Dropped, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(dropped.folder, "a.wav")
    dropped.look()
    real = rounds.claims.take

    def replaced(*arguments: object) -> object:
        monkeypatch.undo()
        path.write_bytes(wav(2.0))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rounds.claims, "take", replaced)
    assert (dropped.look().taken, dropped.left(), dropped.claimed()) == (0, {"a.wav", "a.json"}, 0)
    dropped.look(2)
    assert traces.recording(stores).duration_ms == 2000


def test_a_watcher_that_comes_anew_looks_twice(dropped: Dropped) -> None:
    put(dropped.folder, "a.wav")
    for _ in range(3):
        dropped.watcher = Watcher()
        assert dropped.look().taken == 0


def test_the_files_own_time_does_not_matter(dropped: Dropped, stores: Stores) -> None:
    for number, at in enumerate((0, 4_000_000_000)):
        path = put(dropped.folder, f"{number}.wav", wav(1.0 + number))
        os.utime(path, (at, at))
    dropped.look(2)
    assert traces.amounts(stores) == (2, 2, 2)


@pytest.mark.rule("RET-1")
def test_a_call_past_its_term_is_not_kept(dropped: Dropped, stores: Stores) -> None:
    put(dropped.folder, "old.wav", start="2026-01-01T00:00:00+01:00")
    found = dropped.look(2)
    assert (found.kept, dropped.left(), dropped.claimed()) == (0, set(), 0)
    assert traces.refusals(stores) == {("main", "past_term"): 1}


def test_a_clock_that_jumped_destroys_no_call_as_past_its_term(
    dropped: Dropped, stores: Stores, now: Frozen
) -> None:
    put(dropped.folder, "a.wav")
    dropped.look()
    wayward = Wayward(now.at)
    with clock.by(wayward):
        guard.trusted(stores)
        wayward.jump(timedelta(days=40))
        found = dropped.look()
        assert (found.refused, found.put_off, dropped.claimed()) == (0, 1, 1)
        wayward.jump(timedelta(days=-40))
        wayward.live(timedelta(minutes=1))
        assert dropped.watcher.look(dropped.stores).taken == 1
    assert traces.amounts(stores) == (1, 1, 1)


def test_a_folder_without_right_to_read_is_told(dropped: Dropped) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    (dropped.folder / "closed").mkdir(mode=0)
    assert dropped.look().faults == ["folder_unreadable"]


def test_a_drop_folder_without_room_keeps_everything_where_it_is(
    stores: Stores, now: Frozen, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small], check=False).returncode
    ):
        pytest.skip("no file system can be mounted here")
    try:
        dropped = Dropped(stores, now, small)
        put(small, "a.wav")
        subprocess.run(["dd", "if=/dev/zero", f"of={small / '.fill'}"], check=False, capture_output=True)
        found = dropped.look(2)
        assert found.faults == ["drop_no_space_left_on_device"]
        assert {"a.wav", "a.json"} <= {*dropped.left()} | {
            path.name for path in (small / ".kcc").rglob("*.*")
        }
        (small / ".fill").unlink()
        dropped.look(4)
        assert traces.amounts(stores) == (1, 1, 1)
    finally:
        subprocess.run(["umount", "--lazy", small], check=True)
