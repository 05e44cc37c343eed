"""What the tests of proofs share: a held draw, its proof, and the log signed."""

from dataclasses import dataclass
from typing import Any

import pytest

from kcc.access.actor import Actor
from kcc.coaching.draws import phrases, proofs, queries
from kcc.coaching.model import Draw
from kcc.scheduler import auditing
from tests.coaching.conftest import DRAW_DAY, Month


@dataclass
class Proving:
    """Verbs for telling what a proof says."""

    month: Month

    def say(self, actor: Actor, text: str) -> None:
        """Set somebody's phrase."""
        with self.month.stores.database.write() as session:
            phrases.choose(session, self.month.stores.keys, actor, text)

    def draw_of(self, employee_id: str) -> Draw:
        """The one draw of an employee."""
        [draw] = [draw for draw in self.month.draws() if draw.employee_id == employee_id]
        return draw

    def proof(self, employee_id: str, *, bare: bool = False) -> dict[str, Any]:
        """The proof of the employee's draw as it stands now, with all lines signed."""
        stores = self.month.stores
        auditing.checkpoint(stores)
        with stores.database.read() as session:
            dated = queries.held(session, self.draw_of(employee_id).selection_id)
            found = proofs.gather(session, stores.keys, [dated[0]])
            return proofs.bare(found, dated) if bare else proofs.whole(found, dated)

    def proof_is_signed(self) -> None:
        """Let everything that the log says so far be numbered and signed."""
        auditing.checkpoint(self.month.stores)

    def hold(self, calls: int = 10) -> "Proving":
        """Announce, go to the day, give anna so many calls and draw."""
        self.month.announce()
        self.month.go_to(DRAW_DAY)
        self.month.add_calls(self.month.centre.anna, calls)
        self.month.draw()
        return self


@pytest.fixture
def proving(month: Month) -> Proving:
    """Nothing has been announced yet."""
    return Proving(month)
