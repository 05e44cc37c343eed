"""The pages of coaching as browsers meet them, from the drawn call to the report that its employee reads."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, update

from kcc.audit.model import AuditLine
from kcc.coaching.model import Report
from kcc.recordings.model import Recording
from tests.coaching.conftest import DRAW_DAY, Month
from tests.conftest import Client

Browser = Callable[[str], Client]
OTHERS = (
    "bob",
    "carla",
    "other_coach",
    "lead",
    "other_lead",
    "manager",
    "officer",
    "administrator",
    "council",
)
ALL_YES = {f"answer-{number}": "yes" for number in range(3, 24)}


@pytest.fixture
def heard(month: Month) -> Month:
    """Anna has one drawn call, with sound."""
    month.announce()
    month.go_to(DRAW_DAY)
    month.centre.call("anna", seconds=30)
    month.draw()
    return month


def sample_url(month: Month) -> str:
    """The address of anna's first drawn call."""
    return f"/samples/{month.samples(month.centre.anna)[0].id}"


def scored(month: Month, browser: Client, **more: str) -> str:
    """Fill in and save the whole form; gives the call's address."""
    url = sample_url(month)
    said = {
        **ALL_YES,
        "answer-5": "no",
        "remark-5": "Vraag door na het doel.",
        "point-1": "Stel open vragen.",
    }
    assert browser.post(url, {"revision": "0", **said, **more}).status_code == 303
    return url


@pytest.mark.rule("REP-1", "REP-4", "REP-9", "ACC-3", "ACC-6")
def test_from_a_drawn_call_to_a_report_that_two_people_read(heard: Month, browser_as: Browser) -> None:
    """The coach scores and finishes; coach and employee read it, and nobody else can by any route."""
    coach, anna = browser_as(heard.centre.coach), browser_as(heard.centre.anna)
    board = coach.get("/samples").text
    assert sample_url(heard) in board
    assert "Anna Jansen" in board
    page = coach.get(sample_url(heard)).text
    assert 'name="answer-23"' in page
    url = scored(heard, coach)
    assert anna.get("/reports").text.count("/reports/") == 0
    assert coach.get(f"{url}/finish").status_code == 200
    done = coach.post(f"{url}/finish", {"revision": "1"})
    assert done.status_code == 303
    report = done.headers["Location"]
    letter = anna.get(report)
    assert letter.status_code == 200
    assert "Vraag door na het doel." in letter.text
    assert "Stel open vragen." in letter.text
    assert coach.get(report).status_code == 200
    assert coach.get(url).headers["Location"] == report
    for other in OTHERS:
        stranger = browser_as(getattr(heard.centre, other))
        for address in (report, url, f"{url}/finish", f"{url}/not-representative"):
            assert stranger.get(address).status_code == 404, (other, address)
        assert report not in stranger.get("/reports").text
        assert stranger.post(url, {"revision": "1"}).status_code == 404


@pytest.mark.rule("REP-7")
def test_items_one_and_two_cannot_be_answered(heard: Month, browser_as: Browser) -> None:
    """They are disabled on the page, and refused when sent all the same."""
    coach = browser_as(heard.centre.coach)
    page = coach.get(sample_url(heard)).text
    assert len(re.findall(r'name="answer-[12]"[^>]* disabled', page)) == 6
    sent = coach.post(sample_url(heard), {"revision": "0", "answer-1": "yes"})
    assert sent.status_code == 422


def test_what_was_typed_stays_when_it_is_wrong(heard: Month, browser_as: Browser) -> None:
    """A remark that is too long comes back with the error beside it."""
    coach = browser_as(heard.centre.coach)
    remark = "lang " * 500
    answer = coach.post(sample_url(heard), {"revision": "0", "remark-3": remark, "answer-3": "no"})
    assert answer.status_code == 422
    assert remark.strip() in answer.text
    assert 'href="#remark-3"' in answer.text


