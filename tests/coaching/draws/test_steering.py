"""After the pool is fixed neither coach nor administrator nor clock can steer a draw: what they do has no
effect, or is found.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from kcc import clock
from kcc.access.actor import system
from kcc.audit import tree
from kcc.audit.model import AuditLine
from kcc.coaching import freezing, rules, seed_chain
from kcc.coaching.draws import phrases, proofs
from kcc.coaching.model import Draw, SeedChain, SelectionDate
from kcc.recordings.model import Line, Recording
from tests.coaching.conftest import DRAW_DAY, Month
from tests.coaching.draws.conftest import Proving

OLD, NEW = "drie blauwe fietsen", "vier rode stoelen"
Deed = Callable[[Proving], object]


@pytest.fixture
def fixed(proving: Proving) -> Proving:
    """Anna's pool of ten calls is fixed, with her phrase; the secret is not shown yet."""
    proving.say(proving.month.anna, OLD)
    month = proving.month
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(month.centre.anna, 10)
    seed_chain.prepare(month.stores, 10)
    with month.stores.database.write() as session:
        freezing.freeze(session, system("draw"), month.stores.settings, DRAW_DAY, 10)
    return proving


def expected(fixed: Proving) -> list[str]:
    """The four calls that must come up: nobody but who knows the coming secret can know it."""
    draw, stores = fixed.draw_of(fixed.month.centre.anna), fixed.month.stores
    with stores.database.read() as session:
        [secret] = seed_chain.reveal(session, stores.keys, [(draw.chain_id, draw.chain_index)]).values()
    seed = rules.seed(secret, OLD, str(draw.number))
    return [id_ for _, id_ in rules.order(seed, str(draw.number), freezing.pool_of(draw))[:4]]


def _sql(fixed: Proving, *statements: Any) -> None:
    with fixed.month.stores.database.write() as session:
        for statement in statements:
            session.execute(statement)


def _set_back(fixed: Proving) -> None:
    fixed.month.now.move(timedelta(hours=-6))


def _jump(fixed: Proving) -> None:
    fixed.month.now.move(timedelta(days=9))


def _new_chain(fixed: Proving) -> None:
    """A chain that began later gives no secret to a pool that is fixed already."""
    _sql(fixed, update(SeedChain).values(used=SeedChain.length))
    seed_chain.prepare(fixed.month.stores, 10)


WITHOUT_EFFECT: dict[str, Deed] = {
    "the phrase is changed": lambda p: p.say(p.month.anna, NEW),
    "the phrase is taken away": lambda p: p.say(p.month.anna, ""),
    "phrases are tidied up": lambda p: (p.say(p.month.anna, NEW), phrases.forget(p.month.stores)),
    "calls are added": lambda p: p.month.add_calls(p.month.centre.anna, 5),
    "the line becomes another": lambda p: _sql(p, update(Line).values(kind="network")),
    "calls are called private": lambda p: _sql(p, update(Recording).values(nature="private")),
    "calls are given to another": lambda p: _sql(p, update(Recording).values(employee_id=p.month.centre.bob)),
    "the clock goes back": _set_back,
    "the clock jumps": _jump,
    "another chain is opened": _new_chain,
}


@pytest.mark.rule("SAM-3")
@pytest.mark.parametrize("deed", WITHOUT_EFFECT)
def test_what_has_no_effect(fixed: Proving, deed: str) -> None:
    """The same calls come up, and the proof holds."""
    must = expected(fixed)
    WITHOUT_EFFECT[deed](fixed)
    fixed.month.draw()
    assert [s.recording_id for s in fixed.month.samples(fixed.month.centre.anna)] == must
    proof = fixed.proof(fixed.month.centre.anna)
    assert proofs.judge(proof).findings == []
    assert proof["phrase"] == OLD


def _without_a_call(fixed: Proving) -> None:
    """Whoever writes to the database takes the first winner out of the pool, and fits size and root."""
    pool = [
        id_ for id_ in freezing.pool_of(fixed.draw_of(fixed.month.centre.anna)) if id_ != expected(fixed)[0]
    ]
    root = tree.root(id_.encode() for id_ in pool)
    mine = update(Draw).where(Draw.employee_id == fixed.month.centre.anna)
    _sql(fixed, mine.values(pool="\n".join(pool), pool_size=len(pool), pool_root=root))


def _other_secret(fixed: Proving) -> None:
    """Another place in the chain: its secret would give other tickets."""
    mine = update(Draw).where(Draw.employee_id == fixed.month.centre.anna)
    _sql(fixed, mine.values(chain_index=9))


def _other_phrase(fixed: Proving) -> None:
    """The phrase that was set afterwards, put under the draw by hand."""
    fixed.say(fixed.month.anna, NEW)
    with fixed.month.stores.database.read() as session:
        [(id_, _)] = phrases.newest_of(session, [fixed.month.centre.anna]).values()
    _sql(fixed, update(Draw).where(Draw.employee_id == fixed.month.centre.anna).values(phrase_id=id_))


