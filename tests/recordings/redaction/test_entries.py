"""Covered copies through their pages: registered, marked, heard, taken out; by nobody else, not too late."""

import io
import wave
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.recordings import erasure
from kcc.recordings.model import Recording
from kcc.recordings.redaction.model import DisclosureEntry
from tests.centre import Centre
from tests.conftest import Client
from tests.sounds import wav

Browser = Callable[[str], Client]
MARKED = {"revision": "0", "begins-0": "0:05", "ends-0": "0:06.5", "side-0": "", "manner": "silence"}


def call(centre: Centre, channels: int = 2) -> str:
    receipt = centre.call(content=wav(20, channels=channels))
    with centre.stores.database.read() as session:
        return session.scalars(select(Recording.id).where(Recording.receipt == receipt.receipt)).one()


def registered(officer: Client, call_id: str, purpose: str = "caller_request") -> str:
    sent = {"call": call_id, "purpose": purpose, "reference": "Verzoek 2026-114"}
    answer = officer.post("/disclosures/new", sent)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).rsplit("/", 1)[1]


def samples(content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    with wave.open(io.BytesIO(content)) as opened:
        frames = opened.readframes(opened.getnframes())
        return np.frombuffer(frames, "<i2").reshape(-1, opened.getnchannels())


@pytest.mark.rule("SUB-2", "GOV-3", "PUR-1", "ACC-5")
def test_the_officer_covers_names_and_takes_the_copy_out(centre: Centre, browser_as: Browser) -> None:
    """What was marked is silent, all else is as it was played; the employee sees who took it out."""
    officer, call_id = browser_as(centre.officer), call(centre)
    assert "Geen verzoek" in officer.get("/disclosures").text
    entry = registered(officer, call_id)
    page = officer.get(f"/disclosures/{entry}").text
    assert "Verzoek 2026-114" in page
    uncovered = officer.post(f"/disclosures/{entry}/copy", {"revision": "0", "form": "wav"})
    assert uncovered.status_code == 409
    assert officer.post(f"/disclosures/{entry}", MARKED).status_code == 303
    stale = officer.post(f"/disclosures/{entry}/copy", {"revision": "0", "form": "wav"})
    assert stale.status_code == 409
    taken = officer.post(f"/disclosures/{entry}/copy", {"revision": "1", "form": "wav"})
    assert taken.status_code == 200
    assert taken.headers["Content-Disposition"].endswith('.wav"')
    assert int(taken.headers["Content-Length"]) == len(taken.data)
    covered, whole = samples(taken.data), heard(officer, entry)
    assert not covered[40_000:52_000].any()
    assert np.array_equal(covered[:40_000], whole[:40_000])
    assert np.array_equal(covered[52_000:], whole[52_000:])
    opus = officer.post(f"/disclosures/{entry}/copy", {"revision": "1", "form": "opus"})
    assert opus.data[:4] == b"OggS"
    mine = browser_as(centre.anna).get("/my-data").text
    assert "kopie" in mine


def heard(officer: Client, entry: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """The call as it is played, through a lease."""
    asked = officer.post(f"/disclosures/{entry}/listen", headers={"Accept": "application/json"})
    told = officer.get(asked.headers["Location"], headers={"Accept": "application/json"}).json
    return samples(officer.get(told["sound_url"]).data)


@pytest.mark.rule("SUB-2")
def test_the_result_can_be_heard_before_it_is_taken(centre: Centre, browser_as: Browser) -> None:
    """Whole and in ranges it is the very copy; another entry's lease does not open it."""
    officer, call_id = browser_as(centre.officer), call(centre)
    entry, other = registered(officer, call_id), registered(officer, call_id, "disclosure")
    officer.post(f"/disclosures/{entry}", MARKED | {"manner": "bleep", "side-0": "1"})
    opened = officer.post(f"/disclosures/{entry}/listen", {"what": "result"}).headers["Location"]
    assert f"/disclosures/{entry}/result/" in officer.get(opened).text
    lease = opened.split("result=")[1].split("#")[0]
    result = officer.get(f"/disclosures/{entry}/result/{lease}").data
    copy = officer.post(f"/disclosures/{entry}/copy", {"revision": "1", "form": "wav"}).data
    assert result == copy
    part = officer.get(f"/disclosures/{entry}/result/{lease}", headers={"Range": "bytes=160001-176543"})
    assert part.data == copy[160_001:176_544]
    assert officer.get(f"/disclosures/{other}/result/{lease}").status_code == 404
    bleeped = samples(copy)
    assert abs(bleeped[44_000:48_000, 1]).max() > 3_000


@pytest.mark.rule("PUR-1", "RET-7", "SUB-1")
def test_nothing_without_an_open_request(centre: Centre, browser_as: Browser, now: Frozen) -> None:
    """Its time passes; the call's deadline comes first and is moved by nothing; nobody else has a page."""
    officer, call_id = browser_as(centre.officer), call(centre)
    for wrong in ({"purpose": "coaching"}, {"purpose": ""}, {"reference": " "}, {"call": "7"}):
        sent = {"call": call_id, "purpose": "disclosure", "reference": "Woo 3"} | wrong
        assert officer.post("/disclosures/new", sent).status_code == 422
    unknown = {"call": "0" * 32, "purpose": "disclosure", "reference": "Woo 3"}
    assert officer.post("/disclosures/new", unknown).status_code == 404
    entry = registered(officer, call_id)
    for name in ("anna", "coach", "lead", "manager", "administrator", "council"):
        other = browser_as(getattr(centre, name))
        assert other.get(f"/disclosures/{entry}").status_code == 404
        assert other.post(f"/disclosures/{entry}/copy", {"revision": "1", "form": "wav"}).status_code == 404
    with centre.stores.database.read() as session:
        due = session.get_one(Recording, call_id).due_at
    now.set(due)
    late = browser_as(centre.officer)
    assert late.get(f"/disclosures/{entry}").status_code == 404
    assert late.get("/disclosures").status_code == 200
    now.set(due + timedelta(hours=1))
    erasure.erase_due(centre.stores, system("test"))
    with centre.stores.database.read() as session:
        kept = session.scalars(select(DisclosureEntry)).one()
        assert kept.recording_id is None
    assert "gewist" in browser_as(centre.officer).get("/disclosures").text


@pytest.mark.rule("SUB-2")
def test_what_is_typed_wrongly_stays_and_is_said(centre: Centre, browser_as: Browser) -> None:
    """Nothing is dropped: a row that cannot be read is no row that is not covered."""
    officer, call_id = browser_as(centre.officer), call(centre, channels=1)
    entry = registered(officer, call_id)
    wrong = officer.post(f"/disclosures/{entry}", MARKED | {"begins-7": "vijf", "ends-7": "0:09"})
    assert wrong.status_code == 422
    assert 'value="vijf"' in wrong.text
    assert officer.post(f"/disclosures/{entry}", MARKED | {"ends-0": "0:02"}).status_code == 422
    assert officer.post(f"/disclosures/{entry}", MARKED | {"side-0": "1"}).status_code == 422
    many = MARKED | {f"{what}-{n}": f"0:{n % 19}" for n in range(600) for what in ("begins", "ends")}
    assert officer.post(f"/disclosures/{entry}", many).status_code == 422
    assert officer.post(f"/disclosures/{entry}", MARKED).status_code == 303
    assert officer.post(f"/disclosures/{entry}", MARKED).status_code == 409
    page = officer.get(f"/disclosures/{entry}").text
    assert 'value="0:05.000"' in page
    assert 'value="0:06.500"' in page


@pytest.mark.rule("SUB-1")
def test_a_request_ends_by_itself(centre: Centre, browser_as: Browser, now: Frozen) -> None:
    """A lease that is open then falls silent as well."""
    short = centre.stores.settings.limits.model_copy(update={"disclosure_days": 2})
    object.__setattr__(centre.stores.settings, "limits", short)
    officer = browser_as(centre.officer)
    entry = registered(officer, call(centre))
    now.set(now() + timedelta(days=2))
    assert browser_as(centre.officer).get(f"/disclosures/{entry}").status_code == 404
