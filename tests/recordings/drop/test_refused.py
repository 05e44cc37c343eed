"""Refused calls: kept with a reason beside each, and gone after 7 days or at the call's deadline."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kcc import clock
from kcc.clock import Frozen
from kcc.errors import Unavailable
from kcc.recordings.drop import refused
from kcc.stores import Stores
from kcc.timekeeping import guard
from tests.faults.broken import broken_at
from tests.recordings import traces
from tests.recordings.drop.conftest import Dropped
from tests.recordings.inbox import SOUND, put
from tests.sounds import wav
from tests.timekeeping.wayward import Wayward

pytestmark = pytest.mark.usefixtures("centre")
DAYS = timedelta(days=1)


def reason(folder: Path, name: str) -> dict[str, Any]:
    """What is written beside a refused call."""
    found: dict[str, Any] = json.loads((folder / "refused" / f"{name}.reason.json").read_text())
    return found


def purged_at(dropped: Dropped, name: str) -> datetime:
    """Until when it is kept."""
    return datetime.fromisoformat(reason(dropped.folder, name)["purged_at"])


def test_a_reason_stands_beside_each_in_both_languages(dropped: Dropped) -> None:
    put(dropped.folder, "deep/a.wav", line="silent")
    put(dropped.folder, "b.wav", agent_id=None, direction="sideways")
    found = dropped.look(2)
    assert (found.refused, found.kept, found.waiting) == (2, 2, 0)
    assert dropped.left() == {
        "refused/deep/a.wav",
        "refused/deep/a.json",
        "refused/b.wav",
        "refused/b.json",
    }
    told = reason(dropped.folder, "deep/a")
    assert (told["code"], told["rule"], told["files"]) == ("no_welcome_text", "PUR-5", ["a.json", "a.wav"])
    assert told["en"] == "Refused: the line's welcome text did not yet say that calls are recorded."
    assert told["nl"].startswith("Geweigerd")
    both = reason(dropped.folder, "b")
    assert both["code"] == "metadata_invalid"
    assert "direction:" in both["en"]
    assert "agent_id:" in both["en"]
    assert both["en"] != both["nl"]


@pytest.mark.rule("RET-1")
@pytest.mark.parametrize(("age", "stays"), [(1, 7), (20, 7), (21, 7), (25, 3), (27.9, 0.1)])
def test_seven_days_or_the_calls_deadline(dropped: Dropped, stores: Stores, age: float, stays: float) -> None:
    start = dropped.now.at - age * DAYS
    put(dropped.folder, "a.wav", line="unheard-of", start=start.isoformat())
    dropped.look(2)
    at = dropped.now.at - timedelta(minutes=1)
    until = purged_at(dropped, "a")
    assert until == min(at + 7 * DAYS, start + 28 * DAYS)
    assert abs((until - at) / DAYS - stays) < 0.01
    dropped.now.set(until - timedelta(seconds=1))
    assert refused.purge(stores, dropped.drop).calls == 1
    dropped.now.set(until)
    assert (refused.purge(stores, dropped.drop).purged, dropped.left()) == (2, set())
    assert not (dropped.folder / "refused" / "a.reason.json").exists()


@pytest.mark.parametrize(
    ("content", "days"),
    [
        (b'{"start": "2026-10-08T09:00:00+01:00", "line"', 2),  # broken, and yet it says when
        (b"{", 7),
        (b'{"start": "2026-10-33T09:00:00Z"', 7),
    ],
)
def test_a_start_is_found_in_metadata_that_cannot_be_used(
    dropped: Dropped, content: bytes, days: int
) -> None:
    path = put(dropped.folder, "a.wav")
    path.with_suffix(".json").write_bytes(content)
    dropped.look(2)
    left = purged_at(dropped, "a") - dropped.now.at
    assert round(left / DAYS) == days


def test_two_of_the_same_name_stay_apart(dropped: Dropped, stores: Stores) -> None:
    for number in range(3):
        put(dropped.folder, "a.wav", wav(1.0 + number), line="silent", call_id=f"c{number}")
        dropped.look(2)
    assert dropped.left() == {
        f"refused/a{suffix}.{kind}" for suffix in ("", "-2", "-3") for kind in ("wav", "json")
    }
    assert reason(dropped.folder, "a-3")["files"] == ["a-3.json", "a-3.wav"]
    dropped.now.move(8 * DAYS)
    assert refused.purge(stores, dropped.drop).purged == 6


def test_one_that_is_put_back_is_taken_with_its_old_reason(dropped: Dropped, stores: Stores) -> None:
    put(dropped.folder, "a.wav", agent_id=None)
    dropped.look(2)
    for path in (dropped.folder / "refused").iterdir():
        path.rename(dropped.folder / path.name)
    put(dropped.folder, "a.wav")  # mended
    assert dropped.look(2).taken == 1
    assert [*dropped.folder.rglob("*.wav"), *dropped.folder.rglob("*.reason.json")] == []
    assert traces.amounts(stores) == (1, 1, 1)


def test_strangers_in_the_folder_go_after_a_week(dropped: Dropped, stores: Stores) -> None:
    dropped.now.set(clock.read().at)
    (dropped.folder / "refused" / "deep").mkdir()
    (dropped.folder / "refused" / "deep" / "stranger.wav").write_bytes(SOUND)
    (dropped.folder / "refused" / "bad.reason.json").write_text('{"files": ["../../a.wav"]}')
    put(dropped.folder, "a.wav")
    came = datetime.fromtimestamp(
        (dropped.folder / "refused" / "bad.reason.json").stat().st_ctime
    ).astimezone()
    dropped.now.set(came + 6 * DAYS)
    assert refused.purge(stores, dropped.drop).purged == 0
    dropped.now.set(came + 7 * DAYS + timedelta(minutes=1))
    assert refused.purge(stores, dropped.drop).purged == 2
    assert dropped.left() == {"a.wav", "a.json"}
    assert [*(dropped.folder / "refused").iterdir()] == []


def test_a_clock_in_doubt_purges_nothing(dropped: Dropped, stores: Stores) -> None:
    put(dropped.folder, "a.wav", line="silent")
    dropped.look(2)
    wayward = Wayward(dropped.now.at)
    with clock.by(wayward):
        guard.trusted(stores)
        wayward.jump(40 * DAYS)
        with pytest.raises(Unavailable):
            refused.purge(stores, dropped.drop)
    assert dropped.left() == {"refused/a.wav", "refused/a.json"}


@pytest.mark.rule("RET-8")
def test_what_was_erased_does_not_come_back_as_a_refused_file(dropped: Dropped, now: Frozen) -> None:
    from kcc.access.actor import system
    from kcc.recordings.erasure import erase_due

    start = now.at - timedelta(hours=1)
    put(dropped.folder, "a.wav", agent_id="nobody", start=start.isoformat())
    dropped.look(2)
    now.move(7 * DAYS)  # nobody claimed it
    assert erase_due(dropped.stores, system("erase")).erased == 1
    put(dropped.folder, "a.wav", agent_id="nobody", start=start.isoformat())
    dropped.look(2)
    assert (dropped.left(), dropped.claimed()) == (set(), 0)
    assert [*(dropped.folder / "refused").iterdir()] == []


def test_too_many_refusals_in_a_day_are_told(dropped: Dropped, now: Frozen) -> None:
    for number in range(9):
        put(dropped.folder, f"{number}.wav", wav(1 + number / 10), line="silent")
    assert (dropped.look(2).kept, dropped.look().rising) == (9, 0)
    put(dropped.folder, "9.wav", wav(3.0), line="silent")
    assert dropped.look(2).rising == 10
    now.move(1 * DAYS)
    assert (dropped.look().kept, dropped.look().rising) == (10, 0)


@pytest.mark.rule("RET-1")
def test_a_call_that_came_half_is_not_judged_anew_without_its_metadata(dropped: Dropped) -> None:
    start = dropped.now.at - 27 * DAYS
    put(dropped.folder, "a.wav", line="silent", start=start.isoformat())
    with broken_at("refused.keep", 2):
        dropped.look(2)
    assert dropped.claimed() == 1
    dropped.look(4)
    assert (dropped.claimed(), dropped.left()) == (0, {"refused/a.wav", "refused/a.json"})
    assert purged_at(dropped, "a") == start + 28 * DAYS


def test_one_whose_reason_went_meanwhile_is_judged_again_and_stops_no_other(
    dropped: Dropped, stores: Stores
) -> None:
    put(dropped.folder, "deep/a.wav", line="silent")
    with broken_at("refused.keep"):
        dropped.look(2)
    for path in (dropped.folder / "refused" / "deep").iterdir():
        path.unlink()  # as the purge does a day later, with the folder
    (dropped.folder / "refused" / "deep").rmdir()
    put(dropped.folder, "b.wav")
    found = dropped.look(4)
    assert (found.faults, dropped.claimed()) == ([], 0)
    assert dropped.left() == {"refused/deep/a.wav", "refused/deep/a.json"}
    assert reason(dropped.folder, "deep/a")["code"] == "no_welcome_text"
    assert traces.amounts(stores) == (1, 1, 1)


@pytest.mark.rule("PUR-4")
def test_of_a_private_call_the_sound_goes_first(dropped: Dropped) -> None:
    put(dropped.folder, "a.wav", line="private", direction="sideways")
    with broken_at("claim.remove", after=True):
        dropped.look(2)
    assert not list(dropped.folder.rglob("*.wav"))
    dropped.look(4)
    assert (dropped.claimed(), dropped.left()) == (0, set())
