"""A right that ends while somebody listens: a threat reported, a call left out, a session withdrawn; two
people at two browsers, with the keyboard alone.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.coaching import drawing, planning
from kcc.coaching.model import Report, SampledCall
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.threat.model import Incident
from tests.centre import Centre
from tests.stories.hands import Ear, Hands, until

pytestmark = pytest.mark.browser
Desk = Callable[[str], Hands]

DRAW_DAY = date(2026, 11, 16)
CALLS = 6
SOON = 2.0
"""Seconds after which a withdrawn right is no longer heard."""


@pytest.fixture
def drawn(stores: Stores, centre: Centre, now: Frozen) -> Stores:
    """The morning of the draw: of anna's six calls four have been drawn."""
    with stores.database.write() as session:
        planning.propose(session, system("announce"), clock.today(), stores.settings)
    now.set(clock.start_of_day(DRAW_DAY) + timedelta(hours=9))
    for index in range(CALLS):
        centre.call("anna", clock.now() - timedelta(days=1, hours=index), seconds=120)
    assert drawing.run(stores, DRAW_DAY).calls == 4
    return stores


@pytest.mark.rule("SAM-6", "THR-1", "RET-2", "PUR-2")
@pytest.mark.in_part("postgresql")
def test_a_threat_takes_the_call_from_the_coach(drawn: Stores, at_a_desk: Desk) -> None:
    """The employee reports the call that the coach is playing: silence, and another call in its place."""
    coach, anna = at_a_desk("coach"), at_a_desk("anna")
    ear = the_coach_plays_the_first(coach)
    sample = sample_of(drawn, coach)
    call = recording(drawn, sample)
    before = waiting(drawn)

    the_employee_reports(anna, call)
    assert until(lambda: ear.silent, 10) <= SOON
    ear.says("Het luisteren is gestopt.")
    anna.reads("Je hebt dit gesprek gemeld.", "16 mei 2027" if call.started_at.day == 16 else "15 mei 2027")
    assert coach.visit(f"/samples/{sample.id}") == 404
    coach.visit("/samples")
    expect(coach.page.locator(f"main a[href*='{sample.id}']")).to_have_count(0)

    assert drawing.refill_all(drawn) == 1
    after = waiting(drawn)
    assert (len(after), len(after - before), len(before - after)) == (4, 1, 1)
    coach.visit("/samples")
    assert {address.rsplit("/", 1)[1] for address in listed(coach)} == after
    kept = recording(drawn, sample)
    assert kept.due_at == datetime(
        2027, 5, call.started_at.astimezone(clock.LOCAL).day, *clock_of(call), tzinfo=clock.LOCAL
    )
    with drawn.database.read() as session:
        assert session.scalars(select(Incident.recording_id)).all() == [call.id]
        assert session.scalars(select(Report)).all() == [], "the unfinished assessment is discarded"


@pytest.mark.rule("SAM-5")
@pytest.mark.in_part("postgresql")
def test_not_representative_brings_another_call(drawn: Stores, at_a_desk: Desk) -> None:
    """The coach finds a private call: it leaves, its report too, and the next ticket stands in its slot."""
    coach = at_a_desk("coach")
    the_coach_plays_the_first(coach)
    sample, before = sample_of(drawn, coach), waiting(drawn)
    coach.follow("Dit is geen zakelijk gesprek")
    coach.to(coach.page.get_by_label("Wat is het?"))
    coach.press("ArrowDown")
    coach.submit("Laat dit gesprek weg")
    coach.reads("heeft een ander getrokken")
    after = waiting(drawn)
    assert before - after == {sample.id}
    assert {address.rsplit("/", 1)[1] for address in listed(coach)} == after
    with drawn.database.read() as session:
        (new,) = after - before
        assert session.get_one(SampledCall, new).slot == sample.slot
        left = session.get_one(SampledCall, sample.id)
        assert (left.left_reason, left.freed_ordinal) == ("not_representative", 1)


@pytest.mark.rule("RET-7", "SEC-1")
@pytest.mark.in_part("postgresql")
def test_signing_out_everywhere_is_heard_everywhere(drawn: Stores, at_a_desk: Desk) -> None:
    """Somebody who left a browser playing signs out everywhere from another: it falls silent."""
    assert waiting(drawn)
    left_behind, elsewhere = at_a_desk("coach"), at_a_desk("coach")
    ear = the_coach_plays_the_first(left_behind)
    elsewhere.visit("/account")
    elsewhere.submit("Overal uitloggen")
    assert until(lambda: ear.silent, 10) <= SOON
    ear.says("Het luisteren is gestopt.")
    left_behind.follow("Mijn steekproeven")
    left_behind.reads("Deze sessie is beëindigd vanuit een andere browser")


def the_coach_plays_the_first(coach: Hands) -> Ear:
    """From the board to the sound of the call that goes first, with one answer already given."""
    coach.visit("/samples")
    coach.follow("Beoordeel het volgende gesprek")
    ear = Ear(coach)
    ear.open()
    coach.press("1")
    expect(coach.page.locator("#saved")).to_contain_text("Opgeslagen")
    assert ear.plays
    return ear


def the_employee_reports(anna: Hands, call: Recording) -> None:
    """She finds the call in her list, and says what happened."""
    anna.visit("/calls")
    anna.open_call(f"{clock_text(call)} 2:00")
    anna.follow("Meld dit gesprek als bedreiging")
    anna.to(anna.page.get_by_role("radio").first)
    anna.press("Space", "ArrowDown", "ArrowDown")
    expect(anna.page.get_by_label("bedreiging", exact=True)).to_be_checked()
    anna.to(anna.page.get_by_label("Wat is er gebeurd?"))
    anna.type("Hij zegt dat hij weet waar ik woon.")
    anna.submit("Meld dit gesprek")


def clock_of(call: Recording) -> tuple[int, int]:
    """Hour and minute at which a call started, at the centre."""
    local = call.started_at.astimezone(clock.LOCAL)
    return local.hour, local.minute


def clock_text(call: Recording) -> str:
    """The same as the pages write it."""
    return "{:02}:{:02}".format(*clock_of(call))


def sample_of(stores: Stores, coach: Hands) -> SampledCall:
    """The drawn call that the coach's page is about."""
    with stores.database.read() as session:
        return session.get_one(SampledCall, coach.page.url.rsplit("/", 1)[1])


def recording(stores: Stores, sample: SampledCall) -> Recording:
    """The recording of a drawn call, as it is now."""
    with stores.database.read() as session:
        return session.get_one(Recording, sample.recording_id)


def waiting(stores: Stores) -> set[str]:
    """The drawn calls that stand in the sample."""
    with stores.database.read() as session:
        return set(session.scalars(select(SampledCall.id).where(SampledCall.left_at.is_(None))))


def listed(coach: Hands) -> set[str]:
    """The drawn calls to which the board links."""
    links = coach.page.locator("main a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return {link for link in links if re.fullmatch(r"/samples/[0-9a-f]{32}", link)}
