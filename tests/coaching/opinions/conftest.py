"""What the tests of second opinions share: a finished report of anna's, and everybody at a browser."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from kcc.coaching.model import Report
from kcc.coaching.opinions.model import SecondOpinion
from kcc.notices import queries as notices
from tests.coaching.conftest import DRAW_DAY, Month
from tests.conftest import Client

FIRST = {f"answer-{number}": "yes" for number in range(3, 24)} | {
    "answer-5": "no",
    "remark-5": "Vraag door naar het doel.",
    "answer-15": "na",
    "finding-well": "Rustige toon.",
    "point-1": "Stel open vragen.",
}
SECOND = {f"answer-{number}": "yes" for number in range(3, 24)} | {"remark-6": "Vat goed samen."}
SECRETS = ("Vraag door naar het doel.", "Rustige toon.", "Stel open vragen.")
"""What only the first coach wrote."""


@dataclass
class Case:
    """Verbs for telling the story of one report and the second opinion on it."""

    month: Month
    browser_as: Callable[[str], Client]
    browsers: dict[str, Client] = field(default_factory=dict)

    def at(self, name: str) -> Client:
        """Somebody's browser."""
        if name not in self.browsers:
            self.browsers[name] = self.browser_as(getattr(self.month.centre, name))
        return self.browsers[name]

    def again(self) -> None:
        """Everybody signs in anew: much time went by."""
        self.browsers.clear()

    def report(self) -> str:
        """Anna's coach scores her drawn call and finishes; the report's address."""
        sample = f"/samples/{self.month.samples(self.month.centre.anna)[0].id}"
        coach = self.at("coach")
        assert coach.post(sample, {"revision": "0", **FIRST}).status_code == 303
        return str(coach.post(f"{sample}/finish", {"revision": "1"}).headers["Location"])

    @property
    def row(self) -> SecondOpinion:
        """The newest second opinion, as it is kept."""
        with self.month.stores.database.read() as session:
            newest = select(SecondOpinion).order_by(SecondOpinion.ended_at.is_not(None))
            return session.scalars(newest).first()  # type: ignore[return-value]

    @property
    def url(self) -> str:
        """Its address."""
        return f"/opinions/{self.row.id}"

    @property
    def report_url(self) -> str:
        """The report's address."""
        with self.month.stores.database.read() as session:
            return f"/reports/{session.scalars(select(Report.id)).one()}"

    def ask(self, why: str = "") -> int:
        """Anna asks; the answer's status."""
        answer = self.at("anna").post(f"{self.report_url}/second-opinion", {"why": why})
        return int(answer.status_code)

    def take(self, who: str = "other_coach") -> int:
        """Somebody takes it; the answer's status."""
        return int(self.at(who).post(f"{self.url}/take").status_code)

    def score(self, who: str = "other_coach", **more: str) -> None:
        """Whoever took it fills in the whole form and finishes."""
        second = self.at(who)
        revision = str(self.row.revision)
        assert second.post(self.url, {"revision": revision, **SECOND, **more}).status_code == 303
        done = second.post(f"{self.url}/finish", {"revision": str(self.row.revision)})
        assert done.status_code == 303, done.text

    def told(self, name: str) -> set[str]:
        """The words of what somebody was told."""
        with self.month.stores.database.read() as session:
            found, _ = notices.of_person(session, getattr(self.month.centre, name))
        return {one.word for one in found}


def main_of(page: str) -> str:
    """The part of a page between its frame, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1].split("</main>")[0]).split())


@pytest.fixture
def case(month: Month, browser_as: Callable[[str], Client]) -> Case:
    """Anna has one finished report about a call that can be heard for four weeks yet."""
    month.announce()
    month.go_to(DRAW_DAY)
    month.centre.call("anna", seconds=30)
    month.draw()
    made = Case(month, browser_as)
    made.report()
    return made
