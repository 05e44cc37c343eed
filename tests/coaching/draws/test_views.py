"""Draws as browsers meet them: an employee checks their own, the works council sees all without names."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from kcc.coaching.draws import overview, verify
from kcc.coaching.model import Draw, SampledCall
from kcc.people.model import FunctionPeriod
from tests.coaching.conftest import DRAW_DAY, Month
from tests.coaching.draws.conftest import Proving
from tests.conftest import Client

pytestmark = pytest.mark.in_part("postgresql")

Browser = Callable[[str], Client]


def english(browser: Client) -> Client:
    """The same browser in English."""
    browser.flask.set_cookie("language", "en")
    return browser


@pytest.mark.rule("SAM-3", "ACC-5")
def test_an_employee_sets_a_phrase_and_checks_the_draw(proving: Proving, browser_as: Browser) -> None:
    """From the phrase to the file that holds it: what was in the pool, what was drawn, that it was fair."""
    month, anna = proving.month, english(browser_as(proving.month.centre.anna))
    assert "Nothing has been drawn yet" in anna.get("/my-draws").text
    assert anna.post("/my-draws/phrase", {"phrase": "  drie blauwe fietsen "}).status_code == 303
    assert "“drie blauwe fietsen”" in anna.get("/my-draws").text
    proving.hold(163)
    anna = english(browser_as(month.centre.anna))  # days later
    told = anna.get("/notices").text
    assert "A draw among your calls has been held." in told
    assert 'href="/my-draws"' in told.split("<main")[1]
    assert "163 " not in told
    page = anna.get("/my-draws").text
    assert re.search(r"163.*4", page, re.DOTALL)
    assert "fair" in page
    [address] = re.findall(r'href="(/my-draws/[0-9a-f]{32})"', page)
    page = anna.get(address).text
    assert "163 calls in the pool, 4 drawn" in page
    assert "This draw was fair" in page
    assert "kcc draw verify" in page
    for sample in month.samples(month.centre.anna):
        assert f"/calls/{sample.recording_id}" in page
    answer = anna.get(f"{address}/proof")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="draw-')
    proof = json.loads(answer.data)
    assert verify.check(proof).findings == []
    assert proof["phrase"] == "drie blauwe fietsen"
    assert anna.get("/draws/verify.py").data == Path(verify.__file__).read_bytes()


@pytest.mark.rule("SAM-3", "RET-8")
def test_a_phrase_that_cannot_be_one_stays_typed(proving: Proving, browser_as: Browser) -> None:
    """Too long, or with what nobody can see; and an empty one takes the phrase away."""
    anna = english(browser_as(proving.month.centre.anna))
    for wrong in ("x" * 201, "een\x07bel"):
        answer = anna.post("/my-draws/phrase", {"phrase": wrong})
        assert answer.status_code == 422
        assert 'id="error-summary"' in answer.text
        assert wrong in answer.text
    assert anna.post("/my-draws/phrase", {"phrase": "<b>'; é漢"}).status_code == 303
    assert "&lt;b&gt;" in anna.get("/my-draws/phrase").text
    assert anna.post("/my-draws/phrase", {"phrase": ""}).status_code == 303
    assert "You have no phrase" in anna.get("/my-draws").text


@pytest.mark.rule("REP-4", "ACC-2", "ACC-3", "ACC-6")
def test_nobody_else_reads_an_employees_draw(proving: Proving, browser_as: Browser) -> None:
    """Not the coach, not the officer, no colleague: as if there were none."""
    proving.hold()
    address = f"/my-draws/{proving.draw_of(proving.month.centre.anna).selection_id}"
    for name in ("bob", "coach", "lead", "manager", "officer", "administrator", "council"):
        browser = browser_as(getattr(proving.month.centre, name))
        assert browser.get(address).status_code == 404, name
        assert browser.get(f"{address}/proof").status_code == 404, name


@pytest.mark.rule("SAM-3", "AGG-4")
@pytest.mark.parametrize("who", ["council", "officer"])
def test_all_draws_without_names(
    proving: Proving, browser_as: Browser, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Numbers, months, pool sizes and verdicts; of fewer than five draws in a month no more than that they
    were fair, and no proof.
    """
    month = proving.month
    month.announce()
    month.go_to(DRAW_DAY)
    for name in ("anna", "bob", "carla"):
        month.add_calls(getattr(month.centre, name), 6)
    month.draw()
    overseer = english(browser_as(getattr(month.centre, who)))
    page = overseer.get("/draws").text
    assert page.count("fair") >= 3
    assert "/proof" not in page
    address = f"/draws/{proving.draw_of(month.centre.anna).selection_id}/proof"
    assert overseer.get(address).status_code == 404
    monkeypatch.setattr(overview, "AT_LEAST", 3)
    page = overseer.get("/draws").text
    assert "November 2026" in page
    assert "16 November" not in page
    assert "Jansen" not in page.split("<main", 1)[1]
    files = re.findall(r'href="(/draws/[0-9a-f]{32}/proof)"', page)
    assert len(files) == 3
    for file in files:
        proof = json.loads(overseer.get(file).data)
        assert verify.check(proof).findings == []
        assert month.centre.anna not in json.dumps(proof)


@pytest.mark.rule("SAM-3")
def test_a_missing_number_is_shown(proving: Proving, browser_as: Browser) -> None:
    """In the middle and at the end: the list says where, the status page counts, an alarm stands."""
    month = proving.hold().month
    council = english(browser_as(month.centre.council))
    assert "Numbers are missing" not in council.get("/draws").text
    remove(month, 2)
    assert "1 draw below number 3 is gone" in council.get("/draws").text
    remove(month, 1)
    assert "2 draws below number 3 are gone" in council.get("/draws").text


@pytest.mark.rule("SAM-3")
def test_what_was_changed_afterwards_is_not_fair(proving: Proving, browser_as: Browser) -> None:
    """A call put into the sample by hand: the employee and the works council see that it does not hold."""
    month = proving.hold().month
    standing = month.samples(month.centre.anna)
    first, draw = standing[0], proving.draw_of(month.centre.anna)
    loser = min(set((draw.pool or "").split()) - {sample.recording_id for sample in standing})
    with month.stores.database.write() as session:
        session.execute(
            update(SampledCall).where(SampledCall.id == first.id).values(recording_id=loser, ticket=bytes(32))
        )
    anna = english(browser_as(month.centre.anna))
    assert "This draw does not hold" in anna.get(f"/my-draws/{draw.selection_id}").text
    assert "not fair" in english(browser_as(month.centre.council)).get("/draws").text


@pytest.mark.rule("SAM-8")
def test_whoever_is_no_employee_any_more_has_no_draws(proving: Proving, browser_as: Browser) -> None:
    """The function gives the page, nothing else does."""
    month = proving.hold().month
    with month.stores.database.write() as session:
        was = FunctionPeriod.person_id == month.centre.anna
        session.execute(update(FunctionPeriod).where(was).values(function="coach", customer_calls=False))
    assert browser_as(month.centre.anna).get("/my-draws").status_code == 404


def remove(month: Month, number: int) -> None:
    """Somebody with the database in their hands."""
    with month.stores.database.write() as session:
        session.execute(delete(SampledCall).where(SampledCall.draw_number == number))
        session.execute(delete(Draw).where(Draw.number == number))
