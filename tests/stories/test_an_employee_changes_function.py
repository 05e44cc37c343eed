"""An employee changes function in the middle of everything, in browsers: what was written about them dies on
that day, for whoever reads it and on the disk; an added task is no such change, an import may be wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, func, select, text, update

from kcc import clock
from kcc.access.actor import system
from kcc.coaching import assessment, exceptions
from kcc.coaching.calibration import convening, scoring
from kcc.coaching.calibration.model import CalibrationSheet
from kcc.coaching.conversation.model import ConversationText, ImprovementPoint, SignedVersion
from kcc.coaching.conversation.paper import pdf
from kcc.coaching.draws import phrases
from kcc.coaching.draws.model import DrawPhrase
from kcc.coaching.exceptions import Wanted
from kcc.coaching.model import Report
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.planned.model import QuotaException
from kcc.coaching.planned.rules import ExceptionReason
from kcc.notices.model import Notice
from kcc.people import directory
from kcc.people.model import FunctionPeriod, Person
from kcc.scheduler import notifying
from kcc.scheduler.timetable import timetable
from kcc.vault.keyrows import keys
from tests.access.world import COMPLETE
from tests.coaching.conftest import DRAW_DAY, Month, month
from tests.coaching.conversation.conftest import SAID, VIEWS, Table
from tests.post import Post, mail_to, with_settings
from tests.stories.hands import Hands

__all__ = ["month"]
pytestmark = [pytest.mark.browser, pytest.mark.in_part("postgresql")]
Desk = Callable[[str], Hands]

NEW_DAY = DRAW_DAY + timedelta(days=1)
FINDING, REMARK, WHY, SECOND, SHEET, PHRASE, EXPLAINED = (
    "Vraag naar het doel, merk 5101.",
    "Hier bleef het lang stil, merk 5102.",
    "Een ander vond dit goed, merk 5103.",
    "Dit was juist helder, merk 5104.",
    "Twijfel over dit item, merk 5105.",
    "drie groene bussen 5106",
    "Begint aan een nieuw onderwerp, merk 5107.",
)
PHRASES = (FINDING, REMARK, WHY, SECOND, SHEET, PHRASE, EXPLAINED, *SAID.values(), *VIEWS.values())
"""Everything that anybody wrote about anna, and what she wrote herself."""
TEXTS = (
    Report.content,
    ConversationText.content,
    SignedVersion.content,
    ImprovementPoint.content,
    SecondOpinion.content,
    SecondOpinion.why,
    CalibrationSheet.content,
    DrawPhrase.content,
    QuotaException.explanation,
)
KEYED = (Report.id, SecondOpinion.id, DrawPhrase.id, QuotaException.id)
"""Whose ids are those of keys."""
NEW_FILE = """
[[people]]
number = "anna"
name = "Anna Jansen"
[[people.functions]]
function = "employee"
team = "red"
customer_calls = true
begins = 2024-01-01
ends = {ends}
"""


@dataclass
class House:
    """The centre with a report about anna and all that hangs on it, its files, and its mail server."""

    month: Month
    post: Post
    folder: Path
    report: str
    samples: list[str]

    def files(self) -> bytes:
        """What lies on the disk: key store, blobs, and the database of either engine; and what was mailed."""
        url, folders = self.month.stores.database.engine.url, [self.folder]
        if url.get_backend_name() == "postgresql":
            engine = create_engine(url, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("CHECKPOINT"))  # what is in memory only is not left out
                folders.append(Path(connection.scalar(text("SHOW data_directory"))))
            engine.dispose()
        found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
        return b"".join([path.read_bytes() for path in found] + [bytes(one) for one in self.post.sent])

    def sealed(self) -> list[bytes]:
        """All texts about anna as the database keeps them: a part that no compression breaks up."""
        with self.month.stores.database.read() as session:
            rows = [one for column in TEXTS for one in session.scalars(select(column)) if one]
        return [bytes(one)[:64] for one in rows]

    def keys(self) -> list[tuple[str, bytes]]:
        """The keys of those texts, id and wrapped, as the key store's file has them."""
        with self.month.stores.database.read() as session:
            ids = {one for column in KEYED for one in session.scalars(select(column))}
        engine = create_engine(self.month.stores.settings.keystore.url)
        with engine.connect() as connection:
            rows = connection.execute(select(keys).where(keys.c.key_id.in_(ids))).all()
        engine.dispose()
        assert {row.key_id for row in rows} == ids
        return [(row.key_id, bytes(row.wrapped)) for row in rows]

    def letters(self) -> int:
        """Send what waits to be sent; gives how many letters went."""
        return notifying.write_letters(
            with_settings(self.month.stores, mail=mail_to(self.post, "beheer@example.org"))
        ).sent

    def endings(self) -> str:
        """Run the job that does what follows from the ends of functions; gives its account."""
        (job,) = [job for job in timetable(self.month.stores.settings.scheduler) if job.name == "endings"]
        return job.work(self.month.stores)