def test_autosave_and_another_window(heard: Month, browser_as: Browser) -> None:
    """A stale revision is answered with what is kept, and changes nothing."""
    coach = browser_as(heard.centre.coach)
    url = f"{sample_url(heard)}/autosave"
    asks = {"Accept": "application/json"}
    saved = coach.post(url, json={"revision": 0, "changes": {"remark-3": "eerste"}}, headers=asks)
    assert saved.json == {"revision": 1, "saved_at": "09:00:00"}
    stale = coach.post(url, json={"revision": 0, "changes": {"remark-3": "tweede"}}, headers=asks)
    assert stale.status_code == 409
    assert stale.json["kept"] == {"remark-3": "eerste"}
    assert stale.json["revision"] == 1
    wrong = coach.post(url, json={"revision": 1, "changes": {"answer-3": "perhaps"}}, headers=asks)
    assert (wrong.status_code, wrong.json["field"]) == (422, "answer-3")
    for body in ({"changes": {}}, {"revision": 1, "changes": []}, [], "x"):
        assert coach.post(url, json=body, headers=asks).status_code == 422


def test_without_script_a_conflict_shows_both(heard: Month, browser_as: Browser) -> None:
    """The page keeps what was typed, says what the other window wrote, and saves on the next try."""
    coach, url = browser_as(heard.centre.coach), sample_url(heard)
    coach.post(url, {"revision": "0", "remark-3": "van het andere venster"})
    conflict = coach.post(url, {"revision": "0", "remark-3": "van dit venster"})
    assert conflict.status_code == 409
    assert "van het andere venster" in conflict.text
    assert "van dit venster" in conflict.text
    assert 'name="revision" value="1"' in conflict.text
    assert coach.post(url, {"revision": "1", "remark-3": "van dit venster"}).status_code == 303


def test_finishing_names_what_is_missing(heard: Month, browser_as: Browser) -> None:
    """An unfinished form cannot be finished by a direct request either."""
    coach, url = browser_as(heard.centre.coach), sample_url(heard)
    answers = {name: value for name, value in ALL_YES.items() if name != "answer-7"}
    went = coach.post(url, {"revision": "0", "finish": "1", **answers})
    assert went.headers["Location"] == f"{url}/finish"
    page = coach.get(f"{url}/finish").text
    assert re.findall(r'href="[^"]*#([^"]+)"', page.split("<main", 1)[1]) == ["answer-7", "finding-well"]
    assert coach.post(f"{url}/finish", {"revision": "1"}).status_code == 422


@pytest.mark.rule("SAM-5")
def test_not_representative(heard: Month, browser_as: Browser) -> None:
    """A reason is asked; then the call is gone for the coach and another takes its slot."""
    coach, url = browser_as(heard.centre.coach), sample_url(heard)
    scored(heard, coach)
    assert coach.get(f"{url}/not-representative").status_code == 200
    assert coach.post(f"{url}/not-representative", {"reason": "boring"}).status_code == 422
    assert coach.post(f"{url}/not-representative", {"reason": "private"}).status_code == 303
    assert coach.get(url).status_code == 404
    assert url not in coach.get("/samples").text
    with heard.stores.database.read() as session:
        assert session.scalar(select(Report)) is None


@pytest.mark.rule("SAM-6")
def test_a_flag_ends_the_coachs_access_at_once(heard: Month, browser_as: Browser) -> None:
    """Before any job runs, neither the call nor the draft about it opens."""
    coach = browser_as(heard.centre.coach)
    url = scored(heard, coach)
    with heard.stores.database.write() as session:
        session.execute(update(Recording).values(sample_barred=True))
    assert coach.get(url).status_code == 404
    assert coach.post(url, {"revision": "1", "remark-3": "x"}).status_code == 404
    assert coach.post(f"{url}/finish", {"revision": "1"}).status_code == 404
    assert url not in coach.get("/samples").text


@pytest.mark.rule("ACC-2", "PUR-1")
def test_the_coach_hears_the_drawn_call_and_nobody_elses(heard: Month, browser_as: Browser) -> None:
    """Opening it names the purpose in the audit and gives a lease; another coach gets nothing."""
    coach = browser_as(heard.centre.coach)
    opened = coach.post(f"{sample_url(heard)}/listen", headers={"Accept": "application/json"})
    assert opened.status_code == 303
    told = coach.get(opened.headers["Location"]).json
    assert coach.get(told["sound_url"]).status_code == 200
    assert browser_as(heard.centre.other_coach).post(f"{sample_url(heard)}/listen").status_code == 404
    with heard.stores.database.read() as session:
        purposes = session.scalars(
            select(AuditLine.purpose).where(AuditLine.action == "sample:play", AuditLine.allowed)
        ).all()
    assert purposes == ["monitoring"]


