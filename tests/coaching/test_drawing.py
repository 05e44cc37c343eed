"""Draws as they are held: the whole way from an announced date to calls in slots."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from kcc import clock
from kcc.access.actor import system
from kcc.audit import tree
from kcc.audit.model import AuditLine
from kcc.coaching import drawing, freezing, rules, seed_chain
from kcc.coaching.model import Draw, SampledCall, SeedChain, SelectionDate, SlotAllowance
from kcc.errors import Refused, Unavailable
from kcc.notices.model import Notice
from kcc.people.model import FunctionPeriod
from kcc.recordings.model import Recording
from kcc.sections import Limits
from kcc.stores import Stores
from tests.coaching.conftest import DRAW_DAY, Month


@pytest.mark.rule("SAM-1", "SAM-3")
def test_four_calls_are_drawn_by_the_lowest_tickets(drawn: Month) -> None:
    """The four slots hold the four lowest tickets, recomputed here from what the draw published."""
    [draw] = [draw for draw in drawn.draws() if draw.employee_id == drawn.centre.anna]
    assert draw.pool
    assert draw.secret
    seed = rules.seed(draw.secret, "", str(draw.number))
    lowest = rules.order(seed, str(draw.number), draw.pool.split("\n"))[:4]
    samples = drawn.samples(drawn.centre.anna)
    assert [(s.ticket, s.recording_id) for s in samples] == lowest
    assert [s.slot for s in samples] == [1, 2, 3, 4]
    assert {s.month for s in samples} == {date(2026, 11, 1)}


@pytest.mark.rule("SAM-3")
def test_everybody_due_has_a_draw_and_numbers_are_consecutive(drawn: Month) -> None:
    """Also an empty pool is drawn and recorded, with a number like every other."""
    draws = drawn.draws()
    assert [draw.number for draw in draws] == [1, 2, 3]
    assert {draw.employee_id for draw in draws} == {drawn.centre.anna, drawn.centre.bob, drawn.centre.carla}
    sizes = {draw.employee_id: draw.pool_size for draw in draws}
    assert sizes[drawn.centre.bob] == 0
    assert drawn.samples(drawn.centre.bob) == []
    assert all(draw.drawn_at for draw in draws)


@pytest.mark.rule("SAM-3")
def test_the_pool_is_committed_before_the_secret_is_shown(drawn: Month) -> None:
    """The audit tells in this order: the chain's end, the pool's root, and only then the secret."""
    with drawn.stores.database.read() as session:
        bodies = session.scalars(
            select(AuditLine.body).where(AuditLine.action == "draw:run").order_by(AuditLine.id)
        ).all()
        chain = session.scalars(select(SeedChain)).one()
    draws = drawn.draws()
    assert chain.published_end.hex() in bodies[0]
    for draw in draws:
        committed = next(n for n, body in enumerate(bodies) if draw.pool_root.hex() in body)
        revealed = next(n for n, body in enumerate(bodies) if draw.secret.hex() in body)
        assert 0 < committed < revealed
        ids = draw.pool.split("\n") if draw.pool else []
        assert ids == sorted(ids)
        assert tree.root(i.encode() for i in ids) == draw.pool_root
    assert chain.used == len(draws)
    secret = draws[-1].secret
    for _ in draws:
        secret = rules.step(secret)
    assert secret == chain.published_end


def test_running_again_changes_nothing(drawn: Month) -> None:
    """A second run on the same day draws nobody again."""
    before = [s.id for s in drawn.samples(drawn.centre.anna)]
    assert drawn.draw() == drawing.Outcome()
    assert [s.id for s in drawn.samples(drawn.centre.anna)] == before
    assert len(drawn.draws()) == 3


def test_fewer_calls_than_slots(month: Month) -> None:
    """Two calls fill two slots."""
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(month.centre.anna, 2)
    assert month.draw().calls == 2
    assert [s.slot for s in month.samples(month.centre.anna)] == [1, 2]


def told(month: Month, person_id: str) -> list[str]:
    """What somebody was told of draws that were held."""
    query = select(Notice.word, Notice.params).where(Notice.person_id == person_id)
    with month.stores.database.read() as session:
        return sorted(f"{word} {params}" for word, params in session.execute(query) if "drawn" in word)


@pytest.mark.rule("SAM-3", "ANN-3")
def test_employee_and_coach_are_told_once_that_a_draw_was_held(month: Month) -> None:
    """Anna has calls and bob none: both had a draw, and their coach has work from one. Not told before it,
    nor how many calls there were.
    """
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(month.centre.anna, 10)
    assert told(month, month.centre.anna) == []
    month.draw()
    month.draw()
    for employee in (month.centre.anna, month.centre.bob):
        assert told(month, employee) == ["selection.drawn {}"]
    (of_anna,) = told(month, month.centre.coach)
    assert of_anna.startswith("selection.calls_drawn")
    assert "Anna" in of_anna


@pytest.mark.rule("GOV-2")
def test_a_stricter_limit_draws_fewer(month: Month) -> None:
    """With two calls a month, the month has two slots."""
    settings = month.stores.settings.model_copy(update={"limits": Limits(calls_per_month=2)})
    strict = Stores(settings, month.stores.database, month.stores.keys, month.stores.blobs)
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(month.centre.anna, 10)
    assert drawing.run(strict, DRAW_DAY).calls == 2
    with month.stores.database.read() as session:
        assert session.scalar(select(func.max(SlotAllowance.slot))) == 2


@pytest.mark.rule("ANN-1")
def test_no_draw_before_its_day(month: Month) -> None:
    """The day before draws nobody, and a day to come is refused."""
    month.announce()
    month.add_calls(month.centre.anna, 10)
    month.go_to(DRAW_DAY - timedelta(days=1))
    assert month.draw() == drawing.Outcome()
    with pytest.raises(Refused) as refused:
        drawing.run(month.stores, DRAW_DAY)
    assert refused.value.rule == "ANN-1"


def test_a_late_job_draws_in_the_same_month(month: Month) -> None:
    """Nothing ran on the day itself; the first run afterwards draws."""
    month.announce()
    month.go_to(date(2026, 11, 28))
    month.add_calls(month.centre.anna, 10)
    assert month.draw().calls == 4


@pytest.mark.rule("SAM-1")
def test_a_date_of_a_past_month_is_never_drawn(month: Month) -> None:
    """The first run comes in December: November's dates are closed as missed."""
    month.announce()
    month.go_to(date(2026, 12, 1))
    month.add_calls(month.centre.anna, 10)
    outcome = month.draw()
    assert (outcome.missed, outcome.draws, outcome.calls) == (3, 0, 0)
    assert month.draw().missed == 0
    with pytest.raises(Refused):
        drawing.run(month.stores, DRAW_DAY)


