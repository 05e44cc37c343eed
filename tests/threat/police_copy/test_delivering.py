"""A copy for the police through its pages: decided by two, made ready, taken out once, verified, and gone."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.audit.signing import SigningKey
from kcc.clock import Frozen
from kcc.recordings.model import Recording
from kcc.scheduler import auditing
from kcc.threat import incidents, measures
from kcc.threat.police_copy import queries, rules, verify
from kcc.threat.police_copy.model import PoliceCopy
from tests.centre import Centre
from tests.conftest import Client
from tests.sounds import wav

Browser = Callable[[str], Client]
SOUND = wav(4, channels=2)
WHY = "Aangifte PL1300-2026"


def threatened(centre: Centre) -> str:
    """A call of Anna's that she reported."""
    receipt = centre.call(content=SOUND)
    with centre.stores.database.write() as session:
        query = select(Recording.id).where(Recording.receipt == receipt.receipt)
        call_id = session.scalars(query).one()
        anna = centre.actor(centre.anna)
        incidents.report(centre.stores, session, anna, call_id, "threat", "Hij dreigde.")
    return call_id


def decided(centre: Centre, call_id: str, *, both: bool = True, kind: str = "police") -> str:
    """A report to the police that Anna proposes and her team lead agrees to."""
    stores = centre.stores
    with stores.database.write() as session:
        incident = session.scalars(select(incidents.Incident)).one()
        plan = measures.Plan(kind, centre.lead, clock.today() + timedelta(days=7), "Aangifte doen.")
        measure = measures.propose(stores, session, centre.actor(centre.anna), incident.id, plan)
    if both:
        with stores.database.write() as session:
            measures.confirm(session, centre.actor(centre.lead), measure.id)
    assert call_id
    return measure.id


def ready(lead: Client, centre: Centre, measure: str, call_id: str) -> str:
    """The id of the copy that waits."""
    answer = lead.post(f"/measures/{measure}/police-copy", {"call": call_id, "why": WHY})
    assert answer.status_code == 303, answer.text
    with centre.stores.database.read() as session:
        found = session.scalars(select(PoliceCopy.id).where(PoliceCopy.taken_at.is_(None)))
        return found.one()


@pytest.fixture
def key(centre: Centre) -> str:
    return auditing.make_key(centre.stores.settings)


@pytest.mark.rule("THR-5", "PUR-1")
def test_decided_by_two_made_ready_and_taken_out_once(centre: Centre, browser_as: Browser, key: str) -> None:
    """The package holds the original and what was heard, says who, when, why and on whose decision."""
    call_id = threatened(centre)
    lead, measure = browser_as(centre.lead), decided(centre, call_id)
    assert lead.get(f"/measures/{measure}/police-copy").status_code == 200
    copy = ready(lead, centre, measure, call_id)
    assert ready(lead, centre, measure, call_id) == copy  # asked again, it is the same one
    page = lead.get(f"/measures/{measure}/police-copy").text
    assert WHY in page
    taken = lead.post(f"/police-copies/{copy}/take")
    assert taken.status_code == 200
    assert int(taken.headers["Content-Length"]) == len(taken.data)
    report = verify.check(io.BytesIO(taken.data), key)
    assert report.findings == []
    told = report.manifest
    assert [one["name"] for one in told["decision"]["by"]] == ["Anna Jansen", "Lead Jansen"]
    assert (told["taken_out"]["by"], told["taken_out"]["why"]) == ("Lead Jansen", WHY)
    assert told["call"]["number"] == "+31201234567"
    with zipfile.ZipFile(io.BytesIO(taken.data)) as opened:
        assert opened.testzip() is None
        assert opened.read("original.wav") == SOUND
        assert opened.read("heard.wav")[:4] == b"RIFF"
    assert lead.post(f"/police-copies/{copy}/take").status_code == 409
    assert "politie" in browser_as(centre.anna).get("/notices").text
    again = ready(lead, centre, measure, call_id)
    assert again != copy


