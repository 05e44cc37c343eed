"""Consent, calibration and training as browsers meet them, by everybody, in both orders and too late."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import Function, system
from kcc.coaching import succession
from kcc.coaching.calibration import queries as calibrations
from kcc.coaching.calibration.model import Calibration
from kcc.coaching.consents import ending
from kcc.coaching.training import queries as trainings
from kcc.coaching.training.model import Training
from kcc.notices.model import Notice
from kcc.people import functions
from kcc.people.model import FunctionPeriod
from kcc.recordings import erasure
from kcc.scheduler import following
from tests.coaching.sharing.conftest import LAST, YES, Sharing
from tests.conftest import Client

Browser = Callable[[str], Client]
OUTSIDE = ("bob", "carla", "lead", "manager", "officer", "administrator", "council")


def path(answer: object) -> str:
    """Where an answer leads."""
    return str(answer.headers["Location"])  # type: ignore[attr-defined]


def convened(sharing: Sharing, coach: Client) -> str:
    """The address of a session that the coach's page called."""
    two = {"scorers": [sharing.id("other_coach"), sharing.id("third")], "ends": LAST.isoformat()}
    answer = coach.post(f"/samples/{sharing.sample}/ask/calibration", two)
    assert answer.status_code == 303
    return path(answer)


@pytest.mark.rule("CAL-1", "CAL-3", "REP-9")
def test_a_session_from_the_question_to_what_was_agreed(sharing: Sharing, browser_as: Browser) -> None:
    """Three coaches and an employee; nobody else reaches any of it, and nobody is named but by the leader."""
    coach, anna = browser_as(sharing.id("coach")), browser_as(sharing.id("anna"))
    other, third = browser_as(sharing.id("other_coach")), browser_as(sharing.third)
    assert f"/samples/{sharing.sample}/ask" in coach.get(f"/samples/{sharing.sample}").text
    asked = coach.get(f"/samples/{sharing.sample}/ask").text
    assert "Anna Jansen" in asked
    assert "Third Jansen" in asked
    url = convened(sharing, coach)
    assert "Anna Jansen" in coach.get(url).text
    assert third.post(f"{url}/listen").status_code == 404
    assert "consent" in anna.get("/calls").text
    page = anna.get(f"/calls/{sharing.recording}/consent").text
    for said in ("Coach Jansen", "Other Coach Jansen", "Third Jansen"):
        assert said in page
    calibration = {"purpose": "calibration"}
    assert anna.post(f"/calls/{sharing.recording}/consent/give", calibration).status_code == 303
    for scorer, five in ((other, "no"), (third, "yes")):
        seen = scorer.get(url).text
        assert 'name="answer-23"' in seen
        assert "Anna" not in seen
        assert "agent-anna" not in seen
        assert scorer.post(f"{url}/listen").status_code == 303
        body = {"revision": 0, "changes": {"remark-5": "Hij vraagt door."}}
        assert scorer.post(f"{url}/autosave", json=body).json["revision"] == 1  # type: ignore[index]
        assert scorer.post(f"{url}/autosave", json=body).status_code == 409
        sent = {"revision": "1", "finish": "1", **YES, "answer-5": five}
        assert scorer.post(url, sent).status_code == 303
    compared = third.get(url).text
    assert "Hij vraagt door." in compared
    assert "Anna" not in compared
    assert coach.post(f"{url}/agreed", {"item": "5", "nl": "Zoals Anna.", "en": ""}).status_code == 422
    kept = {"item": "5", "nl": "Twee open vragen.", "en": ""}
    assert coach.post(f"{url}/agreed", kept).status_code == 303
    assert third.post(f"{url}/agreed", kept).status_code == 404
    for who in (*OUTSIDE, "anna"):
        browser = browser_as(sharing.id(who))
        assert browser.get(url).status_code == 404, who
        assert browser.post(f"{url}/listen").status_code == 404, who
    assert coach.post(f"{url}/end").status_code == 303
    assert sharing.sheets() == 0
    assert third.get(url).status_code == 404
    assert "Twee open vragen." in third.get("/calibrations").text
    assert "Twee open vragen." in anna.get("/criteria").text
    assert "Twee open vragen." in coach.get(f"/samples/{sharing.sample}").text
    for who in ("anna", "bob", "third"):
        item = browser_as(sharing.id(who)).get("/criteria").text.split('id="item-5"')[1].split("</li>")[0]
        assert "Twee open vragen." in item, who
        assert "Anna" not in item, who


