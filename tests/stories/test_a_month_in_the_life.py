"""A month of an employee and a coach, in browsers with keys alone: from the day that the coach sets, past the
draw, the report and the conversation, to both signatures; and what of it comes back in the next month.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from kcc.clock import Frozen
from kcc.stores import Stores
from tests.centre import Centre
from tests.post import Post
from tests.stories import jobs
from tests.stories.hands import Ear, Hands

pytestmark = [pytest.mark.browser, pytest.mark.in_part("postgresql")]
Desk = Callable[[str], Hands]

DRAW_DAY, TALK_DAY = date(2026, 11, 16), date(2026, 11, 18)
NEXT_DRAW_DAY = date(2026, 12, 15)
"""A Tuesday: the day that the settings name."""
PHRASE, REMARK = "drie blauwe fietsen", "Hier praat je door de beller heen."
VIEWS = {"anna": "Ik vond het een lastig gesprek.", "coach": "Ik hoorde veel geduld."}
SAID = {"conclusions": "De samenvatting kwam laat.", "agreements": "Anna vat na elke stap samen."}
POINT, CHANGED = "Vat na elke stap samen.", "Anna vat na elke stap samen, en Coach luistert mee."


@pytest.fixture
def posting(stores: Stores, centre: Centre, post: Post) -> Stores:
    """The stores with a mail server, when the centre's people are there."""
    assert centre.anna
    return jobs.mailing(stores, post)


@pytest.mark.rule("ANN-1", "ANN-3", "SAM-1", "SAM-3", "SAM-5", "REP-1", "REP-3", "REP-4")
def test_a_month_in_the_life(
    posting: Stores,
    centre: Centre,
    now: Frozen,
    post: Post,
    at_a_desk: Desk,
    tmp_path: Path,
    complaints: list[str],
) -> None:
    """From announcement to sign-off; each step is one person's, and the jobs do what nobody should."""
    coach = at_a_desk("coach")
    the_coach_sets_the_day(coach, centre)
    it_is_announced(posting, post)
    anna = at_a_desk("anna")
    the_employee_sets_a_phrase(anna)

    jobs.go_to(now, DRAW_DAY)
    centre.calls(12)
    assert jobs.run(posting, "draw") == ["1 held, 4 calls, 0 missed, 0 lapsed draws"]
    both_sign_in(anna, coach)
    the_employee_checks_the_draw(anna)
    the_coach_leaves_one_out(coach)
    report = the_coach_scores_one(coach)
    the_proof_tells_it(anna, tmp_path)
    the_employee_reads_the_report(anna, report)
    they_agree_when_to_talk(anna, coach, report)
    both_calendars_know_it(posting, post)

    jobs.go_to(now, TALK_DAY, 10, 45)
    both_sign_in(anna, coach)
    they_write(anna, coach, report)
    they_sign(coach, anna, report)
    a_change_asks_for_both_again(anna, coach, report)
    the_employee_takes_it_along(anna, report)
    assert complaints == []
    the_point_comes_back(posting, centre, now, anna, coach)


def both_sign_in(anna: Hands, coach: Hands) -> None:
    """On another day, at the same desks."""
    anna.sign_in("anna")
    coach.sign_in("coach")


def the_coach_sets_the_day(coach: Hands, centre: Centre) -> None:
    """Of the proposal for both employees the coach changes anna's day, and leaves bob out."""
    coach.follow("Mijn steekproeven")
    coach.follow("De dagen van deze maand plannen")
    coach.fill(f"day-{centre.anna}-1", str(DRAW_DAY))
    coach.fill(f"day-{centre.bob}-1", "")
    coach.submit("Deze dagen vaststellen")
    coach.reads("1 dag is vastgesteld.", "ma 16 nov")


def it_is_announced(posting: Stores, post: Post) -> None:
    """A letter that says nothing but where to read it, with the day for her calendar."""
    assert jobs.run(posting, "notify") == ["1 sent"]
    (letter,) = jobs.letters_to(post, "anna")
    assert "gesprekken" not in post.letters[0]
    (event,) = jobs.entries(letter)
    assert (str(event["summary"]), event.start, event.sequence) == ("Selectie van gesprekken", DRAW_DAY, 0)


