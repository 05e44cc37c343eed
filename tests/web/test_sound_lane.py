"""kcc.web.sound_lane: what goes the short way is answered as on the long way, and a "no" never goes it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, update

from kcc import clock
from kcc.access.actions import Action
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.people.model import FunctionPeriod
from kcc.recordings import playback
from kcc.recordings.model import Recording
from kcc.recordings.playback import Player
from kcc.stores import Stores
from kcc.vault.sealing import SealBroken
from kcc.web import sound_lane
from tests.centre import Centre
from tests.conftest import Client
from tests.recordings import traces
from tests.sounds import wav

As = Callable[[str], Client]
SECONDS = 20.0
PLAIN = (
    None,
    "bytes=0-",
    "bytes=0-0",
    "bytes=43-45",
    "bytes=1000-66535",
    "bytes=100-99999999",
    "bytes=320043-",
)
ODD = (
    "bytes=-5",
    "bytes=9-3",
    "bytes=320044-",
    "bytes=0-1,5-6",
    "bites=0-1",
    "bytes=",
    "bytes=a-",
    "bytes= 0-1",
)


class Counting:
    """The long way, counting who takes it."""

    def __init__(self, app: Flask) -> None:
        (lane,) = [app.wsgi_app]
        assert isinstance(lane, sound_lane.SoundLane)
        self.taken, self._way, self._lane = 0, lane._long_way, lane
        lane._long_way = self

    def __call__(self, *request: object) -> object:
        self.taken += 1
        return self._way(*request)  # type: ignore[arg-type]


@pytest.fixture
def address(centre: Centre, browser_as: As, monkeypatch: pytest.MonkeyPatch) -> tuple[Client, str]:
    """Anna's browser, playing: where the sound is. The policy's answer stays fresh unless a test says not."""
    monkeypatch.setattr(playback, "ASK_AGAIN_SECONDS", 3600.0)
    centre.call(content=wav(SECONDS))
    anna, row = browser_as(centre.anna), traces.recording(centre.stores)
    lease = anna.post(f"/calls/{row.id}/listen").location.rpartition("=")[2]
    url = f"/listening/{lease}/sound"
    assert anna.get(url).status_code == 200
    return anna, url


def ranged(browser: Client, url: str, wanted: str | None) -> tuple[int, dict[str, str], bytes]:
    """All that an answer says."""
    answer = browser.get(url, headers={"Range": wanted} if wanted else {})
    return answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.data


@pytest.mark.parametrize("wanted", [*PLAIN, *ODD])
def test_both_ways_say_the_same(app: Flask, address: tuple[Client, str], wanted: str | None) -> None:
    anna, url = address
    long_way = Counting(app)
    short = ranged(anna, url, wanted)
    assert long_way.taken == (0 if wanted in PLAIN else 1)
    long = ranged(anna, f"{url}?", wanted) if wanted in ODD else ranged(anna, f"{url}?long=1", wanted)
    assert short[0] == long[0]
    assert sorted(short[1].items()) == sorted(long[1].items())
    assert short[2] == long[2]
    assert short[0] in (200, 206, 416)


@pytest.mark.parametrize("method", ["head", "post", "put"])
def test_only_a_get_goes_the_short_way(app: Flask, address: tuple[Client, str], method: str) -> None:
    anna, url = address
    long_way = Counting(app)
    getattr(anna.flask, method)(url)
    assert long_way.taken == 1


def test_without_the_secret_or_with_two_nothing_goes_the_short_way(
    app: Flask, address: tuple[Client, str], client: Client
) -> None:
    anna, url = address
    long_way = Counting(app)
    assert client.get(url).status_code == 401
    secret = anna.flask.get_cookie("kcc")
    assert secret
    for cookie in (f'kcc="{secret.value}"', f"kcc={secret.value}; kcc=x", f"kcc={secret.value[:-1]}", "kcc="):
        client.get(url, headers={"Cookie": cookie})
    assert long_way.taken == 5


def test_another_browser_gets_nothing(
    app: Flask, address: tuple[Client, str], centre: Centre, browser_as: As
) -> None:
    """Neither another person's nor another session of the same."""
    _, url = address
    long_way = Counting(app)
    for person in (centre.bob, centre.anna, centre.coach):
        assert browser_as(person).get(url).status_code == 404
    assert long_way.taken == 3


@pytest.mark.rule("RET-7")
def test_at_the_deadline_it_is_over(address: tuple[Client, str], stores: Stores, now: Frozen) -> None:
    anna, url = address
    now.set(traces.recording(stores).due_at)
    assert anna.get(url).status_code == 410


