"""One's own development as a page: alone, with its interval, and for nobody else but the coach."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.coaching import quality_plan
from kcc.coaching.model import Report
from kcc.coaching.progress import own, reading
from kcc.coaching.progress.rules import Scored
from kcc.people.model import CoachAssignment
from kcc.stores import Stores
from tests.centre import Centre
from tests.coaching.progress.finished import ALL_YES, reports
from tests.conftest import Client

pytestmark = pytest.mark.in_part("postgresql")

Browser = Callable[[str], Client]
DAY = date(2026, 11, 2)
STRANGERS = ("bob", "other_coach", "lead", "other_lead", "manager", "officer", "administrator", "council")


def write(stores: Stores, centre: Centre, number: int, **said: str) -> None:
    """So many reports about anna, a week apart, back from yesterday."""
    draft = {**ALL_YES, **{name.replace("_", "-"): text for name, text in said.items()}}
    wanted = [(centre.anna, centre.coach, DAY - timedelta(weeks=n), draft, 1) for n in range(number)]
    reports(stores, wanted)


@pytest.mark.parametrize("number", [0, 1, 3, 200])
def test_it_is_shown_from_none_to_many(
    stores: Stores, centre: Centre, browser_as: Browser, number: int
) -> None:
    """Nothing yet, a single call with its long bar, and four years of which the chart shows two."""
    if number:
        write(stores, centre, number, answer_5="no", answer_6="na")
    page = browser_as(centre.anna).get("/my-progress")
    assert page.status_code == 200
    assert page.text.count('<svg class="kcc-chart"') == (0 if not number else 6 + 20)
    if not number:
        assert "Er is nog niets te zien" in page.text
        return
    assert f"{number} afgerond" in page.text
    assert "Was nog in geen enkel gesprek van toepassing." in page.text
    if number == 1:
        assert "21–100%" in page.text
        assert "marges overlappen" not in page.text
    if number == 200:
        opening = page.text.split('<section class="kcc-phase"')[1].split("<details")[0]
        assert opening.count("<circle") == 8
        assert len(re.findall(r"K\d 20\d\d", opening)) == 16


@pytest.mark.rule("REP-4", "AGG-4", "ACC-3", "REP-9")
def test_nobody_else_sees_it_and_nobody_else_is_in_it(
    stores: Stores, centre: Centre, browser_as: Browser
) -> None:
    """Another's calls move nothing; only anna and the coach who holds the reports come in."""
    write(stores, centre, 3)
    anna = browser_as(centre.anna)
    before = _main(anna.get("/my-progress").text)
    reports(stores, [(centre.bob, centre.coach, DAY, {"answer-5": "no"}, 1)])
    assert _main(anna.get("/my-progress").text) == before
    assert "Bob" not in before
    assert browser_as(centre.coach).get(f"/progress/{centre.anna}").status_code == 200
    for other in STRANGERS:
        answer = browser_as(getattr(centre, other)).get(f"/progress/{centre.anna}")
        assert answer.status_code == 404, other
    for other in ("coach", "lead", "manager", "administrator"):
        assert browser_as(getattr(centre, other)).get("/my-progress").status_code == 404, other


@pytest.mark.rule("REP-4", "REP-6")
def test_a_coach_sees_the_reports_that_are_theirs(
    stores: Stores, centre: Centre, browser_as: Browser
) -> None:
    """Not those of another coach, and none any more once somebody else coaches."""
    write(stores, centre, 2)
    reports(stores, [(centre.anna, centre.other_coach, DAY, {"answer-5": "no"}, 1)])
    coach = browser_as(centre.coach)
    assert "2 afgeronde verslagen" in coach.get(f"/progress/{centre.anna}").text
    assert "3 afgeronde verslagen" in browser_as(centre.anna).get("/my-progress").text
    with stores.database.write() as session:
        ended = update(CoachAssignment).where(CoachAssignment.employee_id == centre.anna)
        session.execute(ended.values(ends=DAY))
    assert coach.get(f"/progress/{centre.anna}").status_code == 404


def test_what_is_unfinished_or_being_erased_is_not_in_it(
    stores: Stores, centre: Centre, browser_as: Browser
) -> None:
    """Nor is a report whose key has just gone."""
    write(stores, centre, 4)
    with stores.database.write() as session:
        ids = list(session.scalars(select(Report.id).order_by(Report.finished_at)))
        session.execute(update(Report).where(Report.id == ids[0]).values(content=b""))
        session.execute(update(Report).where(Report.id == ids[1]).values(finished_at=None))
    stores.keys.destroy([ids[2]])
    assert "1 afgerond verslag," in browser_as(centre.anna).get("/my-progress").text


@pytest.mark.rule("REP-2")
def test_versions_of_the_form_stand_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two versions are two developments, the newer first; nothing is added up over both."""
    first = quality_plan.annex()
    forms = {1: first, 2: replace(first, version=2, phases=first.phases[:2])}
    monkeypatch.setattr(reading, "form", lambda _, version: forms[version])
    found = own.by_form(Session(), [Scored("anna", version, DAY, dict(ALL_YES)) for version in (1, 2, 2)])
    assert [(one.form.version, one.calls) for one in found] == [(2, 2), (1, 1)]
    assert [point.calls for one in found for point in one.phases[-1].points] == [2, 1]


@pytest.mark.rule("ACC-5")
def test_it_is_one_reading_in_the_log_and_kept_nowhere(
    stores: Stores, centre: Centre, browser_as: Browser, now: Frozen
) -> None:
    """With the number of reports, about the employee; a reading changes no report."""
    write(stores, centre, 5)
    browser_as(centre.coach).get(f"/progress/{centre.anna}")
    with stores.database.read() as session:
        (line,) = session.scalars(select(AuditLine).where(AuditLine.action == "progress:read"))
        assert all(at is None for at in session.scalars(select(Report.read_at)))
    assert line.about_id == centre.anna
    assert '"reports":5' in (line.body or "")
    assert now.at


def test_in_english_with_the_way_from_the_reports(
    stores: Stores, centre: Centre, browser_as: Browser
) -> None:
    write(stores, centre, 1)
    anna = browser_as(centre.anna)
    anna.flask.set_cookie("language", "en")
    assert 'href="/my-progress"' in anna.get("/reports").text
    page = anna.get("/my-progress").text
    assert "My development" in page
    assert "Q4 2026" in page
    assert ">Q4<" in page


def _main(page: str) -> str:
    return page.split("<main")[1].split("</main")[0]
