"""kcc.recordings.extent: what went out is counted once, kept seldom, and told by the audit at the end."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.app import create_app
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.people import sessions
from kcc.recordings import erasure, extent, listening
from kcc.recordings.extent import PIECES, Extent, Played
from kcc.recordings.model import PlaybackLease, Recording
from kcc.recordings.playback import KEEP_EVERY_SECONDS, Player
from kcc.scheduler.timetable import timetable
from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client

SECONDS = 60.0


@pytest.fixture
def lease(centre: Centre) -> PlaybackLease:
    """Anna has opened a call of a minute."""
    centre.call(seconds=SECONDS)
    return open_again(centre)


def open_again(centre: Centre) -> PlaybackLease:
    with centre.stores.database.write() as session:
        sessions.begin(session, centre.anna)
        mine = sessions.open_sessions(session, centre.anna, centre.stores.settings.signin)[0]
        recording = session.scalars(select(Recording.id).where(Recording.employee_id == centre.anna)).one()
        return listening.open_own(session, centre.actor(centre.anna, mine.id), recording, 60)


def player(stores: Stores) -> Player:
    """As a worker has it; each has one of its own."""
    found = create_app(stores).extensions["kcc.player"]
    assert isinstance(found, Player)
    return found


def listen(player: Player, lease: PlaybackLease, start: float, stop: float, *, later: bool = False) -> None:
    """Fetch from a share of the sound to another; the player asks about the lease at once, or `later`."""
    sound = player.sounding(lease.id, lease.session_id)
    size = sound.rendition.size
    sound.play(int(start * size), int(stop * size) - int(start * size))
    sound.kept -= KEEP_EVERY_SECONDS if later else 0
    player.keep_up(sound)


def said(stores: Stores, lease: PlaybackLease) -> Played | None:
    """What a page would say of it."""
    with stores.database.read() as session:
        return extent.played(session, {lease.id: lease.subject}).get(lease.id)


def sums(stores: Stores) -> list[AuditLine]:
    """The audit's lines about how much was played."""
    with stores.database.read() as session:
        return list(session.scalars(select(AuditLine).where(AuditLine.action == Action.SOUND_FETCH)))


def test_parts_count_once_whatever_the_ranges() -> None:
    """Twice the same, overlapping, out of order, none, one byte at the very end, sounds without a byte."""
    for ranges, count in (
        ([], 0),
        ([(0, 0)], 0),
        ([(0, 1)], 1),
        ([(99_999, 1)], 1),
        ([(99_999, 500)], 1),
        ([(0, 100_000)], PIECES),
        ([(0, 50_000), (0, 50_000)], PIECES // 2),
        ([(50_000, 50_000), (40_000, 20_000)], PIECES * 6 // 10),
        ([(at, 100) for at in range(0, 100_000, 200)], PIECES // 2),
    ):
        found = Extent(100_000)
        for start, length in ranges:
            found.note(start, length)
        assert bytes(found._got).count(b"1") == count, ranges
        assert found.news == (count > 0)
    Extent(0).note(0, 0)
    small = Extent(10)
    small.note(3, 1)
    assert bytes(small._got).count(b"1") == PIECES // 10


@pytest.mark.parametrize(
    ("ms", "of_ms", "percent"),
    [(0, 60_000, 0), (1, 60_000, 1), (30_000, 60_000, 50), (60_000, 60_000, 100), (5, 0, 0)],
)
def test_percents(ms: int, of_ms: int, percent: int) -> None:
    assert Played(ms, of_ms).percent == percent


@pytest.mark.rule("ACC-5")
def test_two_workers_add_up_and_ranges_write_nothing(lease: PlaybackLease, stores: Stores) -> None:
    """What each fetched counts, the same part once; a range in between keeps nothing."""
    one, other = player(stores), player(stores)
    listen(one, lease, 0, 0.25)
    assert said(stores, lease) == Played(0, 60_000)  # a moment after the start: nothing is written yet
    listen(one, lease, 0.25, 0.5, later=True)
    listen(other, lease, 0.4, 0.6, later=True)
    found = said(stores, lease)
    assert found
    assert 35_900 <= found.ms <= 36_200
    for worker in (one, other):
        worker.settle()
    assert said(stores, lease) == found


@pytest.mark.rule("ACC-5")
def test_the_audit_tells_it_once_the_lease_is_over(lease: PlaybackLease, stores: Stores, now: Frozen) -> None:
    """Not before, once, about the employee; also of a lease under which nothing was fetched."""
    worker = player(stores)
    listen(worker, lease, 0, 1)
    (job,) = [job for job in timetable(stores.settings.scheduler) if job.name == "heard"]
    assert job.work(stores) == "0 summed up, 0 joint sessions"
    worker.close(lease.id, lease.session_id)
    now.move(extent.KEPT_AFTER - timedelta(seconds=1))
    assert job.work(stores) == "0 summed up, 0 joint sessions"
    now.move(timedelta(seconds=1))
    assert [job.work(stores) for _ in range(2)] == [
        f"{count} summed up, 0 joint sessions" for count in (1, 0)
    ]
    (line,) = sums(stores)
    detail = json.loads(line.body or "")["detail"]
    assert (detail["lease"], detail["heard_ms"], detail["of_ms"]) == (lease.id, 60_000, 60_000)
    assert (line.about_id, line.actor_id, line.allowed) == (lease.person_id, lease.person_id, True)
    assert said(stores, lease) == Played(60_000, 60_000)


@pytest.mark.rule("ACC-5", "RET-8")
def test_it_outlives_the_call(lease: PlaybackLease, stores: Stores, now: Frozen) -> None:
    """Erasing sums up first, whatever is still open; of what came later nothing is kept or fails."""
    worker = player(stores)
    listen(worker, lease, 0, 0.5, later=True)
    now.move(timedelta(days=29))
    erasure.erase_due(stores, system("erase"))
    with stores.database.read() as session:
        assert session.get(PlaybackLease, lease.id) is None
    found = said(stores, lease)
    assert found
    assert found.percent == 50
    worker.settle()
    assert len(sums(stores)) == 1


@pytest.mark.rule("ACC-5")
def test_a_call_s_page_says_how_much(lease: PlaybackLease, stores: Stores, client: Client) -> None:
    """Through the routes that browsers use, in both languages; of leases from before nothing is known."""
    client.sign_in(lease.person_id)
    where = f"/calls/{lease.recording_id}"
    address = client.post(f"{where}/listen", {}, headers={"Accept": "application/json"}).headers["Location"]
    told = client.get(address).json
    assert told
    half = told["bytes"] // 2
    client.get(told["sound_url"], headers={"Range": f"bytes=0-{half}"}, buffered=True)
    client.get(told["sound_url"], headers={"Range": "bytes=0-65535"}, buffered=True)  # the short way
    client.post(told["close_url"], {})
    page = client.get(where).text
    assert "0:30 van 1:00" in page
    assert "(50%)" in page
    assert "niets" in page
    with stores.database.write() as session:
        session.execute(update(PlaybackLease).values(summed_at=lease.opened_at))
    client.flask.set_cookie("language", "en")
    assert "not known" in client.get(where).text