@pytest.mark.rule("RET-7")
def test_the_moment_of_the_deadline_itself(
    app: Flask, address: tuple[Client, str], stores: Stores, now: Frozen
) -> None:
    """The lease stands, the policy's answer is fresh: and still not one range more."""
    anna, url = address
    with stores.database.write() as session:
        session.execute(update(Recording).values(due_at=clock.now() + timedelta(seconds=30)))
    player: Player = app.extensions["kcc.player"]
    (found,) = player._open.values()
    found.due_at = clock.now() + timedelta(seconds=30)
    long_way = Counting(app)
    now.move(timedelta(seconds=29, milliseconds=999))
    assert anna.get(url).status_code == 200
    assert long_way.taken == 0
    now.move(timedelta(milliseconds=1))
    assert anna.get(url).status_code == 410
    assert long_way.taken == 1


def test_one_request_asks_again_and_the_others_wait_for_no_answer_twice_as_old(
    app: Flask, address: tuple[Client, str]
) -> None:
    """Nothing here answers the one that went: for the others the old answer stands until it is too old."""
    player: Player = app.extensions["kcc.player"]
    ((lease_id, found),) = player._open.items()
    secret = address[0].flask.get_cookie("kcc")
    assert secret
    found.asked = clock.ticking() - 3601.0
    assert player.at_hand(lease_id, secret.value) is None
    assert player.at_hand(lease_id, secret.value) is found
    found.asked = clock.ticking() - 3602.0  # another answer, grown old again
    assert player.at_hand(lease_id, secret.value) is None
    found.asking = found.asked = clock.ticking() - 7200.0
    assert player.at_hand(lease_id, secret.value) is None
    assert player.at_hand(lease_id, secret.value) is None


@pytest.mark.rule("ACC-5")
def test_once_the_one_that_asked_was_refused_nobody_gets_more(
    app: Flask, address: tuple[Client, str], stores: Stores
) -> None:
    anna, url = address
    (found,) = app.extensions["kcc.player"]._open.values()
    with stores.database.write() as session:
        session.execute(update(Recording).values(employee_id=None))
    found.asked = clock.ticking() - 3601.0
    assert [anna.get(url).status_code for _ in range(3)] == [410, 410, 410]


@pytest.mark.rule("ACC-5")
def test_a_withdrawn_right_is_refused_once_and_noted_once(
    address: tuple[Client, str], stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, url = address
    with stores.database.write() as session:
        session.execute(update(Recording).values(employee_id=None))
        session.execute(delete(AuditLine))
    assert anna.get(url).status_code == 200  # the policy's answer is still fresh
    monkeypatch.setattr(playback, "ASK_AGAIN_SECONDS", 0.0)
    assert anna.get(url).status_code == 410
    with stores.database.read() as session:
        refused = [line for line in session.query(AuditLine) if not line.allowed]
    assert [line.action for line in refused] == [Action.RECORDING_PLAY.value]


def test_whoever_has_no_function_any_more_is_asked_in_time(
    address: tuple[Client, str], stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, url = address
    with stores.database.write() as session:
        session.execute(update(FunctionPeriod).values(ends=date(2024, 6, 1)))
    monkeypatch.setattr(playback, "ASK_AGAIN_SECONDS", 0.0)
    assert anna.get(url).status_code == 410


def test_after_a_minute_the_session_is_told_again(
    app: Flask, address: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever listens is not signed out as idle: the long way notes it."""
    anna, url = address
    long_way = Counting(app)
    monkeypatch.setattr(playback, "TOUCH_EVERY_SECONDS", 0.0)
    assert anna.get(url).status_code == 200
    assert long_way.taken == 1


def test_a_damaged_sound_is_told_on_the_long_way(app: Flask, address: tuple[Client, str]) -> None:
    anna, url = address
    (found,) = app.extensions["kcc.player"]._open.values()

    def broken(_start: int, _length: int) -> bytes:
        raise SealBroken

    found.rendition._read = broken
    long_way = Counting(app)
    assert anna.get(url).status_code == 503
    assert long_way.taken == 1


@pytest.mark.rule("RET-7")
def test_a_lease_that_another_request_ends_meanwhile_is_told_to_be_over(
    app: Flask, address: tuple[Client, str]
) -> None:
    """Its sound is closed between the look at the lease and the reading."""
    anna, url = address
    player: Player = app.extensions["kcc.player"]
    (found,) = player._open.values()
    lease_id, read = found.lease.id, found.rendition._read

    def overtaken(start: int, length: int) -> bytes:
        anna.post(f"/listening/{lease_id}/close")
        player._drop(lease_id)
        return read(start, length)

    found.rendition._read = overtaken
    assert anna.get(url).status_code == 410


@pytest.mark.rule("ACC-1")
def test_it_stands_only_beside_a_route_of_a_lease() -> None:
    def sound(lease_id: str) -> str:
        return lease_id

    sound.kcc_action = Action.RECORDING_LIST  # type: ignore[attr-defined]
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/listening/<lease_id>/sound", sound_lane.ENDPOINT, sound)
    with pytest.raises(RuntimeError, match="beside no route"):
        sound_lane.install(app, lambda _lease, _secret: None, secure=True)
