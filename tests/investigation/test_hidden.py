"""While telling is postponed the employee's pages read byte for byte as a twin's without a case; a hold
keeps exactly the named calls, the listener hears only those, and an end lets all go (WGT-2, RET-5, RET-7).
"""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from kcc import clock
from kcc.access.actor import Function, system
from kcc.app import create_app
from kcc.clock import Frozen
from kcc.investigation import closing
from kcc.investigation import erasure as cases
from kcc.investigation.rules import How, Kind
from kcc.people.model import FunctionPeriod
from kcc.recordings import erasure
from kcc.recordings.model import Tombstone
from kcc.recordings.playback import ASK_AGAIN_SECONDS
from kcc.scheduler.timetable import timetable
from kcc.stores import Stores
from kcc.threat import incidents
from kcc.timekeeping import guard
from kcc.timekeeping.guard import ClockUntrusted
from tests.centre import Centre
from tests.conftest import Client
from tests.investigation import world
from tests.investigation.test_deciding import told
from tests.timekeeping.wayward import Wayward

As = Callable[[str], Client]


@pytest.fixture
def kept(stores: Stores) -> Stores:
    """Stores of an installation with the works council's consent to keeping (RET-5)."""
    return world.consenting(stores)


@pytest.fixture
def at(kept: Stores) -> As:
    """Browsers at that installation."""
    app = create_app(kept)
    return lambda person_id: Client(app, kept).sign_in(person_id)


def erase(stores: Stores) -> None:
    """What the hourly job does, in its order."""
    cases.sweep(stores)
    erasure.erase_due(stores, system("erase"))


def listen(browser: Client, stores: Stores, case_id: str) -> tuple[TestResponse, str]:
    """Open the first call of a case; the answer, and where its sound is."""
    call = world.calls(stores, case_id)[0]
    answer = browser.post(f"/case-calls/{call.id}/listen")
    lease = answer.headers.get("Location", "").rpartition("lease=")[2]
    return answer, f"/listening/{lease}/sound"


def plain(page: str, *names: tuple[str, str]) -> str:
    """A page without what differs between any two requests: nonce, form token; ids by what they are of."""
    page = re.sub(r'(nonce|content|value)="[A-Za-z0-9_.+/=-]{16,}"', "", page)
    for id_, word in names:
        page = page.replace(id_, word)
    return page


@pytest.mark.rule("WGT-2", "RET-5", "ACC-5")
def test_nothing_betrays_a_case_before_the_employee_is_told(
    kept: Stores, centre: Centre, at: As, now: Frozen
) -> None:
    """Anna has a case and a twin of her call is bob's: each page of both is the same, at each step."""
    for agent in ("anna", "bob"):
        centre.call(agent, seconds=21, call_id=f"call-{agent}", content=None)
    ids = {agent: world.recording(kept, f"call-{agent}").id for agent in ("anna", "bob")}  # type: ignore[union-attr]

    browsers = {agent: at(getattr(centre, agent)) for agent in ("anna", "bob")}

    def same(*, there: bool) -> None:
        for path in ("/calls", "/calls/{}", "/my-data", "/my-cases", "/notices", "/reports"):
            pages = []
            now.move(timedelta(seconds=1))  # lines of one moment have no order
            for agent in ("anna", "bob"):
                answer = browsers[agent].get(path.format(ids[agent]))
                names = ((ids[agent], "CALL"), (getattr(centre, agent), "ME"), (agent.title(), "NAME"))
                pages.append((answer.status_code, plain(answer.text, *names, (agent, "NAME"))))
            lines = [page.splitlines() for _, page in pages]
            assert [pair for pair in zip(*lines, strict=True) if pair[0] != pair[1]] == [], path
            assert pages[0][0] == pages[1][0]
            if path == "/calls/{}":
                assert pages[0][0] == (200 if there else 404)

    same(there=True)
    case_id = world.open_case(kept, centre, calls=("call-anna",), last_day=clock.today(), **world.later(14))
    same(there=True)
    answer, sound = listen(manager := at(centre.manager), kept, case_id)
    assert answer.status_code == 303
    assert manager.get(sound).status_code == 200
    same(there=True)


def hidden_case(stores: Stores, centre: Centre, now: Frozen) -> str:
    """A case whose call is past its ordinary deadline, and whose employee is not told yet."""
    for agent in ("anna", "bob"):
        centre.call(agent, call_id=f"call-{agent}")
    now.move(timedelta(days=20))
    case_id = world.open_case(
        stores,
        centre,
        calls=("call-anna",),
        last_day=clock.today() + timedelta(days=13),
        **world.later(12),
    )
    now.move(timedelta(days=8))
    return case_id


