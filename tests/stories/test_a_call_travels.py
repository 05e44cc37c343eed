"""From the recorder, sealed, to the ears that may hear it, onto a report, and out of existence: one story,
told with the keyboard alone.
"""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.coaching import drawing, planning
from kcc.coaching.model import Report, SampledCall
from kcc.errors import KccError
from kcc.recordings import delivery, erasure
from kcc.recordings.model import Recording, Tombstone
from kcc.stores import Stores
from tests.sounds import wav
from tests.stories.hands import Ear, Hands, until

pytestmark = pytest.mark.browser
Desk = Callable[[str], Hands]

DRAW_DAY = date(2026, 11, 16)
"""The Monday after Sunday the 15th, which the settings name."""
CALL = "di 3 nov, 08:00"


@pytest.mark.rule("RGT-1", "ANN-1", "SAM-3", "ACC-2", "ACC-3", "ACC-5", "ACC-6", "REP-1", "REP-4", "REP-7")
@pytest.mark.rule("REP-9", "RET-1", "RET-7", "RET-8")
@pytest.mark.in_part("postgresql")
def test_a_call_travels(
    stores: Stores, now: Frozen, at_a_desk: Desk, tmp_path: Path, complaints: list[str]
) -> None:
    """A call is delivered, heard by its employee, drawn, scored by the coach, read about, and erased."""
    deliver(stores, tmp_path)
    with stores.database.write() as session:
        planning.propose(session, system("announce"), clock.today(), stores.settings)
    the_employee_hears_it(at_a_desk("anna"))

    now.set(clock.start_of_day(DRAW_DAY) + timedelta(hours=9))
    assert drawing.run(stores, DRAW_DAY).calls == 1
    coach = at_a_desk("coach")
    sample = the_coach_scores_it(coach, now)
    report = the_coach_finishes_it(coach)
    the_employee_reads_it(at_a_desk("anna"))
    assert complaints == []
    for number in ("lead", "administrator", "other_coach"):
        nobody_else_does(at_a_desk(number), sample, report, call_of(stores).id)
    complaints.clear()  # the console tells of each refusal

    until_its_deadline(stores, now, at_a_desk)
    and_then_it_is_gone(stores, at_a_desk("anna"), report)


def deliver(stores: Stores, folder: Path) -> None:
    """A recorder leaves three calls: of business, between colleagues, and from the private telephone."""
    spool = folder / "spool"
    spool.mkdir()
    business = wav(90, "pcm16", channels=2)
    write(spool, "business", business)
    write(spool, "colleagues", wav(40), start="2026-11-03T07:30:00+01:00", scope="internal")
    write(spool, "home", wav(40), start="2026-11-03T07:45:00+01:00", line="private")
    answers = {answer.path.stem: answer for answer in delivery.deliver(stores, system("cli"), [spool])}
    told = {name: answer.answer for name, answer in answers.items()}
    assert told == {"business": "stored", "colleagues": "stored", "home": "refused"}
    assert list(spool.iterdir()) == []
    sealed = stores.blobs.open(call_of(stores).id)
    assert business[1000:1400] not in sealed.read_at(0, sealed.size)
    sealed.close()


def write(folder: Path, name: str, sound: bytes, **more: str) -> None:
    """A sound and its sidecar, as recorders write them."""
    described = {
        "recorder": "exchange",
        "call_id": name,
        "start": "2026-11-03T08:00:00+01:00",
        "agent_id": "agent-anna",
        "direction": "incoming",
        "scope": "external",
        "line": "main",
        "remote_number": "+31201234567",
    }
    (folder / f"{name}.wav").write_bytes(sound)
    (folder / f"{name}.json").write_text(json.dumps(described | more))


def call_of(stores: Stores) -> Recording:
    """The call that travels."""
    with stores.database.read() as session:
        return session.scalars(select(Recording).where(Recording.call_id == "business")).one()


def the_employee_hears_it(anna: Hands) -> None:
    """She learns on which day calls are drawn, finds hers, and hears it: play, five seconds on, faster."""
    anna.reads("Op maandag 16 november 2026", "28 dagen", "niet te beluisteren")
    anna.to(anna.page.get_by_label("Richting"))
    anna.press("ArrowDown")
    expect(anna.page.get_by_label("Richting")).to_have_value("incoming")
    anna.submit("Toon")
    anna.open_call("08:00")
    anna.reads(f"Gesprek van {CALL}", "1:30", "Niemand heeft naar dit gesprek geluisterd")
    ear = Ear(anna)
    ear.open()
    place = ear.now
    until(lambda: ear.now > place + 0.5)
    anna.press("k")
    assert not ear.plays
    place = ear.now
    anna.to(ear.box.get_by_role("slider", name="Plaats in het gesprek"))
    anna.press("ArrowRight")
    assert ear.now == pytest.approx(place + 5, abs=0.05)
    anna.press("+", "+")
    assert ear.speed == 1.5
    anna.press("k")
    until(lambda: ear.now > place + 6)
    anna.follow("Mijn gesprekken")