@pytest.mark.in_part("postgresql")
@pytest.mark.rule("CAL-3", "ACC-5")
def test_who_scores_is_not_told_by_their_own_log_but_the_employee_sees_who_heard(
    sharing: Sharing, browser_as: Browser
) -> None:
    """The employee sees name, function and purpose; the coach's own lines name nobody and no moment."""
    held = sharing.session()
    sharing.yes()
    third, anna = browser_as(sharing.third), browser_as(sharing.id("anna"))
    assert third.post(f"/calibrations/{held}/listen").status_code == 303
    assert "Third Jansen" in anna.get(f"/calls/{sharing.recording}").text
    assert "kalibratie" in anna.get(f"/calls/{sharing.recording}").text
    own = third.get("/my-data?who=me").text
    assert "Anna" not in own
    assert "Third Jansen" in anna.get("/my-data").text


@pytest.mark.rule("CAL-1", "RET-7")
@pytest.mark.parametrize("purpose", ["calibration", "training"])
def test_a_withdrawn_consent_stops_a_running_playback_within_two_seconds(
    sharing: Sharing, browser_as: Browser, purpose: str
) -> None:
    """The employee clicks once; the next ranges are refused, and nothing opens again."""
    if purpose == "calibration":
        opening = f"/calibrations/{sharing.session()}/listen"
        sharing.yes()
    else:
        opening = f"/training-calls/{sharing.in_training(sharing.training())}/listen"
    third, anna = browser_as(sharing.third), browser_as(sharing.id("anna"))
    addresses = third.get(path(third.post(opening, headers={"Accept": "application/json"}))).json
    assert addresses is not None
    assert third.get(addresses["sound_url"], buffered=True).status_code == 200
    answer = anna.post(f"/calls/{sharing.recording}/consent/refuse", {"purpose": purpose})
    assert answer.status_code == 303
    begun = time.monotonic()
    while third.get(addresses["state_url"]).status_code == 204:
        assert time.monotonic() - begun < 2, "the sound went on"
        time.sleep(0.1)
    assert third.get(addresses["sound_url"], buffered=True).status_code in (404, 410)
    assert third.post(opening).status_code == 404


@pytest.mark.rule("CAL-2", "RET-4")
def test_a_training_plays_within_its_days_and_then_closes(sharing: Sharing, browser_as: Browser) -> None:
    """With labels, for those who are in it; by itself after its last day."""
    coach, bob = browser_as(sharing.id("coach")), browser_as(sharing.id("bob"))
    today = clock.today()
    sent = {"name": " Doorvragen  in drie stappen ", "kind": "customer_contact", "begins": today.isoformat()}
    sent |= {"ends": (today + timedelta(days=3)).isoformat()}
    assert coach.post("/trainings/new", sent).status_code == 422
    url = path(coach.post("/trainings/new", sent | {"participants": [sharing.id("bob"), sharing.third]}))
    training = url.rsplit("/", 1)[1]
    assert "Doorvragen in drie stappen" in bob.get("/trainings").text
    assert "/calls/" not in bob.get(url).text
    consent = sharing.in_training(training)
    page = bob.get(url).text
    assert f"{url}/calls/{consent}" in page
    assert "Anna" not in page
    assert bob.get(f"{url}/calls/{consent}").status_code == 200
    assert path(bob.post(f"/training-calls/{consent}/listen")).startswith(f"{url}/calls/{consent}?lease=")
    for who in ("carla", "other_coach", "lead", "administrator", "officer"):
        browser = browser_as(sharing.id(who))
        assert browser.get(url).status_code == 404, who
        assert browser.post(f"/training-calls/{consent}/listen").status_code == 404, who
    assert bob.post(f"{url}/close").status_code == 404
    sharing.month.now.move(timedelta(days=4))
    late = browser_as(sharing.id("bob"))
    assert late.get(url).status_code == 404
    assert late.post(f"/training-calls/{consent}/listen").status_code == 404
    assert ending.sweep(sharing.month.stores).trainings == 1
    with sharing.month.stores.database.read() as session:
        assert session.get_one(Training, training).closed_at is not None