@pytest.mark.rule("WGT-2", "RET-1", "RET-5", "RET-7")
def test_the_call_leaves_its_employees_pages_at_the_ordinary_deadline(
    kept: Stores, centre: Centre, at: As, now: Frozen
) -> None:
    case_id = hidden_case(kept, centre, now)
    ids = [world.recording(kept, f"call-{agent}").id for agent in ("anna", "bob")]  # type: ignore[union-attr]
    erase(kept)
    assert world.recording(kept, "call-bob") is None
    assert world.recording(kept, "call-anna") is not None
    seen = []
    for agent, id_ in zip(("anna", "bob"), ids, strict=True):
        browser = at(getattr(centre, agent))
        answers = [
            browser.get(path)
            for path in (
                "/calls",
                f"/calls/{id_}",
                f"/calls/{id_}/threat",
                "/my-data",
                "/notices",
                "/my-cases",
            )
        ]
        answers.append(browser.post(f"/calls/{id_}/listen"))
        answers.append(browser.get("/my-data"))
        names = ((id_, "CALL"), (getattr(centre, agent), "ME"), (agent.title(), "NAME"), (agent, "NAME"))
        seen.append([(one.status_code, plain(one.text, *names)) for one in answers])
    assert seen[0] == seen[1]
    assert seen[0][1][0] == 404
    manager = at(centre.manager)
    answer, sound = listen(manager, kept, case_id)
    assert answer.status_code == 303
    assert manager.get(sound).status_code == 200


@pytest.mark.rule("WGT-2", "ACC-5", "RGT-1")
def test_on_the_day_the_employee_is_told_and_sees_who_listened(
    kept: Stores, centre: Centre, at: As, now: Frozen
) -> None:
    case_id = hidden_case(kept, centre, now)
    erase(kept)
    manager = at(centre.manager)
    _, sound = listen(manager, kept, case_id)
    assert manager.get(sound).status_code == 200
    anna = at(centre.anna)
    said = re.sub(r"<option.*?</option>", "", anna.get("/my-data").text)  # one may always choose the word
    assert "zwaarwegende" not in said.lower()
    now.move(timedelta(days=4))
    cases.sweep(kept)
    assert world.case(kept, case_id).told_at is not None
    page = at(centre.anna).get("/my-data", headers={"Accept-Language": "en"}).text
    assert world.case(kept, case_id).listener_id == centre.manager
    assert "Manager" in page
    own = at(centre.anna).get("/my-cases").text
    assert "Manager" in own
    assert "contant geld" not in own  # the indications may name others
    recording = world.recording(kept, "call-anna")
    assert recording is not None
    assert at(centre.anna).get(f"/calls/{recording.id}").status_code == 200  # hers for as long as it exists
    assert at(centre.anna).post(f"/calls/{recording.id}/listen").status_code == 303


@pytest.mark.rule("WGT-2", "RET-5", "RET-7")
@pytest.mark.parametrize("how", ["closed", "revoked", "suspended", "over", "left"])
def test_an_end_silences_a_running_playback_within_two_seconds(
    kept: Stores, centre: Centre, at: As, now: Frozen, how: str
) -> None:
    case_id = hidden_case(kept, centre, now)
    erase(kept)
    manager = at(centre.manager)
    _, sound = listen(manager, kept, case_id)
    assert manager.get(sound).status_code == 200
    if how in ("closed", "revoked"):
        world.end(kept, centre, case_id, How(how))
    elif how == "suspended":
        with kept.database.write() as session:
            closing.suspend(session, centre.actor(centre.officer), case_id)
    elif how == "over":
        now.set(world.case(kept, case_id).ends_at)
    else:
        with kept.database.write() as session:
            for period in session.scalars(
                select(FunctionPeriod).where(FunctionPeriod.person_id == centre.manager)
            ):
                period.ends = clock.today()
    now.move(timedelta(seconds=2))
    time.sleep(ASK_AGAIN_SECONDS + 0.01)  # the policy's answer is half a second old by no clock of ours
    assert manager.get(sound).status_code in (404, 410, 401, 302)
    erase(kept)
    gone = world.recording(kept, "call-anna") is None
    assert gone == (how in ("closed", "revoked", "over"))
    if gone:
        with kept.database.read() as session:
            stone = session.scalars(select(Tombstone).order_by(Tombstone.due_at.desc())).first()
            assert stone is not None


@pytest.mark.rule("RET-5", "GOV-2")
def test_without_the_works_councils_consent_nothing_is_kept(
    stores: Stores, centre: Centre, browser_as: As, now: Frozen
) -> None:
    case_id = hidden_case(stores, centre, now)
    assert all(call.hold_id is None for call in world.calls(stores, case_id))
    erase(stores)
    assert world.recording(stores, "call-anna") is None
    answer, _ = listen(browser_as(centre.manager), stores, case_id)
    assert answer.status_code == 404


@pytest.mark.rule("WGT-2", "PUR-2", "ACC-3")
def test_only_the_named_listener_hears_and_only_what_is_named(kept: Stores, centre: Centre, at: As) -> None:
    centre.call()
    centre.call()
    case_id = world.propose(kept, centre)
    assert world.calls(kept, case_id) == []
    world.sign(kept, centre, case_id)
    assert listen(at(centre.manager), kept, case_id)[0].status_code == 303
    for other in ("lead", "other_lead", "officer", "coach", "administrator", "council", "bob"):
        assert listen(at(getattr(centre, other)), kept, case_id)[0].status_code == 404, other
    unnamed = world.recording(kept, "call-2")
    assert unnamed is not None
    assert at(centre.manager).post(f"/calls/{unnamed.id}/listen").status_code == 404
    assert unnamed.kept_until is None


