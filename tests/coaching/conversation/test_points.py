"""Points for improvement: agreed by both signing, carried over until closed, and gone with their report."""

import pytest
from sqlalchemy import func, select, update

from kcc import clock
from kcc.coaching import erasure
from kcc.coaching.conversation.model import (
    Conversation,
    ConversationText,
    ImprovementPoint,
    ReportSignature,
    SignedVersion,
)
from kcc.coaching.model import Report
from tests.coaching.conftest import Month
from tests.coaching.conversation.conftest import SAID, Table, finish


@pytest.fixture
def second(table: Table, drawn: Month) -> Table:
    """A later report about the same employee, by the same coach, after the first is signed off."""
    table.sign_off()
    drawn.go_to(clock.today(), 15)
    return finish(drawn, 1)


def test_the_form_suggests_and_both_agree(table: Table) -> None:
    """What the coach noted while scoring is a beginning; no point is agreed before both have signed."""
    assert table.read(table.anna).suggested
    table.write_all()
    table.sign(table.coach)
    with table.month.stores.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ImprovementPoint)) == 0
    table.sign(table.anna)
    with table.month.stores.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ImprovementPoint)) == 1


@pytest.mark.rule("REP-1", "REP-3")
def test_carried_over_until_both_sign_that_it_is_closed(second: Table, drawn: Month) -> None:
    """One of both alone closes nothing; a later version may open it again."""
    for who in (second.anna, second.coach):
        (point,) = second.read(who).earlier
        assert (point.text, point.closed) == (SAID["point-1"], False)
    second.view(second.anna, "Beter.")
    second.view(second.coach, "Zeker.")
    second.write(second.coach, closed=[point.id], point_1="")
    second.sign(second.coach)
    assert not second.read(second.anna).earlier[0].closed
    second.sign(second.anna)
    assert second.read(second.anna).earlier[0].closed
    drawn.go_to(clock.today(), 16)
    third = finish(drawn, 2)
    assert third.read(third.anna).earlier == []
    second.write(second.anna, 1, closed=[], point_1="", reason="Toch nog niet.")
    second.sign(second.anna)
    second.sign(second.coach)
    assert [one.text for one in third.read(third.anna).earlier] == [SAID["point-1"]]


def test_a_point_taken_out_by_a_later_version_goes_no_further(table: Table, drawn: Month) -> None:
    """And put back it stands again."""
    table.sign_off()
    drawn.go_to(clock.today(), 15)
    later = finish(drawn, 1)
    for said, shown in (("", []), ("Weer terug.", ["Weer terug."])):
        revision = table.read(table.anna).revision
        table.write(table.anna, revision, point_1=said, reason="Anders afgesproken.")
        table.sign(table.anna)
        table.sign(table.coach)
        assert [one.text for one in later.read(later.anna).earlier] == shown


@pytest.mark.rule("REP-6")
def test_the_successor_keeps_them(second: Table) -> None:
    """Another coach sees none of the points before the reports have passed on; then all, and signs."""
    centre, stores = second.month.centre, second.month.stores
    with stores.database.write() as session:
        session.execute(
            update(Report).where(Report.id == second.report_id).values(coach_id=centre.other_coach)
        )
    assert second.read(second.anna).earlier == []
    with stores.database.write() as session:
        session.execute(update(Report).values(coach_id=centre.other_coach))
    assert [point.text for point in second.read(second.anna).earlier] == [SAID["point-1"]]


@pytest.mark.rule("REP-5", "RET-8")
def test_gone_with_their_report(second: Table) -> None:
    """All that hangs on the first report is erased; what the second closed stays closed, and readable."""
    stores = second.month.stores
    first = second.read(second.anna).earlier[0].report_id
    second.view(second.anna, "Beter.")
    second.view(second.coach, "Zeker.")
    second.write(second.coach, closed=[second.read(second.coach).earlier[0].id])
    second.sign(second.coach)
    second.sign(second.anna)
    erasure.discard(stores, second.report_id, "test")
    with stores.database.read() as session:
        (point,) = session.scalars(select(ImprovementPoint))
        assert (point.report_id, point.closed_in_id) == (first, None)
        assert point.closed_at is not None
    erasure.discard(stores, first, "test")
    with stores.database.read() as session:
        for model in (Conversation, ConversationText, SignedVersion, ReportSignature, ImprovementPoint):
            assert session.scalar(select(func.count()).select_from(model)) == 0, model
    assert stores.keys.holds([first, second.report_id]) == set()


@pytest.mark.rule("REP-5")
def test_an_earlier_report_erased_between_both_signatures(second: Table) -> None:
    """Both signed the same words; a point that has gone is closed by nobody, and stops nothing."""
    point = second.read(second.coach).earlier[0]
    second.view(second.anna, "Beter.")
    second.view(second.coach, "Zeker.")
    second.write(second.coach, closed=[point.id])
    second.sign(second.coach)
    erasure.discard(second.month.stores, point.report_id, "test")
    assert second.sign(second.anna)