@pytest.mark.rule("SAM-8")
def test_whoever_lost_the_customer_calls_is_not_drawn(month: Month) -> None:
    """Announced, then moved to other work before the day: the date lapses."""
    month.announce()
    with month.stores.database.write() as session:
        session.execute(
            update(FunctionPeriod)
            .where(FunctionPeriod.person_id == month.centre.anna)
            .values(ends=DRAW_DAY - timedelta(days=2))
        )
    month.go_to(DRAW_DAY)
    month.add_calls(month.centre.anna, 10)
    outcome = month.draw()
    assert (outcome.lapsed, outcome.draws) == (1, 2)
    assert month.samples(month.centre.anna) == []


def test_a_crash_between_commit_and_reveal_is_picked_up(month: Month) -> None:
    """The next run uses the same number, pool and secret; a call flagged meanwhile is passed over."""
    month.announce()
    month.go_to(DRAW_DAY)
    ids = month.add_calls(month.centre.anna, 10)
    seed_chain.prepare(month.stores, 10)
    with month.stores.database.write() as session:
        freezing.freeze(session, system("draw"), month.stores.settings, DRAW_DAY, 10)
    frozen = month.draws()
    with month.stores.database.write() as session:
        session.execute(update(Recording).where(Recording.id == ids[0]).values(sample_barred=True))
    month.add_calls(month.centre.anna, 5)
    assert month.draw().draws == 3
    drawn = month.draws()
    assert [(d.number, d.pool, d.chain_index) for d in drawn] == [
        (d.number, d.pool, d.chain_index) for d in frozen
    ]
    picked = {s.recording_id for s in month.samples(month.centre.anna)}
    assert len(picked) == 4
    assert picked <= set(ids[1:])