@pytest.mark.rule("RET-2", "RET-5", "PUR-2")
@pytest.mark.parametrize("order", ["case first", "threat first"])
def test_a_case_and_an_incident_on_one_call_end_in_either_order(
    kept: Stores, centre: Centre, now: Frozen, order: str
) -> None:
    """Each keeps it for itself: the employee as for a threat, the listener until the case's last day."""
    centre.call()
    first = world.recording(kept)
    assert first is not None
    case_id = world.open_case(kept, centre, **world.later()) if order == "case first" else ""
    with kept.database.write() as session:
        incidents.report(kept, session, centre.actor(centre.anna), first.id, "threat", "Hij dreigde.")
    case_id = case_id or world.open_case(kept, centre, **world.later())
    both = world.recording(kept)
    assert both is not None
    assert both.kept_until is not None
    assert (both.due_rule, both.sample_barred) == ("RET-2", True)
    world.end(kept, centre, case_id)
    after = world.recording(kept)
    assert after is not None
    assert (after.due_at, after.kept_until) == (both.due_at, None)
    erase(kept)
    assert world.recording(kept) is not None
    now.set(both.due_at)
    erase(kept)
    assert world.recording(kept) is None


@pytest.mark.rule("RET-5")
def test_more_time_keeps_the_named_calls_longer(kept: Stores, centre: Centre, now: Frozen) -> None:
    case_id = hidden_case(kept, centre, now)
    erase(kept)
    world.ask(kept, centre, case_id, Kind.EXTEND, 13)
    world.sign(kept, centre, case_id)
    found = world.recording(kept, "call-anna")
    assert found is not None
    assert found.kept_until == world.case(kept, case_id).ends_at
    now.set(found.kept_until - timedelta(seconds=1))
    erase(kept)
    assert world.recording(kept, "call-anna") is not None
    now.move(timedelta(seconds=1))
    erase(kept)
    assert world.recording(kept, "call-anna") is None
    assert world.case(kept, case_id).how == How.OVER
    assert world.case(kept, case_id).told_at is not None


@pytest.mark.rule("WGT-2")
def test_a_case_on_somebody_who_leaves_goes_on_and_the_officer_must_write(
    kept: Stores, centre: Centre, now: Frozen
) -> None:
    case_id = hidden_case(kept, centre, now)
    with kept.database.write() as session:
        for period in session.scalars(select(FunctionPeriod).where(FunctionPeriod.person_id == centre.anna)):
            period.ends = clock.today()
    world.ask(kept, centre, case_id, Kind.EXTEND, 13)
    assert not world.sign(kept, centre, case_id)  # by the team that she was in last
    now.move(timedelta(days=5))
    cases.sweep(kept)
    assert "case.to_write" in told(kept, centre.officer)


@pytest.mark.rule("WGT-2", "RGT-1")
def test_whoever_has_another_function_now_is_told_by_letter_too(
    kept: Stores, centre: Centre, now: Frozen
) -> None:
    """The page of one's own cases is an employee's: who became something else has none."""
    case_id = hidden_case(kept, centre, now)
    with kept.database.write() as session:
        for period in session.scalars(select(FunctionPeriod).where(FunctionPeriod.person_id == centre.anna)):
            period.ends = clock.today()
        session.add(FunctionPeriod(person_id=centre.anna, function=Function.COACH, begins=clock.today()))
    now.move(timedelta(days=5))
    cases.sweep(kept)
    assert world.case(kept, case_id).told_at is not None
    assert "case.to_write" in told(kept, centre.officer)


@pytest.mark.rule("RGT-1", "RET-1")
def test_a_case_that_ends_early_takes_nothing_from_the_employees_list(
    kept: Stores, centre: Centre, at: As, now: Frozen
) -> None:
    """Told at once of a case of ten days: the call is theirs for its 28 days all the same."""
    centre.call(call_id="call-1")
    world.open_case(kept, centre)
    id_ = world.recording(kept).id  # type: ignore[union-attr]
    now.move(timedelta(days=12))
    assert f"/calls/{id_}" in at(centre.anna).get("/calls").text
    cases.sweep(kept)
    assert f"/calls/{id_}" in at(centre.anna).get("/calls").text


@pytest.mark.rule("WGT-2", "RET-8")
def test_on_a_clock_in_doubt_nobody_is_told_and_nothing_ends(
    kept: Stores, centre: Centre, now: Frozen
) -> None:
    """Telling cannot be undone, nor can a key be made again."""
    case_id = hidden_case(kept, centre, now)
    jobs = {job.name: job for job in timetable(kept.settings.scheduler)}
    guard.trusted(kept)
    wayward = Wayward(now.at)
    with clock.by(wayward):
        wayward.jump(timedelta(days=40))
        for name in ("cases", "erase"):
            with pytest.raises(ClockUntrusted):
                jobs[name].work(kept)
    found = world.case(kept, case_id)
    assert (found.told_at, found.ended_at) == (None, None)
