"""The way of a summary behind the second wall: each step by the web's own role, and no other by plain SQL."""

from datetime import date, timedelta
from typing import Any

import pytest

from kcc.clock import Frozen
from kcc.stores import Stores
from tests.access.world import World
from tests.coaching.progress.finished import ALL_YES, reports
from tests.coaching.summaries.conftest import TEXT, Cycle, article
from tests.conftest import Client
from tests.wall import raw


@pytest.mark.rule("REP-10", "ACC-3")
def test_a_summary_goes_its_way(app: Any, world: World, stores: Stores, now: Frozen) -> None:
    """Written, given, taken back, given, read, passed on, replaced; the other pages open, too."""
    centre, day = world.centre, date(2026, 11, 2)
    wanted = [(centre.anna, centre.coach, day - timedelta(weeks=n), dict(ALL_YES), 1) for n in range(5)]
    reports(stores, wanted)
    cycle = Cycle(stores, centre, now, lambda person: Client(app, stores).sign_in(person))
    url = cycle.given()
    assert cycle.coach.post(f"{url}/take-back").status_code == 303
    assert cycle.coach.post(f"{url}/give").status_code == 303
    with raw.within(raw.engine_of(stores), raw.token_of(stores, centre.lead)) as connection:
        assert raw.tried(connection, "SELECT * FROM appraisal_summary") == 0
        assert raw.tried(connection, "UPDATE appraisal_summary SET passed_at = now()") == 0
    assert cycle.lead.get(url).status_code == 404
    assert cycle.anna.get(url).status_code == 200
    assert cycle.anna.post(f"{url}/pass", {"revision": "1", "view": "Mee eens."}).status_code == 303
    assert TEXT in article(cycle.lead.get(url).text)
    now.move(timedelta(minutes=1))
    newer = cycle.passed()
    assert cycle.lead.get(url).status_code == 404
    assert cycle.lead.get(newer).status_code == 200
    thrown = cycle.begun()
    assert cycle.coach.post(f"{thrown}/discard").status_code == 303
    for browser in (cycle.coach, cycle.anna, cycle.lead):
        assert browser.get("/summaries").status_code == 200
    assert "6 afgeronde verslagen" in cycle.anna.get("/my-progress").text
    assert cycle.coach.get(f"/progress/{centre.anna}").status_code == 200
    assert cycle.coach.get("/centre").status_code == 200