def the_employee_sets_a_phrase(anna: Hands) -> None:
    """She reads the day, and mixes in something of her own."""
    anna.reads("Op maandag 16 november 2026", "hoogstens 4 van je gesprekken")
    anna.visit("/my-draws")
    anna.follow("Een zin instellen")
    anna.fill("phrase", PHRASE)
    anna.submit("Opslaan")
    anna.reads(f"“{PHRASE}”", "Er is nog niets getrokken")


def the_employee_checks_the_draw(anna: Hands) -> None:
    """How many, which, and her own browser's verdict."""
    anna.visit("/my-draws")
    anna.follow("Nummer 1, november 2026")
    anna.reads("12 gesprekken in de pot, 4 getrokken", PHRASE, "in de steekproef")
    anna.to(anna.page.get_by_role("button", name="Nagaan in deze browser"))
    anna.press("Enter")
    anna.reads("Deze browser heeft de trekking nagerekend: ze was eerlijk.")


def to_score(coach: Hands, month: str) -> None:
    """Open the first call of a month that waits, of four."""
    coach.visit("/samples")
    waiting = coach.page.get_by_role("table", name="Te beoordelen").get_by_role("row", name=month)
    expect(waiting).to_have_count(4)
    coach.along(waiting.first.get_by_role("link"))


def the_coach_leaves_one_out(coach: Hands) -> None:
    """It was no call of business: another is drawn, and four wait as before."""
    to_score(coach, "nov")
    coach.follow("Dit is geen zakelijk gesprek")
    coach.to(coach.page.get_by_label("Wat is het?"))
    coach.press("ArrowDown")
    coach.submit("Laat dit gesprek weg")
    coach.reads("Het gesprek is uit de steekproef, en het systeem heeft een ander getrokken.")


def the_coach_scores_one(coach: Hands) -> str:
    """The call plays beside the form; a remark keeps its moment; gives the report's address."""
    to_score(coach, "nov")
    Ear(coach).open()
    coach.press("r")
    coach.type(REMARK)
    expect(coach.page.locator("[data-note] [name^=at-]")).to_have_value(re.compile(r"0:0\d"))
    coach.press("Escape")
    fill_in(coach)
    coach.submit("Naar afronden")
    coach.submit("Rond het verslag af")
    coach.reads("Anna Jansen kan het nu lezen", REMARK)
    return coach.path


def fill_in(coach: Hands) -> None:
    """Every item by keys, one of them with no, and a finding; then wait until all of it is kept."""
    coach.to(coach.page.locator("#answer-3"))
    for number in range(3, 24):
        coach.press("2" if number == 6 else "1", "Enter")
    coach.type("Rustige toon.")
    expect(coach.page.locator("#progress-words")).to_have_text("21 van 21")
    expect(coach.page.locator("#saved")).to_contain_text("Opgeslagen", timeout=15_000)


def the_proof_tells_it(anna: Hands, folder: Path) -> None:
    """The page and the file say why one left; one file of Python's standard library checks it."""
    anna.visit("/my-draws")
    anna.follow("Nummer 1, november 2026")
    anna.reads("uit de steekproef: geen zakelijk gesprek", "Deze trekking was eerlijk")
    for name, link in (("proof.json", "Het bewijs downloaden"), ("verify.py", "verify.py")):
        (folder / name).write_bytes(anna.take(link))
    proof = json.loads((folder / "proof.json").read_text())
    assert (proof["phrase"], proof["pool_size"]) == (PHRASE, 12)
    assert [one["left"]["why"] for one in proof["drawn"] if one["left"]] == ["not_representative"]
    told = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "proof.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def the_employee_reads_the_report(anna: Hands, report: str) -> None:
    """With a way to the moment of the remark in her own call."""
    anna.visit("/reports")
    anna.follow("Verslag van maandag 16 november 2026")
    assert anna.path == report
    anna.reads(REMARK, "Rustige toon.", "Luister bij 0:0")


