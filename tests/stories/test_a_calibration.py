"""A calibration with three coaches, in browsers: anna is asked and says yes, each scores alone, they compare
and agree; then she takes her yes back while one of them listens.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.coaching.conftest import month
from tests.coaching.sharing.conftest import LAST, Sharing, sharing
from tests.stories.hands import Ear, Hands, until

__all__ = ["month", "sharing"]
pytestmark = [pytest.mark.browser, pytest.mark.in_part("postgresql")]

COACHES = ("coach", "other_coach", "third")
ITEMS = range(3, 24)
ALIKE = dict.fromkeys((5, 8, 12, 17), "2") | dict.fromkeys((14, 20), "3")
"""Which key all three press at an item: "2" is no, "3" not applicable; at the others yes."""
APART = {"third": {9: "2"}, "other_coach": {10: "3"}}
REMARKS = {"coach": "Vat samen na elke stap.", "other_coach": "Gesloten vragen.", "third": "Goed gedaan."}
AGREED = "Een controlevraag telt als samenvatting."
WHO = ("Anna", "agent-anna")
SOON = 2.0
"""Seconds after which a withdrawn right is no longer heard."""


@pytest.fixture
def desks(sharing: Sharing, seated: Callable[[str], Hands]) -> Callable[[str], Hands]:
    """A browser for each of the centre, and one for the coach who came since."""
    vars(sharing.month.centre)["third"] = sharing.third
    return seated


@pytest.mark.rule("CAL-1", "CAL-3", "RET-4", "REP-9")
def test_a_calibration(sharing: Sharing, desks: Callable[[str], Hands], complaints: list[str]) -> None:
    """From the question to silence: what the coaches agreed is all that stays."""
    coach, anna = desks("coach"), desks("anna")
    session = the_coach_asks(coach, sharing)
    third = desks("third")
    third.visit(session)
    third.reads("De medewerker is gevraagd en heeft nog niet geantwoord.")
    expect(third.page.locator(".kcc-player, #scoring")).to_have_count(0)
    the_employee_says_yes(anna, sharing)

    others = {"coach": coach, "other_coach": desks("other_coach"), "third": third}
    for number, name in enumerate(COACHES):
        scores_alone(others[name], session, name)
        if number < 2:
            sees_nothing_of_the_others(others[name], name)
    for name in COACHES:
        they_compare(others[name], session)
    for name in ("other_coach", "third"):
        assert not [word for word in (*WHO, sharing.id("anna")) if word in others[name].page.content()]
    they_agree(coach, session)
    for reader in (anna, third):
        reader.visit("/criteria")
        reader.reads(AGREED)
        reader.reads_nothing_of("Gesprek ", *REMARKS.values())

    third.visit(session)
    ear = Ear(third)
    ear.open()
    the_employee_takes_it_back(anna, sharing)
    assert until(lambda: ear.silent, 10) <= SOON
    ear.says("Het luisteren is gestopt.")
    assert sharing.sheets() == 0
    for name in COACHES:
        assert others[name].visit(session) == 404
    third.visit("/calibrations")
    third.reads("Er loopt geen sessie", AGREED)
    assert [one for one in complaints if not re.search("4(04|10|22)", one)] == []


def the_coach_asks(coach: Hands, sharing: Sharing) -> str:
    """On the page of the drawn call; gives the session's address."""
    coach.visit(f"/samples/{sharing.sample}")
    coach.follow("Vraag het voor kalibratie of training")
    coach.reads("beslist", "een nee heeft geen gevolgen")
    for name in COACHES:
        box = coach.page.locator(f"input[name=scorers][value='{sharing.id(name)}']")
        coach.to(box)
        coach.press("Space")
        expect(box).to_be_checked()
    until_day = coach.page.get_by_label("Tot en met").or_(coach.page.locator("#ends")).first
    coach.to(until_day)
    until_day.fill(LAST.isoformat())
    coach.submit("Vraag het voor kalibratie")
    coach.reads("De medewerker is gevraagd.", "Nog niemand kan dit gesprek horen", "Anna Jansen")
    return "/calibrations/" + coach.page.url.rsplit("/", 1)[1]


def the_employee_says_yes(anna: Hands, sharing: Sharing) -> None:
    """Told in plain words who asks, who will hear it and until when, before there is anything to press."""
    anna.visit(f"/calls/{sharing.recording}")
    anna.follow("Er wordt gevraagd of dit gesprek voor training of kalibratie mag worden gebruikt")
    anna.reads(
        "Een nee heeft geen gevolgen en geen reden nodig",
        "Het gaat om hoe zij scoren, niet om jou.",
        "Coach Jansen, Other Coach Jansen, Third Jansen",
        "23 november 2026",
    )
    anna.submit("Ja, dit gesprek mag worden gebruikt")
    anna.reads("je zei ja")