@pytest.mark.in_part("postgresql")
@pytest.mark.rule("CAL-2")
def test_a_training_in_coaching_skills_is_for_coaches_only(sharing: Sharing, browser_as: Browser) -> None:
    """Setting it up and, whatever became of somebody since, entering it."""
    coach, today = browser_as(sharing.id("coach")), clock.today()
    sent = {"name": "Feedback", "kind": "coaching", "begins": today.isoformat(), "ends": today.isoformat()}
    bob = {"participants": [sharing.id("bob")]}
    assert coach.post("/trainings/new", sent | bob).status_code == 422
    training = sharing.training("coaching", ("third",))
    assert browser_as(sharing.third).get(f"/trainings/{training}").status_code == 200
    with sharing.month.stores.database.write() as session:
        period = session.scalars(
            select(FunctionPeriod).where(FunctionPeriod.person_id == sharing.third)
        ).one()
        period.function = "employee"
    assert browser_as(sharing.third).get(f"/trainings/{training}").status_code == 404


@pytest.mark.in_part("postgresql")
@pytest.mark.rule("CAL-1", "SAM-6", "THR-3")
def test_a_threat_ends_every_use(sharing: Sharing, browser_as: Browser) -> None:
    """The call serves nothing else from then on, and no yes brings it back."""
    held, consent = sharing.session(), sharing.in_training(sharing.training())
    sharing.yes()
    anna, third = browser_as(sharing.id("anna")), browser_as(sharing.third)
    sent = {"kind": "verbal", "account": "Hij schold."}
    assert anna.post(f"/calls/{sharing.recording}/threat", sent).status_code == 303
    assert third.get(f"/calibrations/{held}").status_code == 404
    assert third.post(f"/training-calls/{consent}/listen").status_code == 404
    assert ending.sweep(sharing.month.stores).sessions == 1
    give = f"/calls/{sharing.recording}/consent/give"
    assert anna.post(give, {"purpose": "calibration"}).status_code == 404
    assert anna.get(f"/calls/{sharing.recording}/consent").status_code == 200
    refuse = f"/calls/{sharing.recording}/consent/refuse"
    assert anna.post(refuse, {"purpose": "training"}).status_code == 303


@pytest.mark.rule("RET-4", "RET-8")
def test_consent_extends_nothing(sharing: Sharing, browser_as: Browser) -> None:
    """After 28 days the recording is erased, and with it consents, sessions and sheets."""
    held = sharing.session(ends=LAST)
    sharing.yes()
    sharing.scored(held, "third")
    sharing.month.now.move(timedelta(days=28))
    assert browser_as(sharing.third).get(f"/calibrations/{held}").status_code == 404
    erasure.erase_due(sharing.month.stores, system("erase"))
    assert sharing.sheets() == 0
    assert sharing.state() == "None"
    with sharing.month.stores.database.read() as session:
        assert session.scalar(select(Calibration.id)) is None


@pytest.mark.in_part("postgresql")
@pytest.mark.rule("CAL-1", "REP-5")
@pytest.mark.parametrize("who", ["anna", "coach"])
def test_the_end_of_a_function_ends_what_hangs_on_it(sharing: Sharing, browser_as: Browser, who: str) -> None:
    """The employee's consents, or the leader's sessions and the trainer's trainings, for good."""
    held, training = sharing.session(), sharing.training()
    consent = sharing.in_training(training)
    sharing.yes()
    stores = sharing.month.stores
    with stores.database.write() as session:
        period = session.scalars(
            select(FunctionPeriod).where(FunctionPeriod.person_id == sharing.id(who))
        ).one()
        told = succession.consequences(session, sharing.id(who), Function(period.function), clock.today())
        shared = (told.consents, told.sessions, told.trainings)
        assert shared == ((2, 0, 0) if who == "anna" else (0, 1, 1))
        functions.end(session, system("test"), period.id, clock.today())
    third = browser_as(sharing.third)
    if who == "anna":
        assert third.post(f"/calibrations/{held}/listen").status_code == 404
        assert third.post(f"/training-calls/{consent}/listen").status_code == 404
    assert following.follow(stores).failed == 0
    assert third.get(f"/calibrations/{held}").status_code == 404
    assert third.post(f"/training-calls/{consent}/listen").status_code == 404
    assert sharing.state() == ("withdrawn" if who == "anna" else "given")
    with stores.database.read() as session:
        left = session.scalars(select(Notice.id).where(Notice.word.startswith("consent."))).all()
    assert bool(left) == (who == "coach"), "what was told of an employee's consents goes with the function"


