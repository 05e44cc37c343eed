"""The conversation over HTTP: through an open lease only, for those purposes only, as far as the sound is
decoded, and kept nowhere.
"""

import json
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from kcc.access.purposes import Purpose
from kcc.clock import Frozen
from kcc.recordings.model import PlaybackLease
from kcc.recordings.playback import ASK_AGAIN_SECONDS
from kcc.stores import Stores
from tests import talk
from tests.audit.lines import everything
from tests.centre import Centre
from tests.coded import encoded
from tests.conftest import Client
from tests.recordings import traces
from tests.waiting import wait_for

pytestmark = pytest.mark.rule("GOV-4")
JSON = {"Accept": "application/json"}


def addresses(browser: Client, recording_id: str) -> dict[str, str]:
    """What the player is told of an own call that was just opened."""
    lease = browser.post(f"/calls/{recording_id}/listen", headers=JSON)
    told = browser.get(lease.headers["Location"]).json
    assert told is not None
    return told


def call(centre: Centre, employee_channel: int = 0) -> str:
    """Twenty seconds in which one side says a sentence; gives the recording's id."""
    said = talk.timed(20, (2, talk.said(0)))
    sides = [said, talk.timed(20, seed=2)]
    centre.call(
        content=talk.wav(*(sides if employee_channel == 0 else sides[::-1])),
        employee_channel=employee_channel,
    )
    return traces.recording(centre.stores).id


@pytest.mark.parametrize("channel", [0, 1])
def test_the_employee_is_the_first_side(
    centre: Centre, browser_as: Callable[[str], Client], channel: int
) -> None:
    anna = browser_as(centre.anna)
    told = anna.get(addresses(anna, call(centre, channel))["conversation_url"]).json
    assert told is not None
    employee, caller = told["sides"]
    assert employee["speech"]
    assert caller["speech"] == []
    assert told["made"] == 1.0


def test_of_sides_that_nobody_named_neither_is_called_the_employee(
    centre: Centre, browser_as: Callable[[str], Client]
) -> None:
    """A recorder that does not say who is on which channel has said nothing; we do not guess."""
    said = talk.timed(20, (2, talk.said(0)))
    centre.call(content=talk.wav(said, talk.timed(20, seed=2)))
    told = addresses(browser_as(centre.anna), traces.recording(centre.stores).id)
    assert (told["channels"], told["employee_channel"]) == (2, None)


def test_a_lease_that_has_ended_tells_nothing(centre: Centre, browser_as: Callable[[str], Client]) -> None:
    anna = browser_as(centre.anna)
    urls = addresses(anna, call(centre))
    anna.post(urls["close_url"])
    time.sleep(ASK_AGAIN_SECONDS + 0.1)
    for name in ("conversation_url", "progress_url"):
        found = anna.get(urls[name], headers=JSON)
        assert found.status_code in (404, 410), name
        assert "speech" not in found.text


@pytest.mark.rule("RET-7")
def test_at_the_deadline_it_is_over(centre: Centre, browser_as: Callable[[str], Client], now: Frozen) -> None:
    anna = browser_as(centre.anna)
    urls = addresses(anna, call(centre))
    now.move(timedelta(days=28))
    assert anna.get(urls["conversation_url"], headers=JSON).status_code in (404, 410)


@pytest.mark.rule("THR-3", "PUR-2")
def test_of_a_threat_nobody_is_told_who_speaks_when(
    centre: Centre, stores: Stores, browser_as: Callable[[str], Client]
) -> None:
    """A lease for another purpose than hearing an own or a drawn call has no such address; guessing fails."""
    anna = browser_as(centre.anna)
    recording_id = call(centre)
    location = anna.post(f"/calls/{recording_id}/listen", headers=JSON).headers["Location"]
    with stores.database.write() as session:
        session.execute(update(PlaybackLease).values(purpose=Purpose.THREAT.value))
    lease = location.split("/")[2]
    told = anna.get(location, headers=JSON)
    assert "conversation_url" not in told.text
    assert anna.get(f"/listening/{lease}/conversation", headers=JSON).status_code in (404, 410)


def test_nothing_of_it_is_kept(centre: Centre, stores: Stores, browser_as: Callable[[str], Client]) -> None:
    """Database, keys and blobs are the same after it was asked for."""
    anna = browser_as(centre.anna)
    urls = addresses(anna, call(centre))
    before = everything(stores), traces.amounts(stores)
    told = anna.get(urls["conversation_url"]).json
    assert told is not None
    assert told["sides"][0]["speech"]
    assert (everything(stores), traces.amounts(stores)) == before
    assert json.dumps(told["sides"][0]["speech"][0]) not in json.dumps(before, default=str)


def test_a_coded_call_is_measured_once_it_is_decoded(
    centre: Centre, browser_as: Callable[[str], Client]
) -> None:
    """Two pitches that never change: tones, and nobody speaking."""
    centre.call(content=encoded("webm", "libopus", 48000, 4.0, 2))
    anna, row = browser_as(centre.anna), traces.recording(centre.stores)
    urls = addresses(anna, row.id)
    anna.get(urls["sound_url"], headers={"Range": "bytes=44-96043"})
    wait_for(lambda: anna.get(urls["progress_url"]).json == {"made": 1.0})
    told = anna.get(urls["conversation_url"]).json
    assert told is not None
    assert told["totals"]["tones"] > 3500
    assert told["totals"]["speech"] == [0, 0]
