"""What was and what is, word by word; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: "same", "gone" (it was there) or "new" (it is there now)."""

    kind: str
    text: str


def pieces(before: str, now: str) -> list[Piece]:
    """How one text became the other, in runs of whole words with their spaces."""
    return list(_runs(_WORDS.findall(before), _WORDS.findall(now)))


def _runs(before: list[str], now: list[str]) -> Iterator[Piece]:
    # autojunk would take frequent words of a long text for noise, and call half of it new
    steps = SequenceMatcher(None, before, now, autojunk=False).get_opcodes()
    gone = new = ""
    for place, (tag, i, j, k, m) in enumerate(steps):
        was, is_ = "".join(before[i:j]), "".join(now[k:m])
        between = tag == "equal" and not was.strip() and 0 < place < len(steps) - 1
        if tag != "equal" or between:  # a space between two changed words is no word that stayed
            gone, new = gone + was, new + is_
            continue
        yield from _changed(gone, new)
        gone = new = ""
        yield Piece("same", was)
    yield from _changed(gone, new)


def _changed(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece("gone", gone)
    if new:
        yield Piece("new", new)
