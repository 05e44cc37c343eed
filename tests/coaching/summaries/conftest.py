"""What the tests of summaries share: five monitored calls of anna, and the way of a summary."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from kcc.clock import Frozen
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.stores import Stores
from tests.centre import Centre
from tests.coaching.progress.finished import ALL_YES, reports
from tests.conftest import Client

REMARK = "Je liet de klant rustig uitpraten over de verhuizing naar Almelo."
PERIOD = {"since": "2026-01-01", "until": "2026-11-03"}
TEXT = "Anna luistert goed en vat goed samen. Doorvragen vraagt nog aandacht."


@dataclass
class Cycle:
    """A cycle's story, told through browsers."""

    stores: Stores
    centre: Centre
    now: Frozen
    browsers: Callable[[str], Client]

    def __post_init__(self) -> None:
        self.coach = self.browsers(self.centre.coach)
        self.anna = self.browsers(self.centre.anna)
        self.lead = self.browsers(self.centre.lead)

    def begin(self, coach: Client | None = None, **said: str) -> TestResponse:
        """Ask for a draft about anna."""
        url = f"/summaries/about/{self.centre.anna}/new"
        return (coach or self.coach).post(url, {**PERIOD, **said})

    def begun(self) -> str:
        """A draft's address."""
        return self.begin().headers["Location"]

    def written(self, text: str = TEXT) -> str:
        """The address of a summary with a text of the coach's."""
        url = self.begun()
        assert self.coach.post(url, {"revision": "0", "text": text}).status_code == 303
        return url

    def given(self) -> str:
        """One that the employee has."""
        url = self.written()
        assert self.coach.post(f"{url}/give").status_code == 303
        return url

    def passed(self, view: str = "") -> str:
        """One that the team lead has."""
        url = self.given()
        assert self.anna.get(url).status_code == 200
        assert self.anna.post(f"{url}/pass", {"revision": "1", "view": view}).status_code == 303
        return url

    def rows(self) -> list[AppraisalSummary]:
        """All that is stored."""
        with self.stores.database.read() as session:
            return list(session.scalars(select(AppraisalSummary).order_by(AppraisalSummary.id)))


@pytest.fixture
def cycle(stores: Stores, centre: Centre, now: Frozen, browser_as: Callable[[str], Client]) -> Cycle:
    """Anna has five finished reports by her coach, of the last five weeks."""
    day = date(2026, 11, 2)
    said = {**ALL_YES, "answer-5": "no", "remark-6": REMARK, "point-1": "Vraag door naar het doel."}
    reports(
        stores,
        [(centre.anna, centre.coach, day - timedelta(weeks=n), said, 1) for n in range(5)],
    )
    return Cycle(stores, centre, now, browser_as)


def article(page: str) -> str:
    """What a page says of the summary itself."""
    found = re.search(r'<article class="kcc-summary">.*?</article>', page, re.DOTALL)
    assert found, page
    return found.group()