@pytest.fixture
def house(month: Month, post: Post, tmp_path: Path) -> House:
    """On the day of the draw: one report finished and its conversation signed, three drawn calls open."""
    centre, stores = month.centre, month.stores
    with stores.database.write() as session:
        session.execute(update(Person).values(email=Person.number + "@example.org"))
        phrases.choose(session, stores.keys, month.anna, PHRASE)
        wanted = Wanted(ExceptionReason.NEW_SUBJECT, EXPLAINED, 5, clock.today(), NEW_DAY)
        exceptions.make(session, stores.keys, month.coach, stores.settings, centre.anna, wanted)
    month.announce()
    month.go_to(DRAW_DAY)
    centre.calls(4)
    month.draw()
    samples = [one.id for one in month.samples(centre.anna)]
    with stores.database.write() as session:
        coach = month.coach
        report = assessment.open_report(session, stores.keys, coach, samples[0])
        said = COMPLETE | {"finding-well": FINDING}
        assessment.save(session, stores.keys, coach, report.id, 0, said)
        assessment.finish(session, stores.keys, coach, report.id, 1)
    Table(month, report.id).sign_off()
    return House(month, post, tmp_path, report.id, samples)


@pytest.mark.rule("REP-5", "RET-8", "SAM-8", "CAL-1", "REP-8")
def test_on_the_planned_day_all_of_it_is_gone(house: House, seated: Desk) -> None:
    """An added task changes nothing; all goes on until the day; then every way is shut, every text gone."""
    administrator = seated("administrator")
    a_task_is_added(administrator, house)
    anna, coach, second = seated("anna"), seated("coach"), seated("other_coach")
    opinion = everybody_is_busy(house, anna, coach, second)
    the_change_is_planned(administrator, house)
    assert anna.visit(f"/reports/{house.report}") == 200
    anna.visit("/notices")
    anna.reads("Dan worden je verslagen gewist; tot die dag kun je ze lezen.")
    assert house.letters() > 0
    before, key_rows = house.sealed(), house.keys()
    there = house.files()
    assert len(before) >= len(TEXTS)
    assert all(one in there for one in before), "the search finds what is there"
    assert all(wrapped in there for _, wrapped in key_rows)

    house.month.go_to(NEW_DAY, hour=0)
    coach, second = seated("coach"), seated("other_coach")
    nobody_reaches_it(house, coach, second, opinion)
    assert house.endings() == "1 ends followed, 2 reports erased, 0 successions"
    nobody_reaches_it(house, coach, second, opinion)
    anna = seated("anna")
    assert anna.visit(f"/reports/{house.report}") == 404
    anna.visit("/notices")
    anna.reads("Je verslagen zijn gewist, omdat je functie medewerker is geëindigd. Aantal: 2.")
    second.visit("/notices")
    second.reads("De second opinion van", "die je op je nam, is beëindigd, omdat het verslag wordt gewist.")
    assert house.letters() > 0
    nothing_is_left(house, before, key_rows)


