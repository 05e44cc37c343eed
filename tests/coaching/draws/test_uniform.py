"""Every call has the same chance, whatever the phrase, the number and the ids; always the same seeds."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcc.coaching import rules
from kcc.coaching.draws import verify

CALLS = [f"{n:032x}" for n in range(20)]
SEEDS = 2000
ALPHA_1_IN_1000 = {19: 43.82, 189: 255.1}
"""The chi-square that one fair lottery in a thousand exceeds, by its degrees of freedom."""


def winners(secret: int, phrase: str, number: int, ids: list[str], count: int = 4) -> list[str]:
    """The lowest tickets of one draw."""
    seed = rules.seed(secret.to_bytes(32, "big"), phrase, str(number))
    return [id_ for _, id_ in rules.order(seed, str(number), ids)[:count]]


def chi_square(counted: Counter[object], outcomes: int, chance: float, draws: int) -> float:
    """How far counts lie from their chance; drawing without putting back narrows them, which is undone."""
    expected = draws * chance
    spread = sum((counted[one] - expected) ** 2 for one in counted) / (expected * (1 - chance))
    missing = (outcomes - len(counted)) * expected / (1 - chance)
    return (spread + missing) * (outcomes - 1) / outcomes


@pytest.mark.rule("SAM-3")
def test_each_call_is_drawn_as_often_as_any_other() -> None:
    """2000 secrets of a chain, 4 of 20 calls: each call, and each as the first, within what chance allows."""
    drawn, first = Counter[object](), Counter[object]()
    for number, secret in enumerate(rules.chain_secrets(bytes(32), SEEDS, 1, SEEDS), 1):
        won = winners(int.from_bytes(secret, "big"), "", number, CALLS)
        drawn.update(won)
        first[won[0]] += 1
    assert chi_square(drawn, 20, 4 / 20, SEEDS) < ALPHA_1_IN_1000[19]
    assert chi_square(first, 20, 1 / 20, SEEDS) < ALPHA_1_IN_1000[19]


@pytest.mark.rule("SAM-3")
def test_no_two_calls_come_up_together_more_often_than_others() -> None:
    """The pairs among the drawn, too."""
    pairs = Counter[object]()
    for secret in range(SEEDS):
        pairs.update(combinations(sorted(winners(secret, "zin", 7, CALLS, 2)), 2))
    assert chi_square(pairs, 190, 1 / 190, SEEDS) < ALPHA_1_IN_1000[189]


@pytest.mark.rule("SAM-3")
@settings(max_examples=12, derandomize=True, deadline=None)
@given(
    phrase=st.text(max_size=200),
    number=st.integers(1, 10**9),
    ids=st.lists(st.text("0123456789abcdef", min_size=1, max_size=32), min_size=8, max_size=8, unique=True),
)
def test_no_phrase_number_or_id_favours_a_call(phrase: str, number: int, ids: list[str]) -> None:
    """Over 300 secrets no call of eight comes up far too often or too seldom (7 degrees, 1 in 10 million)."""
    counted = Counter[object]()
    for secret in range(300):
        counted.update(winners(secret, phrase, number, ids, 2))
    assert chi_square(counted, 8, 2 / 8, 300) < 45.1


@pytest.mark.rule("SAM-3")
@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    secret=st.binary(min_size=32, max_size=32),
    phrase=st.text(max_size=200),
    number=st.integers(1, 10**9),
    ids=st.lists(st.text("0123456789abcdef", min_size=1, max_size=32), max_size=40, unique=True),
)
def test_the_file_that_anybody_runs_computes_the_same(
    secret: bytes, phrase: str, number: int, ids: list[str]
) -> None:
    """verify.py shares no line with the draw: both come to the same tickets and the same root."""
    seed = rules.seed(secret, phrase, str(number))
    proof = {"seed": seed.hex(), "number": number, "pool": ids}
    made = [(ticket.hex(), id_) for ticket, id_ in rules.order(seed, str(number), ids)]
    assert verify.tickets(proof) == made


def test_the_published_example() -> None:
    """The example of docs/draw-proof.md, by the file that anybody runs."""
    seed = bytes(31) + b"\x01"
    lots = rules.order(seed, "2027-W01/emp-7", [f"rec-{n:03}" for n in range(10)])
    assert [id_ for _, id_ in lots[:3]] == ["rec-005", "rec-001", "rec-006"]
    proof = {"seed": seed.hex(), "number": "2027-W01/emp-7", "pool": [f"rec-{n:03}" for n in range(10)]}
    assert [ticket[:8] for ticket, _ in verify.tickets(proof)[:3]] == ["42efa0dc", "4e19bfef", "54622d96"]
