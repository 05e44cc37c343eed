"""What the tests of the criteria share: the team's verbs, said briefly, and browsers of two coaches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from kcc.access.actor import Actor
from kcc.coaching.criteria import editing, publishing, rules
from kcc.coaching.criteria.editing import Draft
from kcc.coaching.criteria.rules import ItemValues
from kcc.coaching.criteria.shape import Wording
from kcc.stores import Stores
from tests.centre import Centre

SOON = date(2026, 12, 1)
"""A day that employees learn of in time: the clock stands at 3 November."""
OWN = ItemValues(
    Wording("gebruik van chat", "use of chat"),
    Wording("Noemt de medewerker de chat?", "Does the employee mention the chat?"),
    Wording(
        "De medewerker wijst op de chat waar dat helpt.", "The employee mentions the chat where it helps."
    ),
)


@dataclass
class Team:
    """The coaches' team, on the quality plan of a small centre."""

    stores: Stores
    centre: Centre

    @property
    def one(self) -> Actor:
        """A coach."""
        return self.centre.actor(self.centre.coach)

    @property
    def two(self) -> Actor:
        """Another coach."""
        return self.centre.actor(self.centre.other_coach)

    def do(self, verb: Callable[..., Any], *more: Any, by: Actor | None = None) -> Any:
        """Run a verb in a transaction of its own."""
        with self.stores.database.write() as session:
            return verb(session, by or self.one, *more)

    def begin(self) -> Draft:
        """Begin the next version, or find it begun."""
        self.do(editing.begin)
        return self.draft()

    def draft(self) -> Draft:
        """The draft as it is now."""
        found = self.do(editing.read)
        assert isinstance(found, Draft)
        return found

    def say(self, number: int, meaning: str, by: Actor | None = None) -> None:
        """Put an item's Dutch interpretation otherwise."""
        item = self.draft().form.items[number]
        values = ItemValues(item.name, item.question, Wording(meaning, item.meaning.en))
        self.do(editing.change_item, number, rules.stamp(item), values, by=by)

    def propose(self, day: date = SOON, by: Actor | None = None) -> None:
        """Put the draft forward as it is."""
        self.do(publishing.propose, self.draft().revision, day, 7, by=by)

    def confirm(self, by: Actor | None = None) -> date:
        """Publish it as the other coach."""
        found = self.do(publishing.confirm, self.draft().revision, 7, by=by or self.two)
        assert isinstance(found, date)
        return found

    def publish(self, day: date = SOON) -> None:
        """A whole version with another text and an item of its own, from draft to published."""
        self.begin()
        self.say(3, f"De medewerker groet zoals afgesproken, vanaf {day}.")
        self.do(editing.add_item, "closing", OWN)
        self.propose(day)
        self.confirm()


@pytest.fixture
def team(stores: Stores, centre: Centre) -> Team:
    """The team on the day before anything is changed."""
    return Team(stores, centre)