def a_task_is_added(administrator: Hands, house: House) -> None:
    """The works council beside her work: no change of function, and nothing is asked or erased."""
    administrator.visit(f"/people/{house.month.centre.anna}")
    administrator.follow("Functie toevoegen")
    administrator.to(administrator.page.locator("#function"))
    administrator.page.locator("#function").select_option("works_council")
    administrator.submit("Opslaan")
    expect(administrator.page.locator("body")).to_contain_text("De functie is ingeschreven.")
    assert house.endings() == "0 ends followed, 0 reports erased, 0 successions"
    assert len(house.month.samples(house.month.centre.anna)) == 4


def everybody_is_busy(house: House, anna: Hands, coach: Hands, second: Hands) -> str:
    """A half-scored call, a second opinion begun, a consent, a paper copy; gives the opinion's address."""
    coach.visit(f"/samples/{house.samples[1]}")
    coach.to(coach.page.locator("#answer-3"))
    for _ in range(8):
        coach.press("1", "Enter")
    remark(coach, REMARK)
    anna.visit(f"/reports/{house.report}")
    if pdf.available():
        with anna.page.expect_download() as waiting:
            anna.page.get_by_role("link", name="Neem het verslag mee (pdf)").press("Enter")
        assert waiting.value.path().read_bytes().startswith(b"%PDF-")
    anna.follow("Vraag een second opinion")
    anna.to(anna.page.get_by_label("Waarom vraag je het?"))
    anna.type(WHY)
    anna.submit("Vraag een second opinion")

    second.visit("/opinions")
    take = second.page.locator("main form button").first
    second.to(take)
    with second.page.expect_navigation():
        second.press("Enter")
    opinion = second.page.url.partition("/opinions/")[2]
    remark(second, SECOND)
    the_call_is_shared(house, anna)
    return f"/opinions/{opinion}"


def remark(hands: Hands, said: str) -> None:
    """Write a remark on item 5, and wait until it is kept."""
    hands.page.locator("[data-item='5'] details[data-remark] summary").press("Enter")
    hands.to(hands.page.locator("#remark-5"))
    hands.type(said)
    expect(hands.page.locator("#saved")).to_contain_text("Opgeslagen", timeout=15_000)


def the_call_is_shared(house: House, anna: Hands) -> None:
    """Anna is asked for a call, says yes, and a coach has begun to score it."""
    stores, centre = house.month.stores, house.month.centre
    two = [centre.coach, centre.other_coach]
    with stores.database.write() as session:
        held = convening.ask(session, house.month.coach, house.samples[2], two, NEW_DAY).id
    recording = house.month.samples(centre.anna)[2].recording_id
    anna.visit(f"/calls/{recording}/consent")
    anna.submit("Ja, dit gesprek mag worden gebruikt")
    with stores.database.write() as session:
        scorer = centre.actor(centre.other_coach)
        scoring.save(session, stores.keys, scorer, held, 0, {"answer-3": "yes", "remark-3": SHEET})


def the_change_is_planned(administrator: Hands, house: House) -> None:
    """She becomes a coach tomorrow; what follows is said in counts, and asked once."""
    anna = house.month.centre.anna
    with house.month.stores.database.read() as session:
        which = select(FunctionPeriod.id).where(FunctionPeriod.person_id == anna)
        period = session.scalars(which.where(FunctionPeriod.function == "employee")).one()
    administrator.visit(f"/people/{anna}/functions/{period}/change")
    page = administrator.page
    administrator.to(page.locator("#function"))
    page.locator("#function").select_option("coach")
    page.locator("#team").select_option("")
    administrator.to(page.locator("#customer_calls"))
    administrator.press("Space")
    page.locator("#begins").fill(NEW_DAY.isoformat())
    administrator.submit("Opslaan")
    administrator.reads(
        "1 afgerond verslag wordt meteen gewist en is niet terug te halen (REP-5).",
        "1 onaf verslag wordt gewist.",
        "3 getrokken gesprekken verdwijnen uit de steekproef",
        "1 second opinion die nog niet klaar is, wordt beëindigd.",
    )
    administrator.reads_nothing_of(*PHRASES)
    administrator.to(page.locator("#understood"))
    administrator.press("Space")
    administrator.submit("Opslaan")
    expect(page.locator("body")).to_contain_text("De wijziging is ingeschreven.")


