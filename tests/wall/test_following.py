"""What follows from ends and successions reaches the reports, though the page that asks for it may not."""

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import system
from kcc.coaching.model import Report
from kcc.people import assignments, functions
from kcc.people.model import FunctionPeriod
from kcc.scheduler import following
from kcc.stores import Stores
from tests.access.world import World


@pytest.mark.rule("REP-5", "REP-6")
def test_the_webs_own_stores_follow_to_the_end(world: World, stores: Stores, web_stores: Stores) -> None:
    """The web's role alone would find no report, and would call it done."""
    centre, host = world.centre, system("cli")
    with stores.database.write() as session:
        bobs = session.scalars(select(FunctionPeriod.id).where(FunctionPeriod.person_id == centre.bob)).one()
        functions.end(session, host, bobs, clock.today())
        pair = (centre.coach, centre.other_coach)
        assignments.name_successor(session, host, *pair, clock.today(), [centre.anna])
        before = set(session.scalars(select(Report.employee_id)))
    assert {centre.anna, centre.bob} <= before
    assert following.at_once(web_stores)
    with stores.database.read() as session:
        assert session.scalar(select(Report.id).where(Report.employee_id == centre.bob)) is None
        annas = session.scalars(select(Report.coach_id).where(Report.employee_id == centre.anna))
        assert set(annas) == {centre.other_coach}
