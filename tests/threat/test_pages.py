"""The page of a threat over HTTP, for its employee and their team lead, and the page of counts."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from kcc import clock
from kcc.clock import Frozen
from kcc.threat.incidents import Told
from kcc.threat.model import ThreatTally
from tests.conftest import Client
from tests.threat.case import ACCOUNT, Case

As = Callable[[str], Client]
pytestmark = pytest.mark.in_part("postgresql")


def text(page: str) -> str:
    """The words of a page, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.rule("THR-2", "ACC-3", "RET-3")
def test_from_a_proposal_to_the_settlement(case: Case, browser_as: As) -> None:
    """Each sees what waits for them; the team lead sees neither the words nor a call."""
    case.centre.call()
    (recording,) = case.recordings()
    threat = case.report(recording, told=Told(marks={recording: "0:05-0:10"}, wishes_contact=True))
    anna, lead = browser_as(case.centre.anna), browser_as(case.centre.lead)
    page = text(anna.get(f"/threats/{threat}").text)
    assert ACCOUNT in page
    assert "0:05–0:10" in page
    seen = lead.get(f"/threats/{threat}").text
    for secret in (ACCOUNT, recording, "0:05", "/calls/"):
        assert secret not in seen, secret
    assert "Kom graag bij me langs" in text(seen)
    plan = {"measure": "talk", "owner": case.centre.lead, "due": clock.today().isoformat(), "plan": "Bellen."}
    assert lead.post(f"/threats/{threat}/measures", plan).status_code == 303
    page = anna.get(f"/threats/{threat}").text
    assert "Bellen." in page
    (confirm,) = re.findall(r'action="(/measures/\w+/confirm)"', page)
    assert anna.post(confirm).status_code == 303
    assert lead.post(f"/threats/{threat}/settle").status_code == 409
    close = confirm.replace("confirm", "close")
    empty = lead.post(close, {"outcome": " "})
    assert empty.status_code == 422
    assert "Schrijf het in een paar woorden." in empty.text
    assert lead.post(close, {"outcome": "Excuses."}).status_code == 303
    assert anna.post(f"/threats/{threat}/settle").status_code == 303
    assert "De ander zegt dat het is afgehandeld" in text(lead.get(f"/threats/{threat}").text)
    assert lead.post(f"/threats/{threat}/settle").status_code == 303
    assert lead.get(f"/threats/{threat}").status_code == 404
    assert anna.get(f"/calls/{recording}").status_code == 200, "its 28 days are not over"


@pytest.mark.rule("THR-3")
def test_what_is_typed_wrong_stays(case: Case, browser_as: As) -> None:
    case.centre.call()
    threat = case.report(case.recordings()[0])
    lead = browser_as(case.centre.lead)
    answer = lead.post(f"/threats/{threat}/measures", {"measure": "deny", "owner": "x", "plan": "Zo <b>."})
    assert answer.status_code == 422
    assert "Zo &lt;b&gt;." in answer.text
    assert 'value="deny" selected' in answer.text
    assert browser_as(case.centre.coach).get(f"/threats/{threat}").status_code == 404


@pytest.mark.rule("THR-1", "SAM-6")
def test_several_calls_are_reported_and_taken_back_on_the_page(case: Case, browser_as: As) -> None:
    for hours in (3, 2):
        case.centre.call(start=clock.now() - timedelta(hours=hours))
    first, second = case.recordings()
    anna = browser_as(case.centre.anna)
    assert "Andere gesprekken van jou met dezelfde beller" in anna.get(f"/calls/{first}/threat").text
    said = {"kind": "verbal", "account": ACCOUNT, "also": second, f"marks-{second}": "0:07", "contact": "1"}
    assert anna.post(f"/calls/{first}/threat", {**said, f"marks-{second}": "9:07"}).status_code == 422
    assert anna.post(f"/calls/{first}/threat", said).status_code == 303
    page = anna.get(f"/calls/{second}/threat").text
    (address,) = set(re.findall(r'href="(/threats/\w+)"', page))
    assert text(anna.get(address).text).count("Gesprek van") == 2
    assert anna.post(f"{address}/withdraw").status_code == 303
    page = text(anna.get(f"/calls/{first}").text)
    assert "Gemeld als bedreiging" not in page
    assert anna.get(address).status_code == 404


@pytest.mark.rule("AGG-4")
def test_the_counts_page_tells_no_small_number(case: Case, browser_as: As, now: Frozen) -> None:
    manager = browser_as(case.centre.manager)
    assert "Er zijn nog geen cijfers" in manager.get("/threats/counts").text
    with case.stores.database.write() as session:
        for kind, number in (("verbal", 12), ("threat", 3)):
            session.add(ThreatTally(quarter=date(2026, 7, 1), word=f"incident:{kind}", count=number))
    page = text(manager.get("/threats/counts").text)
    assert "Kwartaal 3 van 2026" in page
    assert "verbale agressie 12" in page
    assert "bedreiging niet vermeld" in page
    assert "15" not in page
    assert now.at == clock.now()
