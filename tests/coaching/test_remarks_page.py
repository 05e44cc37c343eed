"""The pages of remarks in the call as plain requests: without script, in the report, and who is led where."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from kcc import clock
from kcc.web import unsent
from tests.coaching.conftest import DRAW_DAY, Month
from tests.coaching.test_draft import COMPLETE
from tests.conftest import Client

Browser = Callable[[str], Client]
REMARK = {"note-000a": "onderbreekt de klant", "about-000a": "6", "at-000a": "0:12"}


@pytest.fixture
def heard(month: Month) -> Month:
    """Anna's four drawn calls have a sound and so a key."""
    month.announce()
    month.go_to(DRAW_DAY)
    for hours in range(1, 6):
        month.centre.call("anna", clock.now() - timedelta(hours=hours), seconds=30)
    month.draw()
    return month


def sample_url(month: Month) -> str:
    """The scoring page of anna's first drawn call."""
    return f"/samples/{month.samples(month.centre.anna)[0].id}"


def finished(month: Month, coach: Client, said: dict[str, str]) -> str:
    """Score and finish it; gives the report's address."""
    url = sample_url(month)
    assert coach.post(url, {"revision": "0", **COMPLETE, **said}).status_code == 303
    return coach.post(f"{url}/finish", {"revision": "1"}).headers["Location"]


def test_without_script_the_moment_is_typed(heard: Month, browser_as: Browser) -> None:
    """The page offers an empty remark; what was sent comes back in time order, and a new empty one."""
    coach, url = browser_as(heard.centre.coach), sample_url(heard)
    new = re.findall(r'name="note-(\w+)"', coach.get(url).text)
    assert len(new) == 1
    sent = {f"note-{new[0]}": "later", f"at-{new[0]}": "00:20", f"about-{new[0]}": ""}
    assert coach.post(url, {"revision": "0", **sent}).status_code == 303
    assert coach.post(url, {"revision": "1", **REMARK}).status_code == 303
    page = coach.get(url).text
    assert re.findall(r'name="note-(\w+)"', page)[:2] == ["000a", new[0]]
    assert re.findall(r'name="at-\w+"[^>]* value="([^"]*)"', page) == ["0:12", "0:20", ""]


@pytest.mark.parametrize("moment", ["twee", "0:31", "2:60"])
def test_a_wrong_moment_comes_back_with_its_error(heard: Month, browser_as: Browser, moment: str) -> None:
    """Beside the field, with what was typed; nothing is saved."""
    coach, url = browser_as(heard.centre.coach), sample_url(heard)
    answer = coach.post(url, {"revision": "0", **REMARK, "at-000a": moment})
    assert answer.status_code == 422
    assert 'href="#at-000a"' in answer.text
    assert f'value="{moment}"' in answer.text
    assert REMARK["note-000a"] in answer.text
    assert REMARK["note-000a"] not in coach.get(url).text


@pytest.mark.rule("RGT-1", "REP-4", "RET-8")
def test_the_report_leads_who_may_hear_the_call_to_the_moment(heard: Month, browser_as: Browser) -> None:
    """The employee to their own call, by a place that no server sees; the coach reads the text alone; after
    the deadline so does the employee.
    """
    coach, anna = browser_as(heard.centre.coach), browser_as(heard.centre.anna)
    report = finished(heard, coach, REMARK)
    (link,) = re.findall(r'href="(/calls/\w+)#t=12"', anna.get(report).text)
    assert anna.get(link).status_code == 200
    of_coach = coach.get(report).text
    assert REMARK["note-000a"] in of_coach
    assert "#t=" not in of_coach
    assert "0:12" not in of_coach
    heard.now.set(clock.now() + timedelta(days=28))
    later = browser_as(heard.centre.anna).get(report).text
    assert REMARK["note-000a"] in later
    assert "#t=" not in later


def test_an_unsaved_text_is_sealed_for_one_person_and_thing() -> None:
    """Another person's page has another key, and so has the same person's page of another call."""
    keys = {unsent.key(b"s" * 32, person, thing) for person in ("a", "b") for thing in ("x", "y")}
    assert len(keys) == 4
    assert unsent.key(b"s" * 32, "a", "x") in keys
    assert unsent.key(b"t" * 32, "a", "x") not in keys


@pytest.mark.rule("SAM-5")
def test_not_representative_is_at_hand(heard: Month, browser_as: Browser) -> None:
    """One link on the scoring page; the remarks go with the draft."""
    coach, url = browser_as(heard.centre.coach), sample_url(heard)
    coach.post(url, {"revision": "0", **REMARK})
    assert f'href="{url}/not-representative"' in coach.get(url).text
    assert coach.post(f"{url}/not-representative", {"reason": "private"}).status_code == 303
    assert coach.get(url).status_code == 404
