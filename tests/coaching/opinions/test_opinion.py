"""A second opinion as browsers meet it: asked, taken, scored blind, compared, concluded; and by the wrong
person, twice, too late and at once.
"""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from kcc import clock
from kcc.audit.model import AuditLine
from kcc.coaching.model import Report
from kcc.coaching.opinions import ending
from kcc.errors import KccError
from kcc.people.model import FunctionPeriod
from kcc.recordings import playback
from kcc.recordings.model import Recording
from tests.coaching.opinions.conftest import FIRST, SECOND, SECRETS, Case, main_of

pytestmark = pytest.mark.in_part("postgresql")

OTHERS = ("bob", "lead")
"""The matrix of rights asks everybody; these two are the nearest."""


@pytest.mark.rule("REP-8", "REP-4")
def test_from_the_question_to_the_conclusion(case: Case) -> None:
    """Anna asks, the other coach scores, all three see both, two conclude; the report stays as it was."""
    before = report_of(case)
    assert case.ask("Ik denk dat Bob het anders krijgt.") == 303
    assert "opinion.asked" in case.told("coach")
    assert "opinion.waiting" in case.told("other_coach")
    assert "opinion.waiting" not in case.told("coach")
    waiting = case.at("other_coach").get("/opinions").text
    assert f"{case.url}/take" in waiting
    assert "Anna" not in main_of(waiting)
    assert case.take() == 303
    assert "opinion.taken" in case.told("anna")
    case.score()
    assert "opinion.scored" in case.told("anna") & case.told("coach")
    for who in ("anna", "coach", "other_coach"):
        page = case.at(who).get(f"{case.url}/compared")
        assert page.status_code == 200, who
        assert all(text in page.text for text in ("Vraag door naar het doel.", "Vat goed samen."))
        assert "Beide coaches gaven bij 19 van 21 punten hetzelfde antwoord; 2 verschillen." in page.text
    anna, coach = case.at("anna"), case.at("coach")
    text = "Item 5 bespreken we samen."
    assert anna.post(f"{case.url}/conclusion", {"revision": "0", "conclusion": text}).status_code == 303
    assert anna.post(f"{case.url}/confirm", {"revision": "1"}).status_code == 303
    assert "opinion.agreed" in case.told("coach")
    assert coach.post(f"{case.url}/confirm", {"revision": "1"}).status_code == 303
    assert case.row.concluded_at is not None
    assert text in anna.get(f"{case.url}/compared").text
    assert text in coach.get(f"{case.url}/compared").text
    assert f"{case.url}/compared" in anna.get(case.report_url).text
    after = report_of(case)
    assert (after.content, after.revision, after.finished_at) == (
        before.content,
        before.revision,
        before.finished_at,
    )


@pytest.mark.rule("REP-8")
def test_the_second_coach_meets_nothing_of_the_first(case: Case) -> None:
    """No page, list, address or fault of theirs holds what the first wrote or chose, until both are there."""
    case.ask("Bij item 5 was ik het niet eens.")
    second = case.at("other_coach")
    with case.month.stores.database.read() as session:
        (report_id,) = session.scalars(select(Report.id))
        sample_id = session.scalars(select(Report.sampled_call_id)).one()
    shown = [second.get("/opinions"), second.get("/notices")]
    case.take()
    wrong = ({"revision": "9", "answer-3": "no"}, {"revision": "0", "answer-3": "?"})
    shown += [second.post(case.url, body) for body in wrong]
    asks = {"Accept": "application/json"}
    shown.append(
        second.post(f"{case.url}/autosave", json={"revision": 9, "changes": {"answer-5": "na"}}, headers=asks)
    )
    shown += [second.get(case.url), second.get(f"{case.url}/finish"), second.get("/opinions")]
    shown.append(second.post(f"{case.url}/finish", {"revision": "0"}))
    addresses = (
        case.report_url,
        f"{case.report_url}/second-opinion",
        f"/samples/{sample_id}",
        f"{case.url}/compared",
        f"{case.url}/confirm",
    )
    nothing = second.get("/reports/" + "0" * 32)
    for address in addresses:
        answer = second.get(address)
        assert answer.status_code == 404, address
        assert main_of(answer.text) == main_of(nothing.text)
    shown += [second.get("/reports"), second.get("/my-data"), second.get("/samples")]
    for answer in shown:
        assert not any(secret in answer.text for secret in SECRETS), answer.request.path
        assert "Bij item 5 was ik het niet eens." not in answer.text
        assert report_id not in answer.text
        assert sample_id not in answer.text
    page = second.get(case.url).text
    assert not re.search(r'name="answer-\d+"[^>]* checked', page)
    assert 'name="finding-well"' not in page