@pytest.mark.rule("THR-5", "THR-2", "THR-3")
def test_nobody_alone_and_nobody_else(centre: Centre, browser_as: Browser, key: str) -> None:
    """Agreed by one, another measure, another team's lead, the employee, the coach, the officer."""
    assert key
    call_id = threatened(centre)
    lead = browser_as(centre.lead)
    alone = decided(centre, call_id, both=False)
    other = decided(centre, call_id, kind="talk")
    for measure in (alone, other, "0" * 32):
        sent = {"call": call_id, "why": WHY}
        assert lead.get(f"/measures/{measure}/police-copy").status_code == 404
        assert lead.post(f"/measures/{measure}/police-copy", sent).status_code == 404
    with centre.stores.database.write() as session:
        measures.confirm(session, centre.actor(centre.lead), alone)
    assert lead.post(f"/measures/{alone}/police-copy", {"call": "0" * 32, "why": WHY}).status_code == 404
    assert lead.post(f"/measures/{alone}/police-copy", {"call": call_id, "why": " "}).status_code == 422
    copy = ready(lead, centre, alone, call_id)
    for name in ("other_lead", "anna", "coach", "officer", "manager", "administrator"):
        who = browser_as(getattr(centre, name))
        assert who.get(f"/measures/{alone}/police-copy").status_code == 404
        assert who.post(f"/police-copies/{copy}/take").status_code == 404


@pytest.mark.rule("THR-5", "RET-7")
def test_a_copy_that_waits_expires_and_goes_with_its_call(
    centre: Centre, browser_as: Browser, now: Frozen, key: str
) -> None:
    """And nothing of the sound waits anywhere: the row holds sealed words alone."""
    assert key
    call_id = threatened(centre)
    measure = decided(centre, call_id)
    lead = browser_as(centre.lead)
    copy = ready(lead, centre, measure, call_id)
    with centre.stores.database.read() as session:
        row = session.get_one(PoliceCopy, copy)
        assert WHY.encode() not in row.why
        assert b"Anna" not in row.decision
    now.set(now() + timedelta(days=7))
    late = browser_as(centre.lead)
    assert late.post(f"/police-copies/{copy}/take").status_code == 404
    assert ready_again(late, measure, call_id) == 303
    with centre.stores.database.write() as session:
        session.delete(session.get_one(Recording, call_id))
    with centre.stores.database.read() as session:
        assert session.scalars(select(PoliceCopy)).all() == []


def ready_again(lead: Client, measure: str, call_id: str) -> int:
    return lead.post(f"/measures/{measure}/police-copy", {"call": call_id, "why": WHY}).status_code


@pytest.mark.rule("THR-5")
def test_the_manifest_is_the_one_that_was_logged(centre: Centre, browser_as: Browser, key: str) -> None:
    """So that a package can be held against the log."""
    import hashlib

    call_id = threatened(centre)
    lead, measure = browser_as(centre.lead), decided(centre, call_id)
    copy = ready(lead, centre, measure, call_id)
    data = lead.post(f"/police-copies/{copy}/take").data
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        manifest = opened.read("manifest.json")
    assert json.loads(manifest)["key"] == key
    assert SigningKey(centre.stores.settings.audit.key_file).public
    with centre.stores.database.read() as session:
        assert session.get_one(PoliceCopy, copy).manifest_digest == hashlib.sha256(manifest).digest()


@pytest.mark.rule("THR-5")
def test_who_had_left_decided_nothing(centre: Centre, key: str) -> None:
    """A package tells, signed, on whose decision it left: not on that of somebody who was gone."""
    assert key
    call_id = threatened(centre)
    stores = centre.stores
    with stores.database.write() as session:
        incident = session.scalars(select(incidents.Incident)).one()
        incident.left_at = clock.now()
        plan = measures.Plan("police", centre.lead, clock.today() + timedelta(days=7), "Aangifte doen.")
        measure = measures.propose(stores, session, centre.actor(centre.lead), incident.id, plan)
        assert measure.agreed_at is not None
        found = queries.decision(session, measure)
    assert call_id
    taken = rules.TakenOut("Lead Jansen", "team_lead", clock.now(), WHY)
    assert rules.told("1", taken, found, {})["decision"]["by"] == [
        {"name": "Lead Jansen", "function": "team_lead"}
    ]
