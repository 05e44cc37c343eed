"""A second opinion behind the second wall, from the question to the conclusion, in the role of the web."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from kcc.coaching.opinions.model import SecondOpinion
from kcc.stores import Stores
from tests.access.world import COMPLETE, World
from tests.conftest import Client


@pytest.mark.rule("REP-8", "REP-4")
def test_a_second_opinion_goes_its_way_behind_the_wall(
    world: World, stores: Stores, browser_as: Callable[[str], Client]
) -> None:
    """Withdrawn, asked anew, taken, scored, compared by all three, concluded by two."""
    centre = world.centre
    anna, coach, other = (browser_as(getattr(centre, name)) for name in ("anna", "coach", "other_coach"))
    report = f"/reports/{world.ids['report.finished']}"
    assert anna.post(f"/opinions/{world.ids['opinion.taken']}/withdraw").status_code == 303
    assert stores.keys.holds([world.ids["opinion.taken"]]) == set()
    assert anna.post(f"{report}/second-opinion", {"why": "Was dit gelijk?"}).status_code == 303
    with stores.database.read() as session:
        mine = SecondOpinion.report_id == world.ids["report.finished"]
        asked = select(SecondOpinion.id).where(mine, SecondOpinion.ended_at.is_(None))
        url = f"/opinions/{session.scalars(asked).one()}"
    assert other.get(report).status_code == 404
    assert other.post(f"{url}/take").status_code == 303
    assert other.post(f"{url}/listen").status_code == 303
    answers = {field: text for field, text in COMPLETE.items() if field.startswith("answer-")}
    assert other.post(url, {"revision": "0", **answers}).status_code == 303
    assert other.post(f"{url}/finish", {"revision": "1"}).status_code == 303
    for browser in (anna, coach, other):
        assert browser.get(f"{url}/compared").status_code == 200
    assert "Bekijk beide beoordelingen" in anna.get(report).text
    assert anna.post(f"{url}/conclusion", {"revision": "0", "conclusion": "Goed zo."}).status_code == 303
    assert coach.post(f"{url}/confirm", {"revision": "1"}).status_code == 303
    assert anna.post(f"{url}/confirm", {"revision": "1"}).status_code == 303
    assert other.get(f"{url}/compared").status_code == 404
    assert "Goed zo." in coach.get(f"{url}/compared").text