@pytest.mark.rule("SAM-1")
def test_a_draw_finished_only_in_the_next_month_gives_no_calls(month: Month) -> None:
    """The secret is shown, so that the proof is whole, and no slot is filled."""
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(month.centre.anna, 10)
    seed_chain.prepare(month.stores, 10)
    with month.stores.database.write() as session:
        freezing.freeze(session, system("draw"), month.stores.settings, DRAW_DAY, 10)
    month.go_to(date(2026, 12, 1))
    assert month.draw().calls == 0
    assert all(draw.secret for draw in month.draws())


def test_a_lost_chain_stops_only_its_own_draws(month: Month) -> None:
    """Its committed draws are told as lost; the others take their secrets from a new chain."""
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(month.centre.anna, 10)
    seed_chain.prepare(month.stores, 10)
    with month.stores.database.write() as session:
        assert freezing.freeze(session, system("draw"), month.stores.settings, DRAW_DAY, 1) == 1
        chain = session.scalars(select(SeedChain.id)).one()
    month.stores.keys.destroy([chain])
    with pytest.raises(Unavailable, match="1 draws cannot be finished"):
        month.draw()
    assert sorted(bool(draw.secret) for draw in month.draws()) == [False, True, True]
    with month.stores.database.read() as session:
        assert session.scalar(select(func.count()).select_from(SeedChain)) == 2


@pytest.mark.rule("SAM-1", "SAM-3")
def test_two_runners_at_once_draw_once(month: Month) -> None:
    """Nobody has more than four calls, and every date has one draw."""
    month.announce()
    month.go_to(DRAW_DAY)
    for employee in (month.centre.anna, month.centre.bob, month.centre.carla):
        month.add_calls(employee, 20)
    start = Barrier(2)

    def runner() -> int:
        start.wait()
        return drawing.run(month.stores, DRAW_DAY).calls

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(runner) for _ in range(2)]
        assert sum(future.result() for future in running) == 12
    with month.stores.database.read() as session:
        counted = Counter(session.scalars(select(SampledCall.employee_id)))
        assert set(counted.values()) == {4}
        assert session.scalar(select(func.count()).select_from(Draw)) == 3
        assert session.scalar(select(func.count()).select_from(SelectionDate)) == 3


INSERT = text(
    "INSERT INTO sampled_call (id, draw_number, recording_id, employee_id, month, slot, ticket, drawn_at)"
    " SELECT :id, draw_number, :id, employee_id, month, :slot, ticket, drawn_at FROM sampled_call LIMIT 1"
)


@pytest.mark.rule("SAM-1")
@pytest.mark.parametrize("slot", [1, 4, 5])
def test_the_database_itself_refuses_a_fifth_live_call(drawn: Month, slot: int) -> None:
    """Neither an occupied slot nor one beyond the four takes another call, whatever the code would do."""
    with pytest.raises(IntegrityError), drawn.stores.database.write() as session:
        session.execute(INSERT, {"id": "f" * 32, "slot": slot})


@pytest.mark.rule("SAM-1")
def test_the_database_itself_refuses_a_fifth_slot(drawn: Month) -> None:
    """A slot above four needs an exception."""
    statement = text(
        "INSERT INTO slot_allowance (employee_id, month, slot)"
        " SELECT employee_id, month, 5 FROM slot_allowance LIMIT 1"
    )
    with pytest.raises(IntegrityError), drawn.stores.database.write() as session:
        session.execute(statement)


def test_progress_is_told(month: Month) -> None:
    """Whoever waits hears how far it is."""
    month.announce()
    month.go_to(DRAW_DAY)
    told: list[tuple[int, int]] = []
    drawing.run(month.stores, clock.today(), lambda done, whole: told.append((done, whole)))
    assert told == [(3, 3)]
