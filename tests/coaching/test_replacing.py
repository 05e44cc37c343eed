"""Calls that leave a sample, and those that come in their place."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Subject
from kcc.audit.model import AuditLine
from kcc.coaching import assessment, drawing, replacing, revealing, rules
from kcc.coaching.model import Draw, Report, SampledCall
from kcc.errors import AccessDenied, Invalid, NotFound
from kcc.recordings.model import Recording
from kcc.sections import Limits
from kcc.stores import Stores
from tests.coaching.conftest import Month


def lots(month: Month) -> list[tuple[bytes, str]]:
    """All tickets of anna's draw, lowest first."""
    with month.stores.database.read() as session:
        return revealing.lots_of(
            session.scalars(select(Draw).where(Draw.employee_id == month.centre.anna)).one()
        )


def reject(month: Month, sample: SampledCall) -> bool:
    """Anna's coach finds a call not representative."""
    return replacing.reject(month.stores, month.coach, sample.id, "private")


def live_slots(month: Month) -> list[int]:
    """The slots in which anna's calls stand."""
    return [s.slot for s in month.samples(month.centre.anna)]


def flag(month: Month, recording_id: str) -> None:
    """Do to a recording what a threat's hold does."""
    with month.stores.database.write() as session:
        session.execute(update(Recording).where(Recording.id == recording_id).values(sample_barred=True))


def replacements(month: Month) -> list[dict[str, Any]]:
    """What the audit says of each replacement."""
    with month.stores.database.read() as session:
        bodies = session.scalars(
            select(AuditLine.body).where(AuditLine.action == "draw:run").order_by(AuditLine.id)
        )
        details = [json.loads(body)["detail"] for body in bodies]
    return [detail for detail in details if detail.get("step") == "replaced"]


@pytest.mark.rule("SAM-5")
def test_the_next_ticket_takes_the_freed_slot(drawn: Month) -> None:
    """The rejected call leaves; the fifth lowest ticket stands in its slot."""
    second = drawn.samples(drawn.centre.anna)[1]
    assert reject(drawn, second)
    samples = drawn.samples(drawn.centre.anna)
    assert [s.slot for s in samples] == [1, 2, 3, 4]
    assert (samples[1].ticket, samples[1].recording_id) == lots(drawn)[4]
    [left] = [s for s in drawn.samples(drawn.centre.anna, live=False) if s.left_at]
    assert (left.id, left.left_reason, left.freed_ordinal) == (second.id, "not_representative", 1)


@pytest.mark.rule("SAM-1", "SAM-5")
def test_a_month_frees_four_slots_and_no_fifth(drawn: Month) -> None:
    """The fifth rejected call leaves too, and nothing takes its place."""
    for expected in (True, True, True, True, False):
        assert reject(drawn, drawn.samples(drawn.centre.anna)[0]) is expected
    assert len(live_slots(drawn)) == 3
    every = drawn.samples(drawn.centre.anna, live=False)
    assert sorted(s.freed_ordinal for s in every if s.freed_ordinal) == [1, 2, 3, 4]
    assert sum(s.left_at is not None for s in every) == 5


def test_no_ticket_left(month: Month) -> None:
    """Of two calls both are rejected: the slots stay free."""
    from tests.coaching.conftest import DRAW_DAY

    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(month.centre.anna, 2)
    month.draw()
    assert not reject(month, month.samples(month.centre.anna)[0])
    assert live_slots(month) == [2]


@pytest.mark.rule("SAM-3", "SAM-6")
def test_skipped_tickets_are_cited_with_their_reason(drawn: Month) -> None:
    """The next tickets belong to a flagged, an erased and a due call: each is named, none is taken."""
    order = lots(drawn)
    flag(drawn, order[4][1])
    with drawn.stores.database.write() as session:
        session.execute(delete(Recording).where(Recording.id == order[5][1]))
        session.execute(update(Recording).where(Recording.id == order[6][1]).values(due_at=clock.now()))
        session.execute(update(Recording).where(Recording.id == order[7][1]).values(state="erasing"))
    assert reject(drawn, drawn.samples(drawn.centre.anna)[3])
    assert drawn.samples(drawn.centre.anna)[3].recording_id == order[8][1]
    [told] = replacements(drawn)
    whys = ("threat", "erased", "due", "not_live")
    assert told["skipped"] == [f"{order[4 + n][0].hex()} {why}" for n, why in enumerate(whys)]
    assert told["tickets"] == [order[8][0].hex()]


@pytest.mark.rule("SAM-6")
def test_a_flagged_call_leaves_the_sample(drawn: Month) -> None:
    """The job replaces it; its unfinished report is destroyed, key and row."""
    sample = drawn.samples(drawn.centre.anna)[0]
    with drawn.stores.database.write() as session:
        draft = assessment.open_report(session, drawn.stores.keys, drawn.coach, sample.id).id
    flag(drawn, sample.recording_id)
    assert drawing.refill_all(drawn.stores) == 1
    with drawn.stores.database.read() as session:
        assert session.get(Report, draft) is None
        left = session.get_one(SampledCall, sample.id)
    assert left.left_reason == "threat"
    assert drawn.stores.keys.holds([draft]) == set()
    assert live_slots(drawn) == [1, 2, 3, 4]
    assert drawing.refill_all(drawn.stores) == 0