def scores_alone(hands: Hands, session: str, name: str) -> None:
    """Hear it, answer all 21 with the keyboard, one remark, and finish."""
    hands.visit(session)
    hands.reads("Je scoort alleen.")
    hands.reads_nothing_of(*[text for who, text in REMARKS.items() if who != name], "Krippendorff")
    if name == "coach":
        hands.reads("Alleen jij ziet dat hier")
    else:
        hands.reads("Je krijgt niet te horen van wie het gesprek is.")
        hands.reads_nothing_of(*WHO)
    hands.to(hands.page.locator("#answer-3"))
    keys = ALIKE | APART.get(name, {})
    for number in ITEMS:
        hands.press(keys.get(number, "1"), "Enter")
    hands.page.locator("[data-item='6'] details[data-remark] summary").press("Enter")
    hands.to(hands.page.locator("#remark-6"))
    hands.type(REMARKS[name])
    expect(hands.page.locator("#saved")).to_contain_text("Opgeslagen", timeout=15_000)
    hands.submit("Mijn formulier afronden")


def sees_nothing_of_the_others(hands: Hands, name: str) -> None:
    """Finished, one waits: who has finished stands there, and nothing of what anybody answered."""
    hands.reads("Je bent klaar.", "Wie er klaar is")
    hands.reads_nothing_of("Krippendorff", "Hoe eens jullie het zijn")
    hands.reads_nothing_of(*[text for who, text in REMARKS.items() if who != name])


def they_compare(hands: Hands, session: str) -> None:
    """The measure in words and figures, and each item's spread drawn, with the figures beside it."""
    hands.visit(session)
    hands.reads("De coaches oordelen gelijk", *REMARKS.values())
    said = hands.page.locator("main").inner_text()
    found = re.search(r"formulier: (\S+) \(tussen (\S+) en (\S+) in 95 van 100 .* uit 3 formulieren", said)
    assert found, said
    alpha, low, high = (float(one.replace(",", ".")) for one in found.groups())
    assert alpha == pytest.approx(by_hand(), abs=0.006)
    assert low < alpha < high
    expect(hands.page.locator("main table svg.kcc-strip")).to_have_count(len(ITEMS))
    nine = row_of(hands, 9)
    assert nine.get_by_role("cell").all_inner_texts()[1:5] == ["2", "1", "0", "33%"]
    assert [float(one.get_attribute("width") or 0) for one in nine.locator("rect").all()] == [78.7, 39.3]
    assert len(row_of(hands, 5).locator("rect").all()) == 1, "all alike: one bar"


def row_of(hands: Hands, number: int) -> Locator:
    """The row of an item in the tables of the comparison."""
    named = hands.page.get_by_role("rowheader", name=re.compile(rf"^{number} "))
    return hands.page.locator("main tr").filter(has=named)


def by_hand() -> float:
    """Krippendorff's alpha of the three forms, by its definition: pairs that differ, over those of chance."""
    units = [[(ALIKE | APART.get(name, {})).get(one, "1") for name in COACHES] for one in ITEMS]
    observed = sum(differing(unit) / 2 for unit in units) / (3 * len(units))
    values = [value for unit in units for value in unit]
    return 1 - observed / (differing(values) / (len(values) * (len(values) - 1)))


def differing(values: list[str]) -> int:
    """How many ordered pairs of them differ."""
    return sum(one != other for one in values for other in values)


def they_agree(coach: Hands, session: str) -> None:
    """Whoever leads writes it down, and may not name whose call it was."""
    coach.visit(session)
    for text, answer in (
        (f"Zoals Anna: {AGREED}", "Laat weg van wie het gesprek was"),
        (AGREED, "staat nu in het kwaliteitsplan, zonder het gesprek"),
    ):
        coach.to(coach.page.locator("#item"))
        coach.page.locator("#item").select_option("6")
        coach.to(coach.page.get_by_label("In het Nederlands"))
        coach.page.get_by_label("In het Nederlands").fill(text)
        coach.submit("Dit vastleggen")
        expect(coach.page.locator("body")).to_contain_text(answer)


def the_employee_takes_it_back(anna: Hands, sharing: Sharing) -> None:
    """One click; the clock of whoever waits for silence runs from here."""
    anna.visit(f"/calls/{sharing.recording}/consent")
    anna.submit("Mijn ja intrekken")