@pytest.mark.rule("CAL-3")
def test_nobody_waits_for_a_coach_who_has_left(sharing: Sharing) -> None:
    """The others' forms lie open with the next sweep."""
    held = sharing.session("coach", "other_coach", "third")
    sharing.yes()
    sharing.scored(held, "coach")
    sharing.scored(held, "other_coach")
    sharing.leave("third")
    assert ending.sweep(sharing.month.stores).sessions == 0
    with sharing.month.stores.database.read() as session:
        assert calibrations.facts(session, held, clock.now()).compared


@pytest.mark.in_part("postgresql")
@pytest.mark.rule("CAL-1")
def test_what_is_wrong_is_said_and_kept(sharing: Sharing, browser_as: Browser) -> None:
    """Each fault on the page it was made on, with what was typed; asked twice by two coaches' windows."""
    coach, anna = browser_as(sharing.id("coach")), browser_as(sharing.id("anna"))
    ask = f"/samples/{sharing.sample}/ask/calibration"
    wrong = coach.post(ask, {"scorers": [sharing.third], "ends": LAST.isoformat()})
    assert wrong.status_code == 422
    assert f'value="{LAST.isoformat()}"' in wrong.text
    assert 'id="error-summary"' in wrong.text
    assert coach.post(ask, {"ends": "morgen"}).status_code == 422
    assert coach.post(f"/samples/{sharing.sample}/ask/training", {}).status_code == 422
    convened(sharing, coach)
    two = {"scorers": [sharing.id("other_coach"), sharing.third], "ends": LAST.isoformat()}
    assert coach.post(ask, two).status_code == 409
    for purpose in ("", "monitoring", "threat"):
        answer = anna.post(f"/calls/{sharing.recording}/consent/give", {"purpose": purpose})
        assert answer.status_code == 422, purpose
    foreign = {"purpose": "training", "training_id": "0" * 32}
    assert anna.post(f"/calls/{sharing.recording}/consent/give", foreign).status_code == 422
    assert anna.post(f"/calls/{sharing.recording}/consent/refuse", foreign).status_code == 404
    assert browser_as(sharing.id("bob")).get(f"/calls/{sharing.recording}/consent").status_code == 404


@pytest.mark.in_part("postgresql")
@pytest.mark.rule("CAL-1", "ACC-2")
def test_offered_calls_stand_with_the_employees_own_coach(sharing: Sharing, browser_as: Browser) -> None:
    """For calibration, and for a training of that coach; nobody else is offered anything."""
    anna, coach = browser_as(sharing.id("anna")), browser_as(sharing.id("coach"))
    training = sharing.training()
    give = f"/calls/{sharing.recording}/consent/give"
    assert anna.post(give, {"purpose": "calibration"}).status_code == 303
    assert anna.post(give, {"purpose": "training", "training_id": training}).status_code == 303
    found = re.search(r"/offers/([0-9a-f]{32})/calibration", coach.get("/calibrations").text)
    assert found
    other = browser_as(sharing.id("other_coach"))
    assert found.group(1) not in other.get("/calibrations").text
    assert other.get(found.group(0)).status_code == 404
    assert coach.get(found.group(0)).status_code == 200
    two = {"scorers": [sharing.id("coach"), sharing.third], "ends": LAST.isoformat()}
    assert coach.post(found.group(0), {"ends": LAST.isoformat()}).status_code == 422
    assert coach.post(found.group(0), two).status_code == 303
    assert coach.post(found.group(0), two).status_code == 409
    assert browser_as(sharing.id("bob")).get(f"/trainings/{training}").text.count("/calls/") == 1
    with sharing.month.stores.database.read() as session:
        assert len(trainings.calls_in(session, training, clock.now())) == 1
