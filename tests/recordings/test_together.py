"""Sharing one piece of work: each asker gets its own answer or its own exception, and nobody is forgotten."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from kcc.recordings.together import Together


def test_those_who_come_meanwhile_are_served_at_once() -> None:
    batches: list[int] = []

    def double(asked: Sequence[int]) -> list[int | BaseException]:
        batches.append(len(asked))
        time.sleep(0.05)
        return [2 * number for number in asked]

    together = Together[int, int](double)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(together.ask, range(8))) == [2 * number for number in range(8)]
    assert sum(batches) == 8
    assert len(batches) < 8


def test_an_exception_among_the_answers_is_for_its_asker_alone() -> None:
    gate = threading.Barrier(4)

    def picky(asked: Sequence[int]) -> list[int | BaseException]:
        return [ValueError(number) if number == 2 else number for number in asked]

    together = Together[int, int](picky)

    def ask(number: int) -> int | str:
        gate.wait()
        try:
            return together.ask(number)
        except ValueError as fault:
            return f"refused {fault}"

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == [0, 1, "refused 2", 3]


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
def test_what_the_work_raises_all_get_and_the_next_are_served(fault: type[BaseException]) -> None:
    fails = [True]

    def failing(asked: Sequence[int]) -> list[int | BaseException]:
        if fails[0]:
            raise fault
        return list(asked)

    together = Together[int, int](failing)
    with pytest.raises(fault):
        together.ask(1)
    fails[0] = False
    assert together.ask(2) == 2


def test_an_answer_too_few_is_noticed() -> None:
    with pytest.raises(ValueError, match="zip"):
        Together[int, int](lambda _: []).ask(1)