def test_without_script_the_page_carries_the_lease(heard: Month, browser_as: Browser) -> None:
    """The form's answer leads back to the page, which then has the browser's own player."""
    coach = browser_as(heard.centre.coach)
    back = coach.post(f"{sample_url(heard)}/listen").headers["Location"]
    assert "<audio controls" in coach.get(back).text
    assert "<audio controls" not in coach.get(f"{sample_url(heard)}?lease=nonsense").text


@pytest.mark.rule("ANN-1", "ANN-3")
def test_the_employee_sees_the_day_and_never_the_calls(month: Month, browser_as: Browser) -> None:
    """The day stands on the start page and at the reports once announced; no list marks drawn calls."""
    anna = browser_as(month.centre.anna)
    assert "16 november 2026" not in anna.get("/calls").text
    month.announce()
    assert "16 november 2026" in anna.get("/calls").text
    assert "16 november 2026" in anna.get("/reports").text
    assert "16 november 2026" not in browser_as(month.centre.coach).get("/reports").text


def test_an_unread_report_is_told_until_it_is_read(heard: Month, browser_as: Browser) -> None:
    """The start page says that it is there; the list says that it is new."""
    coach, anna = browser_as(heard.centre.coach), browser_as(heard.centre.anna)
    url = scored(heard, coach)
    report = coach.post(f"{url}/finish", {"revision": "1"}).headers["Location"]
    coach.get(report)
    assert "nieuw verslag" in anna.get("/calls").text
    anna.get(report)
    assert "nieuw verslag" not in anna.get("/calls").text


def test_a_draft_outlives_the_sound(heard: Month, browser_as: Browser) -> None:
    """After the deadline the form is still there, without a player."""
    coach = browser_as(heard.centre.coach)
    url = scored(heard, coach)
    heard.go_to(date(2026, 12, 15))
    coach = browser_as(heard.centre.coach)
    page = coach.get(url)
    assert page.status_code == 200
    assert "data-player" not in page.text
    assert url in coach.get("/samples").text
    assert coach.post(f"{url}/finish", {"revision": "1"}).status_code == 303


def test_a_colleagues_draft_is_theirs(heard: Month, browser_as: Browser) -> None:
    """Two coaches of one employee: the second may hear the call and is told who writes."""
    from kcc.people.model import CoachAssignment

    with heard.stores.database.write() as session:
        both = CoachAssignment(
            coach_id=heard.centre.other_coach, employee_id=heard.centre.anna, begins=date(2026, 1, 1)
        )
        session.add(both)
    url = scored(heard, browser_as(heard.centre.coach))
    other = browser_as(heard.centre.other_coach)
    page = other.get(url).text
    assert "data-player" in page
    assert "remark-5" not in page
    assert other.post(url, {"revision": "1", "remark-5": "x"}).status_code == 404
    assert heard.samples(heard.centre.anna)[0].left_at is None


def test_strange_addresses(heard: Month, browser_as: Browser) -> None:
    """Ids that are nobody's, and mangled links, are answered plainly."""
    coach = browser_as(heard.centre.coach)
    for address in ("/samples/nothing", "/reports/nothing", f"/samples/{'x' * 5000}"):
        assert coach.get(address).status_code == 404
    assert coach.get("/reports?before=yesterday").status_code == 422
    assert coach.post(sample_url(heard), {"revision": "many"}).status_code == 422


def test_a_page_of_each_language(heard: Month, browser_as: Browser) -> None:
    """The form's questions and the frame speak the language of the cookie."""
    coach = browser_as(heard.centre.coach)
    assert "Is de openingszin juist?" in coach.get(sample_url(heard)).text
    coach.flask.set_cookie("language", "en")
    assert "Is the opening sentence correct?" in coach.get(sample_url(heard)).text