@pytest.mark.rule("SAM-6")
def test_a_finished_report_of_a_flagged_call_stays(drawn: Month) -> None:
    """It was monitored: the call leaves without freeing its slot, and the report is kept."""
    sample = drawn.samples(drawn.centre.anna)[0]
    with drawn.stores.database.write() as session:
        report = assessment.open_report(session, drawn.stores.keys, drawn.coach, sample.id)
        report.finished_at = clock.now()
    flag(drawn, sample.recording_id)
    assert drawing.refill_all(drawn.stores) == 0
    assert live_slots(drawn) == [2, 3, 4]
    with drawn.stores.database.read() as session:
        assert session.get(Report, report.id) is not None
        assert session.get_one(SampledCall, sample.id).freed_ordinal is None


@pytest.mark.rule("SAM-6")
def test_a_flag_withdrawn_brings_nothing_back(drawn: Month) -> None:
    """Once it has left, a call never returns to a sample, whatever becomes of its flag."""
    sample = drawn.samples(drawn.centre.anna)[0]
    flag(drawn, sample.recording_id)
    drawing.refill_all(drawn.stores)
    with drawn.stores.database.write() as session:
        session.execute(update(Recording).values(sample_barred=False))
    for _ in range(3):
        reject(drawn, drawn.samples(drawn.centre.anna)[0])
    every = [s.recording_id for s in drawn.samples(drawn.centre.anna, live=False)]
    assert every.count(sample.recording_id) == 1


@pytest.mark.rule("SAM-1")
def test_a_call_erased_before_it_was_scored_is_replaced(drawn: Month) -> None:
    """Gone, or at its deadline: it leaves the sample. A call with a begun report does not."""
    gone, due, begun = drawn.samples(drawn.centre.anna)[:3]
    with drawn.stores.database.write() as session:
        assessment.open_report(session, drawn.stores.keys, drawn.coach, begun.id)
        session.execute(delete(Recording).where(Recording.id.in_([gone.recording_id, begun.recording_id])))
        session.execute(update(Recording).where(Recording.id == due.recording_id).values(due_at=clock.now()))
    assert drawing.refill_all(drawn.stores) == 2
    reasons = {s.id: s.left_reason for s in drawn.samples(drawn.centre.anna, live=False)}
    assert (reasons[gone.id], reasons[due.id], reasons[begun.id]) == ("erased", "erased", None)


@pytest.mark.rule("GOV-2")
def test_a_limit_made_stricter_refills_no_more(drawn: Month) -> None:
    """Four were drawn; with a limit of three the freed slot stays empty."""
    settings = drawn.stores.settings.model_copy(update={"limits": Limits(calls_per_month=3)})
    strict = Stores(settings, drawn.stores.database, drawn.stores.keys, drawn.stores.blobs)
    first, second = drawn.samples(drawn.centre.anna)[:2]
    assert not replacing.reject(strict, drawn.coach, first.id, "private")
    assert replacing.reject(strict, drawn.coach, second.id, "private")
    assert len(live_slots(drawn)) == 3


@pytest.mark.rule("SAM-3", "ACC-2")
def test_only_the_coach_rejects_and_only_for_a_known_reason(drawn: Month) -> None:
    """Nobody picks: no other profile can, and a reason is one of the list."""
    sample = drawn.samples(drawn.centre.anna)[0]
    for name in ("anna", "other_coach", "lead", "administrator"):
        with pytest.raises(AccessDenied):
            replacing.reject(
                drawn.stores, drawn.centre.actor(getattr(drawn.centre, name)), sample.id, "private"
            )
    with pytest.raises(Invalid):
        replacing.reject(drawn.stores, drawn.coach, sample.id, "did not like it")
    with pytest.raises(NotFound):
        replacing.reject(drawn.stores, drawn.coach, "nothing", "private")
    assert reject(drawn, sample)
    with pytest.raises(AccessDenied):
        reject(drawn, sample)


def test_a_crash_after_the_discard_is_finished_by_the_job(drawn: Month) -> None:
    """The draft was taken away, the process died before its key went: the job destroys it."""
    sample = drawn.samples(drawn.centre.anna)[0]
    with drawn.stores.database.write() as session:
        draft = assessment.open_report(session, drawn.stores.keys, drawn.coach, sample.id).id
    with drawn.stores.database.write() as session:
        permit = policy.permit(system("draw"), Action.DRAW_RUN, Subject("sample", sample.id))
        replacing.leave(session, permit, replacing.locked(session, sample.id), rules.Left.THREAT)
    assert drawn.stores.keys.holds([draft]) == {draft}
    drawing.refill_all(drawn.stores)
    assert drawn.stores.keys.holds([draft]) == set()


def test_the_reason_stands_in_the_audit(drawn: Month) -> None:
    """Which of the reasons the coach gave is on record."""
    sample = drawn.samples(drawn.centre.anna)[0]
    reject(drawn, sample)
    drawn.now.move(timedelta(minutes=1))
    with drawn.stores.database.read() as session:
        body = session.scalars(select(AuditLine.body).where(AuditLine.action == "sample:reject")).one()
    assert json.loads(body)["detail"]["code"] == "private"