def _other_chain(fixed: Proving) -> None:
    """A chain made to measure, its end as if it had been published."""
    stores = fixed.month.stores
    with stores.database.write() as session:
        chain = SeedChain(published_end=bytes(32), length=10, used=10, created_at=clock.now())
        session.add(chain)
        session.flush()
        chain.published_end = rules.chain_end(stores.keys.create(chain.id), 10)
        draw = session.scalars(select(Draw).where(Draw.employee_id == fixed.month.centre.anna)).one()
        draw.chain_id, draw.chain_index = chain.id, 3


def _line_rewritten(fixed: Proving) -> None:
    """A call less, and the log's line about the pool rewritten after it was signed."""
    fixed.proof_is_signed()
    _without_a_call(fixed)
    draw = fixed.draw_of(fixed.month.centre.anna)
    with fixed.month.stores.database.write() as session:
        about = (AuditLine.subject == f"draw:{draw.number}", AuditLine.action == "draw:run")
        line = session.scalars(select(AuditLine).where(*about)).one()
        body = json.loads(line.body or "")
        body["detail"] |= {"pool_root": draw.pool_root.hex(), "pool_size": draw.pool_size}
        line.body = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


FOUND: dict[str, Deed] = {
    "a call is taken out of the pool": _without_a_call,
    "another secret is taken": _other_secret,
    "another phrase is put under it": _other_phrase,
    "another chain is put under it": _other_chain,
    "the log is rewritten as well": _line_rewritten,
}


@pytest.mark.rule("SAM-3")
@pytest.mark.parametrize("deed", FOUND)
def test_what_is_found(fixed: Proving, deed: str) -> None:
    """With the database in one's hands other calls can be made to come up; the proof does not hold then."""
    FOUND[deed](fixed)
    fixed.month.draw()
    assert proofs.judge(fixed.proof(fixed.month.centre.anna)).findings


@pytest.mark.rule("SAM-3")
def test_no_word_of_a_proof_can_be_changed_unnoticed(fixed: Proving) -> None:
    """Every single value of a proof, changed: found, but for what is signed and for others to check."""
    fixed.month.draw()
    proof = fixed.proof(fixed.month.centre.anna)
    unnoticed = []
    for path, value in leaves(proof):
        other = deepcopy(proof)
        place = other
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = spoilt(value)
        if proofs.judge(other).fair:
            unnoticed.append(".".join(str(name) for name in path if type(name) is str))
    # Who signed is for `kcc audit verify`; the month is for whoever reads it, the lines have their moments;
    # by which id a call stands in which slot says nothing of how it came there.
    signed = {"lines.kcc-audit-line", "lines.origin", "lines.key", "lines.checkpoint"}
    assert set(unnoticed) <= signed | {"month", "drawn.sample", "drawn.slot"}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value that holds no others, with the way to it; of the long pool the first alone."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in items:
            yield from leaves(inner, (*path, name))
    else:
        yield path, value


def spoilt(value: Any) -> Any:
    """Something else of the same kind."""
    if isinstance(value, bool) or value is None:
        return "x"
    if isinstance(value, int):
        return value + 1
    middle = len(value) // 3
    return value[:middle] + ("0" if value[middle : middle + 1] != "0" else "1") + value[middle + 1 :]


@pytest.mark.rule("SAM-3")
def test_a_draw_cannot_be_repeated(fixed: Proving) -> None:
    """Not for the same date, not with the same secret, not under the same number: the database refuses."""
    month = fixed.month
    draw = fixed.draw_of(month.centre.anna)
    month.draw()
    assert month.draw().draws == 0
    columns = "rule_version, pool_size, pool_root, pool, committed_at"
    again = "INSERT INTO draw (number, selection_id, employee_id, chain_id, chain_index, {0})"
    again += " SELECT {1}, {2}, employee_id, chain_id, {3}, {0} FROM draw WHERE number = :number"
    unused = "(SELECT id FROM selection_date WHERE id NOT IN (SELECT selection_id FROM draw))"
    for number, selection, index in (
        ("number + 90", "selection_id", "chain_index + 90"),
        ("number + 90", unused, "chain_index"),
        ("number", unused, "chain_index + 90"),
    ):
        _another_date(month)
        statement = text(again.format(columns, number, selection, index))
        with pytest.raises(IntegrityError), month.stores.database.write() as session:
            session.execute(statement, {"number": draw.number})
    assert [one.number for one in month.draws()] == [1, 2, 3]


def _another_date(month: Month) -> None:
    with month.stores.database.write() as session:
        session.execute(delete(SelectionDate).where(SelectionDate.ordinal == 2))
        session.add(
            SelectionDate(
                employee_id=month.centre.anna,
                month=rules.month_of(DRAW_DAY),
                ordinal=2,
                day=DRAW_DAY,
                announced_at=clock.now(),
            )
        )