def the_coach_scores_it(coach: Hands, now: Frozen) -> str:
    """The drawn call plays while its 21 items are answered; what was filled in survives a reload."""
    coach.follow("Mijn steekproeven")
    coach.reads("1 getrokken")
    coach.follow(CALL)
    ear = Ear(coach)
    ear.open()
    saved = coach.page.locator("#saved")
    for number in range(3, 24):
        coach.press({7: "2", 16: "3"}.get(number, "1"))
        if number == 7:
            coach.press("r")
            coach.type("Laat de beller uitspreken.")
            coach.press("Escape")
        if number == 12:
            assert ear.plays, "the keys of the form leave the player alone"
        coach.press("Enter")
    expect(coach.page.locator("#progress-words")).to_have_text("21 van 21")
    coach.type("Je vat goed samen.")
    expect(saved).to_contain_text("Opgeslagen 09:00:00")
    coach.follow("Mijn steekproeven")
    expect(coach.page.get_by_role("row", name=CALL)).to_contain_text("begonnen")
    coach.reads_nothing_of("een collega is begonnen")
    coach.follow(CALL)
    coach.to(coach.page.get_by_label("Punt 1"))
    now.move(timedelta(minutes=2))
    coach.type("Stel open vragen.")
    expect(saved).to_contain_text("Opgeslagen 09:02:00")
    coach.page.reload()
    expect(coach.page.locator("#progress-words")).to_have_text("21 van 21")
    remark = coach.page.locator("[data-note]").first
    expect(remark.get_by_label("Opmerking")).to_have_value("Laat de beller uitspreken.")
    expect(remark.get_by_label("Waarover")).to_have_value("7")
    expect(coach.page.get_by_label("Punt 1")).to_have_value("Stel open vragen.")
    assert coach.page.locator("input[name=answer-1]:enabled, input[name=answer-2]:enabled").count() == 0
    return coach.page.url


def the_coach_finishes_it(coach: Hands) -> str:
    """After a last look at what finishing means."""
    coach.submit("Naar afronden")
    coach.reads("Alle items zijn beantwoord.")
    coach.submit("Rond het verslag af")
    coach.reads("Anna Jansen kan het nu lezen", "Laat de beller uitspreken.", "Stel open vragen.")
    return coach.page.url


def the_employee_reads_it(anna: Hands) -> None:
    """Her start page says that it is there; the call's page says who listened, and what for."""
    anna.reads("nieuw verslag", "15 dagen")
    anna.follow("Naar je verslagen")
    anna.follow("Verslag van maandag 16 november 2026")
    anna.reads("Laat de beller uitspreken.", "Je vat goed samen.", "Stel open vragen.", "Coach Jansen")
    anna.follow("Mijn gesprekken")
    anna.open_call("08:00")
    heard = anna.page.get_by_role("table", name="Wie heeft geluisterd")
    expect(heard.get_by_role("row", name="Coach Jansen")).to_contain_text("ma 16 nov, 09:00")
    expect(heard.get_by_role("row", name="Anna Jansen")).to_contain_text("di 3 nov, 09:00")


def nobody_else_does(other: Hands, sample: str, report: str, recording_id: str) -> None:
    """The addresses lead nowhere, and the person's own pages do not name them."""
    other.reads_nothing_of("Anna Jansen · ", CALL)
    for address in (sample, report, f"/calls/{recording_id}"):
        path = "/" + address.split("/", 3)[3] if address.startswith("http") else address
        assert other.visit(path) == 404
        other.reads("bestaat niet, of is niet voor jou")


def until_its_deadline(stores: Stores, now: Frozen, at_a_desk: Desk) -> None:
    """A second before its 28 days are over it still plays; then the sound stops, without any job."""
    due = datetime(2026, 12, 1, 8, 0, tzinfo=clock.LOCAL)
    assert call_of(stores).due_at == due
    now.set(due - timedelta(seconds=1))
    anna = at_a_desk("anna")
    anna.reads("vandaag")
    anna.open_call("08:00")
    ear = Ear(anna)
    ear.open()
    now.set(due)
    until(lambda: ear.silent, 4)
    ear.says("Het luisteren is gestopt.")
    anna.to(ear.box.get_by_role("button", name="Luister"))
    anna.press("Enter")
    ear.says("Dit gesprek kan niet worden geopend.")
    assert ear.silent
    anna.follow("Mijn gesprekken")
    expect(anna.page.get_by_role("row", name="08:00")).to_have_count(0)
    assert call_of(stores).state == "live", "no job has run"


def and_then_it_is_gone(stores: Stores, anna: Hands, report: str) -> None:
    """Key, sound and row are gone, a tombstone without a person remains, and the report still reads."""
    recording_id = call_of(stores).id
    done = erasure.erase_due(stores, system("erase"))
    assert (done.failed, done.due) == (0, done.erased)
    with stores.database.read() as session:
        assert session.get(Recording, recording_id) is None
        assert session.get_one(Tombstone, recording_id).rule == "RET-1"
        assert session.scalars(select(SampledCall)).one().recording_id == recording_id
        assert session.scalars(select(Report)).one().finished_at is not None
    with pytest.raises(KccError):
        stores.keys.get(recording_id)
    with pytest.raises(KccError):
        stores.blobs.open(recording_id)
    assert anna.visit(f"/calls/{recording_id}") == 404
    assert anna.visit("/" + report.split("/", 3)[3]) == 200
    anna.reads("Laat de beller uitspreken.", "Stel open vragen.")
