"""Phrases: sealed, used by the draws that were frozen with them, and destroyed once nobody needs them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import system
from kcc.audit.model import AuditLine
from kcc.coaching import freezing, keys, seed_chain
from kcc.coaching.draws import phrases, proofs, queries, term
from kcc.coaching.draws.model import DrawPhrase
from kcc.coaching.draws.overview import Verdict, everybodys, own
from kcc.errors import AccessDenied, Invalid, Refused
from kcc.people import functions
from kcc.people.model import FunctionPeriod
from kcc.scheduler import following
from kcc.timekeeping import guard
from tests.audit.lines import everything
from tests.coaching.conftest import DRAW_DAY, Month
from tests.coaching.draws.conftest import Proving

WORDS = "drie blauwe fietsen"


def rows(month: Month) -> list[DrawPhrase]:
    """All phrases as stored, oldest first."""
    with month.stores.database.read() as session:
        return list(session.scalars(select(DrawPhrase).order_by(DrawPhrase.set_at)))


@pytest.mark.rule("RET-8")
def test_a_phrase_stands_nowhere_in_clear(proving: Proving) -> None:
    """Not in its row, not in the log, also after it was drawn with."""
    proving.say(proving.month.anna, WORDS)
    proving.hold()
    assert WORDS not in str(everything(proving.month.stores))
    with proving.month.stores.database.read() as session:
        assert not [line for line in session.scalars(select(AuditLine.body)) if WORDS in (line or "")]


def test_setting_the_same_twice_is_one(proving: Proving) -> None:
    """Nothing changed, nothing is written; two in one moment stand in their order."""
    month = proving.month
    for words in (WORDS, f" {WORDS} ", "een", "twee", ""):
        proving.say(month.anna, words)
    assert len(rows(month)) == 4
    with month.stores.database.read() as session:
        assert phrases.peek(session, month.stores.keys, month.anna) == phrases.Phrase(
            set_at=rows(month)[-1].set_at
        )


@pytest.mark.parametrize("text", ["x" * 201, "a\nb", "a\x00b", "\ud800"])
def test_what_can_be_no_phrase(text: str) -> None:
    """Too long, on two lines, or with what cannot be shown or stored."""
    with pytest.raises(Invalid) as fault:
        phrases.checked(text)
    assert fault.value.field == "phrase"
    assert phrases.checked("é漢字 – " + "x" * 190)


def test_only_an_employee_has_a_phrase(proving: Proving) -> None:
    """A coach has no draws."""
    with pytest.raises(AccessDenied):
        proving.say(proving.month.coach, WORDS)


@pytest.mark.rule("RET-8")
def test_a_phrase_that_nobody_needs_is_destroyed(proving: Proving) -> None:
    """One that was replaced before any draw took it; the drawn one stays for its proof, until that goes."""
    month = proving.month
    proving.say(month.anna, "de eerste")
    proving.say(month.anna, WORDS)
    first, second = (row.id for row in rows(month))
    assert phrases.forget(month.stores) == 1
    assert month.stores.keys.holds([first, second]) == {second}
    proving.hold()
    proving.say(month.anna, "de derde")
    assert phrases.forget(month.stores) == 0
    assert month.stores.keys.holds([second]) == {second}
    with month.stores.database.read() as session:
        assert {row.id for row in rows(month)} <= keys.known(session, {row.id for row in rows(month)})
    month.now.move(timedelta(days=396))
    assert term.forget(month.stores, guard.trusted(month.stores)) == 3
    assert month.stores.keys.holds([second]) == set()
    assert term.forget(month.stores, clock.now()) == 0
    with month.stores.database.read() as session:
        dated = queries.held(session, proving.draw_of(month.centre.anna).selection_id)
        assert (dated[0].pool, dated[0].phrase_id, dated[0].pool_size) == (None, None, 10)
        found = proofs.gather(session, month.stores.keys, [dated[0]])
        with pytest.raises(Refused):
            proofs.whole(found, dated)
    with month.stores.database.write() as session:
        _, listed, _ = own(session, session, month.stores.keys, month.anna, None)
        assert [one.verdict for one in listed] == [Verdict.GONE]


@pytest.mark.rule("REP-5", "RET-8")
def test_with_the_function_the_phrase_goes(proving: Proving) -> None:
    """The draw stays, its proof without the phrase; whoever oversees still sees that it was fair."""
    month = proving.month
    proving.say(month.anna, WORDS)
    proving.hold()
    [row] = rows(month)
    leave(month)
    assert month.stores.keys.holds([row.id]) == set()
    assert [(one.content, one.digest) for one in rows(month)] == [(b"", None)]
    proof = proving.proof(month.centre.anna)
    assert (proof["phrase"], proof["withheld"]) == (None, ["phrase"])
    assert proofs.judge(proof).findings == []
    officer = month.centre.actor(month.centre.officer)
    with month.stores.database.write() as session:
        page = everybodys(session, session, month.stores.keys, officer, None)
    assert {one.verdict for one in page.draws} == {Verdict.FAIR}


@pytest.mark.rule("REP-5", "SAM-8")
def test_a_function_that_ends_between_the_two_halves(proving: Proving) -> None:
    """The pool is fixed, then the phrase goes: nothing is drawn, and nothing waits for ever."""
    month = proving.month
    proving.say(month.anna, WORDS)
    month.announce()
    month.go_to(DRAW_DAY)
    month.add_calls(month.centre.anna, 10)
    seed_chain.prepare(month.stores, 10)
    with month.stores.database.write() as session:
        freezing.freeze(session, system("draw"), month.stores.settings, DRAW_DAY, 10)
    leave(month)
    assert month.draw().lost == 0
    assert month.samples(month.centre.anna, live=False) == []
    draw = proving.draw_of(month.centre.anna)
    assert (draw.seed, bool(draw.secret)) == (None, True)
    assert proofs.judge(proving.proof(month.centre.anna)).findings == []


def leave(month: Month) -> None:
    """Anna's function ends today, and what follows is done."""
    administrator = month.centre.actor(month.centre.administrator)
    with month.stores.database.write() as session:
        period = session.scalars(
            select(FunctionPeriod).where(FunctionPeriod.person_id == month.centre.anna)
        ).one()
        functions.end(session, administrator, period.id, clock.today())
    following.follow(month.stores)