def they_agree_when_to_talk(anna: Hands, coach: Hands, report: str) -> None:
    """The coach proposes, the employee takes it."""
    coach.follow("Naar het coachgesprek")
    for field, text in (("option-1", str(TALK_DAY)), ("time-1", "10:00"), ("where", "Kamer 2.14")):
        coach.fill(field, text)
    coach.submit("Stel voor")
    anna.visit(f"{report}/conversation")
    anna.to(anna.page.locator("#moment-1"))
    anna.press("Space")
    anna.submit("Verstuur je antwoord")
    anna.reads("Het coachgesprek is afgesproken.", "woensdag 18 november 2026, 10:00")


def both_calendars_know_it(posting: Stores, post: Post) -> None:
    """A letter each, without place or content, and the moment for their calendar."""
    jobs.run(posting, "notify")
    for number in ("anna", "coach"):
        (event,) = jobs.entries(jobs.letters_to(post, number)[-1])
        assert str(event["uid"]).startswith("conversation-")
        assert event.start == datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
    assert not any(word in text for text in post.letters for word in ("Kamer 2.14", REMARK, PHRASE))


def they_write(anna: Hands, coach: Hands, report: str) -> None:
    """Each their own view, unseen by the other until it is shared; then together."""
    for who, name, other in ((anna, "anna", "Coach Jansen"), (coach, "coach", "Anna Jansen")):
        who.visit(f"{report}/conversation")
        who.fill("view", VIEWS[name])
        who.submit(f"Deel met {other}")
    coach.reads(VIEWS["anna"])
    for field, text in (*SAID.items(), ("point-1", POINT)):
        coach.fill(field, text)
    coach.send("/conversation/text", "Opslaan")


def they_sign(first: Hands, second: Hands, report: str) -> None:
    """One after the other, what the page shows."""
    for who in (first, second):
        who.visit(f"{report}/conversation")
        who.follow("Lees alles en onderteken")
        who.reads(*VIEWS.values(), POINT)
        who.submit("Onderteken")
    second.reads("Jullie hebben dit verslag allebei ondertekend.")


def a_change_asks_for_both_again(anna: Hands, coach: Hands, report: str) -> None:
    """With a reason; the difference is shown; what both signed before stays to be read."""
    anna.visit(f"{report}/conversation")
    anna.fill("agreements", CHANGED)
    anna.to(anna.page.locator("#reason"))
    anna.type("Dit spraken we ook af.")
    anna.send("/conversation/text", "Opslaan")
    coach.visit(f"{report}/conversation")
    coach.reads("Wat er anders is sinds jullie allebei ondertekenden", "Dit spraken we ook af.")
    expect(coach.page.locator("ins")).to_contain_text("Coach luistert mee")
    they_sign(anna, coach, report)


def the_employee_takes_it_along(anna: Hands, report: str) -> None:
    """A tagged PDF of what was signed last."""
    anna.visit(report)
    paper = PdfReader(BytesIO(anna.take("Neem het verslag mee (pdf)")))
    root = paper.trailer["/Root"]
    assert root["/StructTreeRoot"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("nl")
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    for said in (CHANGED, POINT, REMARK, *VIEWS.values()):
        assert said in text, said


def the_point_comes_back(posting: Stores, centre: Centre, now: Frozen, anna: Hands, coach: Hands) -> None:
    """In December, on a day that the job announced: the next report's conversation begins with it."""
    jobs.go_to(now, date(2026, 12, 3))
    jobs.run(posting, "announce")
    jobs.go_to(now, NEXT_DRAW_DAY)
    centre.calls(4)
    jobs.run(posting, "draw")
    both_sign_in(anna, coach)
    to_score(coach, "dec")
    fill_in(coach)
    coach.submit("Naar afronden")
    coach.submit("Rond het verslag af")
    report = coach.path
    for who in (coach, anna):
        who.visit(f"{report}/conversation")
        who.reads("Punten uit eerdere verslagen", POINT)
