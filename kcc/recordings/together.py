"""Doing together what several threads ask for at once, to share a transaction; knows no recordings."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Request(Generic[Asked, Answer]):
    asked: Asked
    answer: Answer | BaseException | None = None
    done: bool = False


class Together(Generic[Asked, Answer]):
    """Whoever comes while another is at work waits, and then works for all that have come meanwhile.

    `work` answers each of the things asked, in their order; an exception among its answers is for that asker
    alone, one that it raises for all of them. A single thread waits for nobody.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Answer | BaseException]]) -> None:
        self._work = work
        self._waiting: list[_Request[Asked, Answer]] = []
        self._door, self._turn = threading.Lock(), threading.Lock()

    def ask(self, asked: Asked) -> Answer:
        """The answer to one thing, or its exception."""
        request: _Request[Asked, Answer] = _Request(asked)
        with self._door:
            self._waiting.append(request)
        with self._turn:
            if not request.done:
                self._serve()
        if isinstance(request.answer, BaseException):
            raise request.answer
        return request.answer  # type: ignore[return-value] # done: it has been answered

    def _serve(self) -> None:
        with self._door:
            batch, self._waiting = self._waiting, []
        try:
            answers = self._work([request.asked for request in batch])
        except BaseException as fault:
            _settle(batch, [fault] * len(batch))
        else:
            _settle(batch, answers)


def _settle(batch: Sequence[_Request[Asked, Answer]], answers: Sequence[Answer | BaseException]) -> None:
    for request, answer in zip(batch, answers, strict=True):
        request.answer, request.done = answer, True
