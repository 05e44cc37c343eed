"""What the checker finds in a text, in both languages, and what it lets pass (REP-10)."""

import pytest

from kcc.coaching.summaries import traces
from kcc.coaching.summaries.traces import Why

FOUND = [
    ("Op 3-11-2026 ging het goed", "3-11-2026", Why.DATE),
    ("Op 3/11 ging het goed", "3/11", Why.DATE),
    ("Zie 2026-11-03", "2026-11-03", Why.DATE),
    ("Het was 3 november", "3 november", Why.DATE),
    ("Het was de 3e maart", "3e maart", Why.DATE),
    ("It was March 12th then", "March 12th", Why.DATE),
    ("It was 12 May", "12 May", Why.DATE),
    ("Halverwege, in mei, werd het beter", "in mei", Why.DATE),
    ("Sinds september gaat het beter", "september", Why.DATE),
    ("Dat was op dinsdagmiddag", "dinsdagmiddag", Why.DATE),
    ("On Tuesday it was better", "Tuesday", Why.DATE),
    ("Gisteren ging het beter", "Gisteren", Why.DATE),
    ("Het ging vorige week mis", "vorige week", Why.DATE),
    ("It went wrong last month", "last month", Why.DATE),
    ("Vooral in week 43", "week 43", Why.DATE),
    ("In 2025 ging het goed", "2025", Why.DATE),
    ("Het was om 14:05 uur", "14:05 uur", Why.TIME),
    ("Het was om 3 uur", "3 uur", Why.TIME),
    ("Het was half drie", "half drie", Why.TIME),
    ("It was half past three", "half past three", Why.TIME),
    ("It was 3 pm by then", "3 pm", Why.TIME),
    ("De klant belde met 06-12345678", "06-12345678", Why.TELEPHONE),
    ("The caller had +31 20 123 45 67", "+31 20 123 45 67", Why.TELEPHONE),
    ("Zaak 1234567 bleef liggen", "1234567", Why.NUMBER),
    ("Zie 0f3a9c21 in het systeem", "0f3a9c21", Why.NUMBER),
    ("Mail naar jan@voorbeeld.nl", "jan@voorbeeld.nl", Why.NUMBER),
    ("Gesprek 12 was goed", "Gesprek 12", Why.NUMBER),
    ("Item 5 gaat goed", "Item 5", Why.SCORE),
    ("In 4 van de 5 keer", "4 van de 5", Why.SCORE),
    ("Het ging 80% goed", "80%", Why.SCORE),
    ("Een score van 7", "score van 7", Why.SCORE),
    ("In het laatste gesprek ging het goed", "het laatste gesprek", Why.ONE_CALL),
    ("In één gesprek ging het mis", "één gesprek", Why.ONE_CALL),
    ("In the first call it went well", "the first call", Why.ONE_CALL),
    ("This call was hard", "This call", Why.ONE_CALL),
    ("De heer van der Berg was boos", "De heer van der Berg", Why.NAME),
    ("Mrs. Smith was angry", "Mrs. Smith", Why.NAME),
    ('Je zei "ik kan niets doen" tegen de klant', '"ik kan niets doen"', Why.QUOTE),
    ("Je liet, de KLANT; rustig uitpraten", "Je liet, de KLANT; rustig uitpraten", Why.QUOTE),
]
REMARK = "Goed gedaan: je liet de klant rustig uitpraten over de verhuizing."
CLEAN = (
    "Aanvang: dit gaat meestal goed. Sterk: de juiste openingszin, aandacht voor de klant.",
    "Anna mag vaker doorvragen. Zij vat goed samen en blijft rustig, ook bij een boze meneer aan de lijn.",
    "She may ask more questions; over the year she has become calmer. It may help to summarise.",
    "Je gebruikt de juiste systemen en laat de klant uitpraten.",
    "Eén op de vijf is dit niet; twee, drie of vier woorden: «goed zo».",
    "",
    "e" * 4000,
)


@pytest.mark.rule("REP-10", "GOV-4")
@pytest.mark.parametrize(("text", "words", "why"), FOUND, ids=[text for text, _, _ in FOUND])
def test_a_trace_is_pointed_at_with_its_reason(text: str, words: str, why: Why) -> None:
    (found,) = traces.find(text, [REMARK])
    assert (found.words, found.why) == (words, why)
    assert text[found.start : found.start + len(words)] == words


@pytest.mark.parametrize("text", CLEAN)
def test_general_terms_pass(text: str) -> None:
    assert traces.find(text, [REMARK]) == []


def test_four_words_of_a_report_are_no_quote_and_five_are() -> None:
    assert traces.find("Rustig uitpraten over de", [REMARK]) == []
    (found,) = traces.find("Ook: rustig uitpraten over de verhuizing, en meer.", [REMARK])
    assert found.words == "rustig uitpraten over de verhuizing"


def test_several_are_told_in_the_order_of_the_text() -> None:
    """Of what overlaps the longest: a day in a date is told once."""
    found = traces.find("Om 14:05 belde mevrouw Jansen, op dinsdag, over item 5.", [])
    assert [one.why for one in found] == [Why.TIME, Why.NAME, Why.DATE, Why.SCORE]


def test_a_long_text_takes_no_long_time() -> None:
    """Patterns over 4,000 hostile characters come back at once: each is tried once a place."""
    for text in ("1-" * 2000, "0 " * 2000, "a-1" * 1333, "“" * 4000, "een " * 1000, "de heer van " * 333):
        traces.find(text, [text])