def nobody_reaches_it(house: House, coach: Hands, second: Hands, opinion: str) -> None:
    """Before anything is erased and after: no report, no half a form, no opinion, no shared call."""
    for address in (f"/reports/{house.report}", *(f"/samples/{one}" for one in house.samples)):
        assert coach.visit(address) == 404, address
    coach.visit("/samples")
    coach.reads_nothing_of("Anna Jansen")
    assert second.visit(opinion) == 404
    second.visit("/calibrations")
    for hands in (coach, second):
        hands.reads_nothing_of("Anna Jansen")


def nothing_is_left(house: House, before: list[bytes], key_rows: list[tuple[str, bytes]]) -> None:
    """No row, no key, no word in file or letter; where the engine overwrites, not even what was sealed."""
    stores, anna = house.month.stores, house.month.centre.anna
    with stores.database.read() as session:
        for model in (Report, ConversationText, SignedVersion, ImprovementPoint, SecondOpinion):
            assert session.scalar(select(func.count()).select_from(model)) == 0, model
        assert session.scalar(select(func.count()).select_from(CalibrationSheet)) == 0
        said = session.scalars(select(Notice.word).where(Notice.about_id == anna)).all()
    assert {word for word in said if word.partition(".")[0] in ("reports", "opinion", "consent")} == set()
    left = house.month.samples(anna, live=False)
    assert {one.left_reason for one in left} == {"function"}
    assert {one.freed_ordinal for one in left} == {None}
    assert house.month.draw().calls == 0
    assert stores.keys.holds([id_ for id_, _ in key_rows]) == set()
    files = house.files()
    assert b"Anna Jansen" in files, "the search finds what is there"
    assert [one for one in PHRASES if one.encode() in files] == []
    assert not any(wrapped in files for _, wrapped in key_rows)
    if stores.database.engine.dialect.name == "sqlite":
        assert not any(one in files for one in before)
    for letter in house.post.letters:
        assert not [one for one in (*PHRASES, "Anna", house.report) if one in letter.partition("\n\n")[2]]


@pytest.mark.rule("REP-5")
def test_what_came_by_import_waits_for_a_person(house: House, seated: Desk, tmp_path: Path) -> None:
    """Access is over at once, nothing is erased: a mistake is undone, and what is right goes then."""
    administrator = seated("administrator")
    a_task_is_added(administrator, house)
    an_import_says_so(house, tmp_path)
    anna = seated("anna")
    assert anna.visit(f"/reports/{house.report}") == 404
    anna.visit("/notices")
    anna.reads("Een import of het adresboek heeft je functie medewerker beëindigd", "23 november 2026")
    answers(administrator, "Het was een vergissing", "De functie loopt door.")
    anna = seated("anna")
    assert anna.visit(f"/reports/{house.report}") == 200
    anna.reads(FINDING)
    assert len(house.month.samples(house.month.centre.anna)) == 4

    an_import_says_so(house, tmp_path)
    house.month.go_to(DRAW_DAY + timedelta(days=6), hour=23)
    assert house.endings() == "0 ends followed, 0 reports erased, 0 successions"
    assert seated("coach").visit(f"/reports/{house.report}") == 404
    before, key_rows = house.sealed(), house.keys()
    answers(seated("administrator"), "Het klopt", "Wat eruit volgt gebeurt nu.")
    nothing_is_left(house, before, key_rows)


def an_import_says_so(house: House, folder: Path) -> None:
    """A file from elsewhere ends her function as of today; what follows waits."""
    file = folder / "people.toml"
    file.write_text(NEW_FILE.format(ends=clock.today().isoformat()))
    with house.month.stores.database.write() as session:
        directory.import_file(session, system("people import"), file)
    file.unlink()
    assert house.endings() == "0 ends followed, 0 reports erased, 0 successions"


def answers(administrator: Hands, button: str, said: str) -> None:
    """The administrator finds the question on the page of people, and answers it on hers."""
    administrator.visit("/people")
    administrator.reads("wacht het einde van een functie op bevestiging")
    administrator.follow("Anna Jansen")
    administrator.reads("Een einde wacht op je bevestiging")
    administrator.submit(button)
    expect(administrator.page.locator("body")).to_contain_text(said)