@pytest.mark.rule("REP-8", "PUR-1", "ACC-5")
def test_the_second_coach_hears_the_call_for_this_purpose(case: Case) -> None:
    """From taking it until it is scored; the employee sees it, and the player names why."""
    case.ask()
    second = case.at("other_coach")
    asks = {"Accept": "application/json"}
    assert second.post(f"{case.url}/listen", headers=asks).status_code == 404
    case.take()
    opened = second.post(f"{case.url}/listen", headers=asks)
    told = second.get(opened.headers["Location"]).json
    assert second.get(told["sound_url"]).status_code == 200
    for other in ("anna", "coach", "bob", "lead"):
        assert case.at(other).post(f"{case.url}/listen", headers=asks).status_code == 404
        assert case.at(other).get(told["sound_url"]).status_code == 404
    with case.month.stores.database.read() as session:
        query = select(AuditLine.purpose).where(AuditLine.action == "opinion:play", AuditLine.allowed)
        assert session.scalars(query).all() == ["second_opinion"]
    page = case.at("anna").get(f"/calls/{case.row.recording_id}").text
    assert "een second opinion geven" in page


@pytest.mark.rule("REP-8", "ACC-1")
@pytest.mark.parametrize("how", ["withdrawn", "lapsed", "scored", "threat", "no coach"])
def test_a_right_that_ends_stops_the_sound(case: Case, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy is asked again while it plays: the next range is refused."""
    monkeypatch.setattr(playback, "ASK_AGAIN_SECONDS", 0.0)
    case.ask()
    case.take()
    second = case.at("other_coach")
    opened = second.post(f"{case.url}/listen", headers={"Accept": "application/json"})
    told = second.get(opened.headers["Location"]).json
    assert second.get(told["state_url"]).status_code == 204
    stores = case.month.stores
    if how == "withdrawn":
        assert case.at("anna").post(f"{case.url}/withdraw").status_code == 303
    if how == "lapsed":
        with stores.database.write() as session:
            session.execute(update(type(case.row)).values(ends_at=clock.now()))
    if how == "scored":
        case.score()
    with stores.database.write() as session:
        if how == "threat":
            session.execute(update(Recording).values(sample_barred=True))
        if how == "no coach":
            mine = FunctionPeriod.person_id == case.month.centre.other_coach
            session.execute(update(FunctionPeriod).where(mine).values(ends=clock.today()))
    assert second.get(told["state_url"]).status_code in (404, 410, 401)
    assert second.get(told["sound_url"]).status_code in (404, 410, 401)


@pytest.mark.rule("REP-8")
def test_by_the_wrong_person_there_is_nothing(case: Case) -> None:
    """At every door of it, in every state; the first coach cannot take it, nor can who leads the employee."""
    case.ask()
    urls = [f"{case.url}{part}" for part in ("", "/compared", "/confirm", "/finish")]
    posts = [
        f"{case.url}{p}" for p in ("", "/take", "/withdraw", "/listen", "/finish", "/conclusion", "/confirm")
    ]
    for state in ("waiting", "scoring", "scored"):
        if state == "scoring":
            case.take()
        if state == "scored":
            case.score()
        for other in OTHERS:
            stranger = case.at(other)
            for address in (*urls, f"{case.report_url}/second-opinion"):
                assert stranger.get(address).status_code == 404, (state, other, address)
            for address in posts:
                sent = {"revision": "0", "conclusion": "x"}
                assert stranger.post(address, sent).status_code == 404, (state, other, address)
        coach = case.at("coach")
        assert coach.post(f"{case.url}/take").status_code == 404
        assert coach.get(case.url).status_code == 404
        assert coach.post(f"{case.url}/withdraw").status_code == 404
        assert f"{case.url}/take" not in coach.get("/opinions").text
    assert case.row.second_id == case.month.centre.other_coach


@pytest.mark.rule("REP-8", "ACC-3")
def test_a_team_lead_of_the_employee_gives_none(case: Case) -> None:
    """Also where they are a coach besides: nobody is both to one employee."""
    stores, centre = case.month.stores, case.month.centre
    with stores.database.write() as session:
        (red,) = session.scalars(
            select(FunctionPeriod.team_id).where(FunctionPeriod.person_id == centre.lead)
        )
        begins = clock.today() - timedelta(days=9)
        both = FunctionPeriod(person_id=centre.other_coach, function="team_lead", team_id=red, begins=begins)
        session.add(both)
    refused = case.at("anna").post(f"{case.report_url}/second-opinion", {"why": ""})
    assert refused.status_code == 409
    assert "Er is geen andere coach" in refused.text


@pytest.mark.rule("REP-8")
def test_asked_twice_and_withdrawn(case: Case) -> None:
    """One stands at a time; what was withdrawn leaves nothing to read, and another may be asked."""
    assert case.ask("eerste") == 303
    assert case.ask("tweede") == 409
    case.take()
    second, first = case.at("other_coach"), case.row
    assert (
        second.post(case.url, {"revision": "0", "answer-3": "no", "remark-3": "Te kort."}).status_code == 303
    )
    assert case.at("anna").post(f"{case.url}/withdraw").status_code == 303
    assert "opinion.withdrawn" in case.told("other_coach")
    for answer in (second.get(case.url), second.post(case.url, {"revision": "1", "answer-3": "yes"})):
        assert answer.status_code == 404
    assert case.at("anna").post(f"{case.url}/withdraw").status_code == 404
    kept = case.row
    assert (kept.content, kept.why, kept.ended_why) == (None, None, "withdrawn")
    assert case.month.stores.keys.holds([first.id]) == set()
    assert case.ask() == 303
    assert case.row.id != first.id


@pytest.mark.rule("REP-8")
def test_two_coaches_at_the_same_moment(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both were shown that it waits, both were permitted: the database lets one through."""
    from kcc.coaching.opinions import queries, taking

    stores, centre = case.month.stores, case.month.centre
    with stores.database.write() as session:
        both = FunctionPeriod(person_id=centre.carla, function="coach", begins=clock.today())
        session.add(both)
    case.ask()
    opinion_id = case.row.id
    with stores.database.read() as session:
        seen = queries.facts(session, opinion_id, clock.now())
    assert case.take() == 303
    monkeypatch.setattr(queries, "facts", lambda *_: seen)  # as carla's request saw it a moment before
    with pytest.raises(KccError) as told, stores.database.write() as session:
        taking.take(session, centre.actor(centre.carla), opinion_id)
    assert told.value.code == "refused"
    assert case.row.second_id == centre.other_coach


@pytest.mark.rule("RET-6", "RET-7", "REP-8")
def test_too_late_there_is_no_recording(case: Case) -> None:
    """Once the call is due nobody can ask, and the page says why; a threat is nobody's to hear either."""
    page = case.at("anna").get(f"{case.report_url}/second-opinion").text
    assert "14 dec" in main_of(page), "says until when"
    with case.month.stores.database.write() as session:
        session.execute(update(Recording).values(sample_barred=True))
    assert case.ask() == 409
    with case.month.stores.database.write() as session:
        session.execute(update(Recording).values(sample_barred=False, due_at=clock.now()))
    assert "gewist" in main_of(case.at("anna").get(f"{case.report_url}/second-opinion").text)
    assert case.ask() == 409


@pytest.mark.rule("REP-8", "RET-6")
@pytest.mark.parametrize("begun", [False, True])
def test_what_is_not_scored_ends_by_itself(case: Case, begun: bool) -> None:
    """A question that nobody began to score ends with the recording, one that was begun after 14 days."""
    stores = case.month.stores
    case.ask()
    case.take()
    if begun:
        case.at("other_coach").post(case.url, {"revision": "0", "answer-3": "no"})
    with stores.database.write() as session:
        session.execute(update(Recording).values(due_at=clock.now() + timedelta(days=3)))
    case.month.now.move(timedelta(days=3))
    case.again()
    assert case.at("other_coach").post(f"{case.url}/listen").status_code == 404
    assert ending.end_due(stores) == (0 if begun else 1)
    if begun:
        assert case.at("other_coach").get(case.url).status_code == 200, "what was begun can be finished"
        case.month.now.move(timedelta(days=11))
        case.again()
        assert case.at("other_coach").get(case.url).status_code == 404, "before any job ran"
        assert ending.end_due(stores) == 1
    assert case.row.ended_why == ("lapsed" if begun else "erased")
    assert stores.keys.holds([case.row.id]) == set()
    for who in ("anna", "coach", "other_coach"):
        assert f"opinion.{case.row.ended_why}" in case.told(who)
    assert ending.end_due(stores) == 0, "told once"


def test_texts_that_are_wrong_stay_on_the_page(case: Case) -> None:
    """Too long, empty, not to be stored; nothing is kept of them, and the field says what is wrong."""
    anna, long = case.at("anna"), "a" * 1001
    answer = anna.post(f"{case.report_url}/second-opinion", {"why": long})
    assert answer.status_code == 422
    assert long in answer.text
    assert 'href="#why"' in answer.text
    assert case.row is None
    case.ask("x" * 1000)
    case.take()
    second = case.at("other_coach")
    assert second.post(case.url, {"revision": "0", "finding-well": "Goed."}).status_code == 422
    assert second.post(case.url, {"revision": "0", "answer-1": "yes"}).status_code == 422
    assert second.post(f"{case.url}/finish", {"revision": "0"}).status_code == 422
    case.score()
    for text in ("", "   ", "b" * 4001):
        answer = anna.post(f"{case.url}/conclusion", {"revision": "0", "conclusion": text})
        assert answer.status_code == 422
        assert 'href="#conclusion"' in answer.text
    assert anna.post(f"{case.url}/confirm", {"revision": "0"}).status_code == 422
    assert case.row.conclusion is None


@pytest.mark.rule("REP-8")
def test_both_write_the_conclusion_at_once(case: Case) -> None:
    """The second sees what the first wrote beside what they typed; a confirmation is of the text that was
    read, and falls with it.
    """
    case.ask()
    case.take()
    case.score()
    anna, coach, url = case.at("anna"), case.at("coach"), case.url
    assert anna.post(f"{url}/conclusion", {"revision": "0", "conclusion": "van anna"}).status_code == 303
    other = coach.post(f"{url}/conclusion", {"revision": "0", "conclusion": "van de coach"})
    assert other.status_code == 409
    assert "van anna" in other.text
    assert "van de coach" in other.text
    assert anna.post(f"{url}/confirm", {"revision": "1"}).status_code == 303
    assert coach.post(f"{url}/conclusion", {"revision": "1", "conclusion": "samen"}).status_code == 303
    assert "opinion.reopened" in case.told("anna")
    assert anna.post(f"{url}/confirm", {"revision": "1"}).status_code == 409
    assert coach.post(f"{url}/confirm", {"revision": "2"}).status_code == 303
    assert coach.post(f"{url}/confirm", {"revision": "2"}).status_code == 303
    assert case.row.concluded_at is None, "one of the two is not both"
    assert anna.post(f"{url}/confirm", {"revision": "2"}).status_code == 303
    for who in (anna, coach):
        assert who.post(f"{url}/conclusion", {"revision": "2", "conclusion": "later"}).status_code == 404
    assert case.at("other_coach").get(f"{url}/compared").status_code == 404, "it closed for the second coach"


@pytest.mark.rule("REP-8", "REP-4")
def test_the_second_coach_looks_back_for_four_weeks(case: Case) -> None:
    """Neither the employee's why nor the conclusion is theirs to read, and then the page closes."""
    case.ask("Alleen voor mijn coach.")
    case.take()
    case.score()
    second = case.at("other_coach")
    case.at("anna").post(f"{case.url}/conclusion", {"revision": "0", "conclusion": "Alleen van ons."})
    page = second.get(f"{case.url}/compared").text
    assert "Alleen voor mijn coach." not in page
    assert "Alleen van ons." not in page
    assert second.post(f"{case.url}/conclusion", {"revision": "1", "conclusion": "x"}).status_code == 404
    assert second.get(f"{case.url}/confirm").status_code == 404
    assert second.get(case.url).headers["Location"] == f"{case.url}/compared"
    assert second.post(case.url, {"revision": "1", **SECOND}).status_code == 404
    case.month.now.move(timedelta(days=28))
    case.again()
    assert case.at("other_coach").get(f"{case.url}/compared").status_code == 404
    assert case.at("anna").get(f"{case.url}/compared").status_code == 200
    assert case.at("coach").get(f"{case.url}/compared").status_code == 200


def test_autosave_and_another_window(case: Case) -> None:
    """As on the scoring page of a drawn call: a stale revision is answered with what is kept."""
    case.ask()
    case.take()
    second, url = case.at("other_coach"), f"{case.url}/autosave"
    asks = {"Accept": "application/json"}
    saved = second.post(url, json={"revision": 0, "changes": {"remark-3": "eerste"}}, headers=asks)
    assert saved.json == {"revision": 1, "saved_at": "09:00:00"}
    stale = second.post(url, json={"revision": 0, "changes": {"remark-3": "tweede"}}, headers=asks)
    assert (stale.status_code, stale.json["kept"]) == (409, {"remark-3": "eerste"})
    for body in ({"changes": {}}, {"revision": 1, "changes": []}, [], "x"):
        assert second.post(url, json=body, headers=asks).status_code == 422
    page = second.post(case.url, {"revision": "0", "remark-3": "derde"})
    assert page.status_code == 409
    assert "eerste" in page.text
    assert "derde" in page.text


@pytest.mark.rule("RET-8", "REP-8")
def test_what_is_written_is_sealed(case: Case) -> None:
    """Neither the why, nor the sheet, nor the conclusion stands anywhere in the clear; notices hold none."""
    case.ask("Een geheime reden.")
    case.take()
    case.score()
    case.at("anna").post(f"{case.url}/conclusion", {"revision": "0", "conclusion": "Een geheim slot."})
    kept = case.row
    for sealed in (kept.why, kept.content, kept.conclusion):
        assert sealed
        assert b"geheim" not in sealed
        assert b"Vat goed" not in sealed
    with case.month.stores.database.read() as session:
        said = " ".join(str(line) for line in session.execute(select(AuditLine.body)).all())
    assert not any(text in said for text in ("geheim", "Vat goed", FIRST["remark-5"]))


def report_of(case: Case) -> Report:
    """The report, as it is kept."""
    with case.month.stores.database.read() as session:
        return session.scalars(select(Report)).one()
